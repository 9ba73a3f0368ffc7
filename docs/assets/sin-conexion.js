/*
 * Leer sin red: presenta a la página con el trabajador (trabajador.js). Donde no se puede guardar
 * nada, el sitio queda como es. Lo que se ve de lo guardado, en guardado.js.
 */
(() => {
  "use strict";
  const root = new URL("..", document.currentScript.src);
  const named = path => {
    const file = decodeURIComponent(path.slice(root.pathname.length));
    return /(^|\/)$/.test(file) ? `${file}index.html` : file;
  };
  let worker;
  try { worker = navigator.serviceWorker; } catch { /* prohibido */ }
  const say = message => worker.ready.then(({active}) => active.postMessage(message));
  const keeping = window.kvKeeping = {root, named, say, worker: isSecureContext && worker};
  keeping.started = new Promise((resolve, reject) => {
    if (!keeping.worker) return reject();
    const first = !worker.controller;
    const start = () => worker.register(new URL("sw.js", root), {scope: root.pathname}).then(() => {
      say({kv: "here", file: named(location.pathname), first});
      if (matchMedia("(display-mode: standalone)").matches) say({kv: "app"});
      resolve();
    }, reject);
    if (document.readyState === "complete") start();
    else addEventListener("load", start);
    addEventListener("appinstalled", () => say({kv: "app"}));
    worker.addEventListener("message", ({data}) => {
      const meta = data?.kv === "no-search" && document.querySelector(".md-search-result__meta");
      if (meta) meta.textContent = "No hay conexión, y la búsqueda no está guardada: queda guardada con la primera clase que guardes.";
    });
  });
  keeping.started.catch(() => {});
})();
