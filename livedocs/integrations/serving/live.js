/*
 * Solo mientras se sirve el sitio para editarlo: la página se pone al día sin perder el lugar, y una
 * barra dice qué está pasando. No está en el sitio que se publica.
 */
(() => {
  "use strict";
  const own = document.currentScript;
  const page = own.dataset.page;
  let version = own.dataset.version;

  const style = document.createElement("style");
  style.textContent = `
    .kv-live { position: fixed; z-index: 9; left: 0; right: 0; bottom: 0; max-height: 40vh; overflow: auto;
      padding: .35rem .8rem; font: 13px/1.4 system-ui, sans-serif; color: #fff; background: #33373f; white-space: pre-wrap; }
    .kv-live[hidden] { display: none; }
    .kv-live--wrong { background: #8c1d22; }
    .kv-provisional { display: inline-block; margin: .4rem 0 0 !important; padding: 0 .5em; border-radius: .8em;
      font-size: .6rem !important; color: #6b4a00; background: #ffe2a3; }
    .kv-waiting { opacity: .65; font-style: italic; }
    @media print { .kv-live { display: none; } }`;
  document.head.append(style);

  const bar = document.createElement("div");
  bar.className = "kv-live";
  bar.hidden = true;
  bar.setAttribute("role", "status");
  document.body.append(bar);

  const say = (text, wrong = false) => {
    bar.textContent = text;
    bar.hidden = !text;
    bar.classList.toggle("kv-live--wrong", wrong);
  };
  let state = {running: [], pending: 0, problems: []};
  const show = () => {
    if (!version) return say("Esta página ya no está.", true);
    const doing = state.running.map(run => `${run.page}: bloque ${run.block} de ${run.total}`);
    const more = state.pending - state.running.length;
    if (more > 0) doing.push(more === 1 ? "falta una página más" : `faltan ${more} páginas más`);
    const lines = [...state.problems];
    if (doing.length) lines.push(`Ejecutando ${doing.join(" · ")}`);
    say(lines.join("\n"), state.problems.length > 0);
  };

  // Lo que llegó del servidor, antes de que otros scripts lo toquen: contra eso se compara.
  const read = text => new DOMParser().parseFromString(text, "text/html");
  const parts = from => {
    const article = from.querySelector("article");
    return article ? [...article.children].map(child => child.outerHTML) : [];
  };
  // Lo que un script arma al abrir la página no se puede cambiar de a pedazos.
  const alive = html => /kv-quiz|kv-threshold|data-kv-(read|page|moved)|tabbed-set|kv-gallery/.test(html);
  // Lo de alrededor: la plantilla y el menú, que el servidor resume, y los contenidos de la página.
  const frame = from => [from.querySelector("script[data-frame]")?.dataset.frame,
    ...[...from.querySelectorAll(".md-sidebar--secondary a")].map(link => link.getAttribute("href") + link.textContent.trim()),
  ].join("\n");

  let before = null; // la página como la mandó el servidor
  let fetching = Promise.resolve();
  const fetched = async () => {
    const response = await fetch(location.pathname, {cache: "no-store"});
    return read(await response.text());
  };
  // Los elementos que están, en el orden en que vinieron: los que agregó un script no cuentan.
  let placed = [];
  const mark = () => {
    const article = document.querySelector("article");
    placed = article ? [...article.children] : [];
  };

  const swap = after => {
    const article = document.querySelector("article");
    if (!before || !article || before.title !== after.title || before.frame !== frame(after)) return false;
    const old = before.parts, now = parts(after);
    if (placed.length !== old.length || placed.some(element => !element.isConnected)) return false;
    let start = 0, end = 0;
    while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++;
    while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++;
    const gone = placed.slice(start, placed.length - end);
    const came = [...after.querySelector("article").children].slice(start, now.length - end);
    if (came.length === gone.length) { // se cambian solo los que cambiaron
      const fresh = came.map((element, n) => old[start + n] === now[start + n] ? gone[n] : element);
      if (fresh.some((element, n) => element !== gone[n] && (alive(element.outerHTML) || alive(old[start + n])))) return false;
      fresh.forEach((element, n) => element !== gone[n] && gone[n].replaceWith(document.adoptNode(element)));
      placed.splice(start, gone.length, ...fresh);
    } else {
      if ([...came, ...gone].some(element => alive(element.outerHTML))) return false;
      const next = placed[placed.length - end] || null;
      gone.forEach(element => element.remove());
      came.forEach(element => article.insertBefore(document.adoptNode(element), next));
      placed.splice(start, gone.length, ...came);
    }
    before.parts = now;
    return true;
  };

  const update = async () => {
    const after = await fetched();
    if (!swap(after)) return location.reload();
    version = after.querySelector("script[data-version]").dataset.version;
    show();
  };

  const listen = () => {
    const news = new EventSource(`/_livedocs/news?page=${encodeURIComponent(page)}&version=${version}`);
    news.addEventListener("state", event => { state = JSON.parse(event.data); show(); });
    news.addEventListener("page", event => {
      const next = JSON.parse(event.data);
      if (!next) { version = ""; return show(); }
      if (!version) return location.reload();
      fetching = fetching.then(() => next !== version && update()).catch(() => location.reload());
    });
    news.onerror = () => { // se cortó: cuando vuelva, se empieza de nuevo
      say("El servidor no contesta; lo sigo buscando.", true);
      news.close();
      const again = () => fetch(location.pathname, {method: "HEAD"}).then(() => location.reload(), () => setTimeout(again, 1000));
      setTimeout(again, 1000);
    };
    addEventListener("pagehide", () => news.close());
  };

  // Este script corre antes que los demás, que esperan el final de la página: es como la mandó el servidor.
  mark();
  before = {title: document.title, parts: parts(document), frame: frame(document)};
  listen();
})();
