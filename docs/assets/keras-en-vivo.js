/*
 * Ayudas de lectura. Sin este archivo la página se lee igual. Lo que recuerda, en progreso.js.
 */
(() => {
  "use strict";
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (tag, set, ...children) => {
    const element = Object.assign(document.createElement(tag), set);
    element.append(...children);
    return element;
  };

  // «¿Qué imprime?»: la página ya sabe cuál es; acá se dice y se abre la salida.
  for (const quiz of all(".kv-quiz")) {
    const verdict = quiz.querySelector("[role=status]");
    quiz.addEventListener("change", event => {
      const right = event.target.hasAttribute("data-right");
      verdict.textContent = right ? "Sí, imprime eso." : "No. Releé el bloque y probá otra.";
      if (right) quiz.querySelector("details").open = true;
    });
  }

  // «Copiar hasta acá»: el bloque con lo que necesita de los de arriba, listo para un archivo vacío.
  const source = document.querySelector("[data-kv-scripts]")?.dataset.kvScripts;
  let scripts;
  const load = () => scripts ||= new Promise((resolve, reject) => {
    const onload = () => resolve(window.kvScripts);
    document.head.append(make("script", {src: source, onload, onerror: reject}));
  });
  const say = text => {
    const dialog = document.querySelector(".md-dialog");
    dialog.setAttribute("role", "status");
    dialog.firstElementChild.textContent = text;
    dialog.classList.add("md-dialog--active");
    setTimeout(() => dialog.classList.remove("md-dialog--active"), 3000);
  };
  const copy = text => {
    if (window.ClipboardItem && navigator.clipboard?.write) {
      const blob = text.then(found => new Blob([found], {type: "text/plain"}));
      return navigator.clipboard.write([new ClipboardItem({"text/plain": blob})]);
    }
    return text.then(found => {
      const area = make("textarea", {value: found});
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) throw new Error("copy");
    });
  };
  const offer = nav => {
    const block = nav.closest(".highlight[id]");
    if (!block || nav.querySelector(".kv-upto")) return;
    const title = "Copiar hasta acá: este bloque y lo que necesita de los anteriores";
    const button = make("button", {className: "md-code__button kv-upto", type: "button", title});
    button.addEventListener("pointerenter", load);
    button.addEventListener("click", () => {
      const text = load().then(({pieces, blocks}) =>
        blocks[block.id.slice(1) - 1].map(piece => pieces[piece]).join(""));
      copy(text).then(
        () => say("Copiado: el bloque y lo que necesita"),
        () => { scripts = null; say("No se pudo copiar: ¿hay conexión?"); });
    });
    nav.prepend(button);
  };
  const offerAll = () => all("article .md-code__nav").forEach(offer);
  if (source) {
    new MutationObserver(offerAll).observe(document.querySelector("article"), {childList: true, subtree: true});
    offerAll();
  }

  // Lo que no se desplaza no hace falta alcanzarlo con el teclado.
  const scrollers = all("article [tabindex='0']:is(pre, code, figure, .kv-scroll, .kv-wide, .tabbed-labels)");
  const settle = () => scrollers.forEach(element => {
    if (!element.clientWidth) return;
    const moves = element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight;
    if (moves) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  });
  const soon = () => requestAnimationFrame(settle);
  addEventListener("load", soon);
  addEventListener("resize", soon);
  addEventListener("toggle", soon, true);
  addEventListener("change", soon);

  // En papel, todo abierto, y adónde lleva cada enlace que sale de la página.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    opened.forEach(details => { details.open = true; });
    for (const link of all("article a[href]")) {
      const away = link.protocol.startsWith("http") && link.pathname + link.host !== location.pathname + location.host;
      if (away) link.dataset.kvTarget = link.href.replace(/^https?:\/\//, "").replace(/\/$/, "");
    }
  });
  addEventListener("afterprint", () => opened.forEach(details => { details.open = false; }));
})();
