/*
 * Pegás un mensaje de error y te dice dónde se explica. Compara con los mensajes que las páginas
 * imprimieron al construirse el sitio. Todo pasa en el navegador: no se manda nada a ningún lado.
 */
(() => {
  "use strict";
  const root = new URL("..", document.currentScript.src);
  const make = (tag, set, ...children) => {
    const element = Object.assign(document.createElement(tag), set);
    element.append(...children);
    return element;
  };
  let asked;
  const known = () => asked ||= new Promise((resolve, reject) => {
    const onload = () => resolve(index(window.kvMessages));
    document.head.append(make("script", {src: new URL("assets/mensajes.js", root).href, onload, onerror: reject}));
  });

  // Lo que se compara: las palabras de un mensaje y sus pares, sin lo que es de cada programa.
  const KIND = /^[ \t│|]*(?:[\w.]+\.)?(\w*(?:Error|Exception|Warning|WARNING|Interrupt))\b:?/gm;
  // De la traza, y de cómo la dibujan IPython y Colab: no es el mensaje.
  const FRAME = /^\s*(?:File ".*|File .*:\d+.*|Cell In.*|<ipython-input.*|-+>.*|-{5,}.*| {2,}\d+ .*|[\^~ ]+|Traceback \(most.*|\/\S+ in .*|\/\S+:\d+:.*)$/gm;
  const MOST = 140; // palabras: lo que distingue a un error viene primero
  const START = 40; // las que alcanzan para decir que es él
  // Las de los moldes de Python, que cualquier error tiene.
  const COMMON = new Set("the and for with not has have was but got are can you your this that from must should object attribute argument arguments keyword unexpected missing required positional name defined module type call called calling when received while line file none invalid value values error exception encountered following".split(" "));

  const message = text => {
    const clean = text.replace(/\x1b\[[\d;]*m/g, "").replace(/\r\n?/g, "\n").slice(-40000)
      .replace(/^\S+:\d+: (?=\w*Warning\b)/gm, ""); // de dónde salió un aviso
    const lines = clean.replace(FRAME, "\0");
    // Lo que va debajo de la última línea de la traza; si el mensaje no está ahí, el último que haya.
    const below = lines.slice(lines.lastIndexOf("\0") + 1);
    const kind = below.match(new RegExp(KIND.source, "m")) || [...lines.matchAll(KIND)].at(-1);
    const told = kind ? kind.input.slice(kind.index) : lines;
    return {kind: kind ? kind[1].toLowerCase() : "", told: told.replaceAll("\0", " ")};
  };
  const words = told => (told
    // Lo que Keras y TensorFlow agregan antes y después: dónde fue y qué recibió
    .replace(/Exception encountered when calling [^\n]{0,80}/g, " ").replace(/Arguments received by [^]*/, " ")
    .replace(/Graph execution error:?|Detected at node[^\n]*|<stack traces unavailable>|\[\[\{\{node[^\n]*|\{\{[^}\n]*\}*|\[Op:\w*\]?/g, " ")
    .replace(/'[\w.]+' object/g, "object").replace(/\btf__/g, "")
    .replace(/(?:[A-Za-z]:)?[\w.~-]*(?:[\\/][\w.~-]+){2,}/g, " ") // rutas
    .replace(/0x[\da-f]+/gi, " ")
    .match(/[\p{L}_][\p{L}\p{N}_]+/gu) || [])
    .map(word => word.toLowerCase().replace(/_?\d+$/, "").replace(/^_+|_+$/g, "")).filter(word => word.length > 2).slice(0, MOST);
  const features = (text, most = MOST) => {
    const {kind, told} = message(text);
    const list = words(told).filter(word => word !== kind).slice(0, most);
    const found = new Set(list);
    list.forEach((word, n) => n && found.add(`${list[n - 1]} ${word}`));
    if (kind) found.add(`!${kind}`);
    return found;
  };

  const telling = feature => !feature.includes(" ") && feature[0] !== "!" && !COMMON.has(feature);

  const index = entries => {
    const all = entries.flatMap(entry => entry.m.map(text => ({entry, text, set: features(text)})));
    const seenAs = symptoms(entries.filter(entry => entry.s));
    const seen = new Map();
    for (const {set} of all) for (const one of set) seen.set(one, (seen.get(one) || 0) + 1);
    const weigh = one => (one.includes(" ") ? 0.6 : COMMON.has(one) || one[0] === "!" ? 0.3 : 1)
      * Math.log((all.length + 1) / (seen.get(one) || 1));
    const total = set => [...set].reduce((sum, one) => sum + weigh(one), 0);
    for (const one of all) {
      one.total = total(features(one.text, START));
      one.telling = [...one.set].filter(telling).length;
    }
    return {all, weigh, total, seenAs};
  };

  // Lo que se cuenta sin mensaje, en castellano: raíces de palabras, sin acentos ni las de todos los días.
  const DAILY = new Set("entre que los las una uno unos con por para del como pero cuando sin mas muy esta este esto esos son ser fue tiene hay hace porque siempre solo cada todo todos nada bien ".split(" "));
  const SAME = {accuracy: "exact", acc: "exact", loss: "perdi", layer: "capa", weights: "pesos", model: "model", train: "entre", training: "entre", file: "archi", label: "etiqu", metric: "metri", epoch: "epoca", custom: "propi", stuck: "clava", val: "valid"};
  const roots = text => new Set((text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/(\d+)[.,](\d\d)\d*/g, "n$1_$2 ").match(/[a-z_][a-z0-9_]*/g) || [])
    .filter(word => word.length > 2 && !DAILY.has(word))
    .map(word => SAME[word] || SAME[word.replace(/s$/, "")] || (/^n\d/.test(word) ? word : word.replace(/e?s$/, "").slice(0, 5))));
  const symptoms = entries => {
    const told = entries.map(entry => ({entry, bag: roots([entry.t, entry.p, ...entry.s].join(" ")), each: entry.s.map(roots)}));
    const seen = new Map();
    for (const {bag} of told) for (const root of bag) seen.set(root, (seen.get(root) || 0) + 1);
    const weigh = root => seen.has(root) ? Math.log((told.length + 1) / seen.get(root)) : 0.8;
    const total = set => [...set].reduce((sum, root) => sum + weigh(root), 0);
    return text => {
      const asked = roots(text), own = total(asked);
      return told.flatMap(({entry, bag, each}) => {
        const words = [...asked].filter(root => bag.has(root));
        if (words.length < Math.min(2, asked.size)) return [];
        const fit = total(words) / own;
        const near = Math.max(0, ...each.map(set => total([...set].filter(root => asked.has(root))) / total(set)));
        const score = 0.65 * fit + 0.35 * near;
        return fit > 0.33 && score > 0.35 ? [{entry, score, told: words, seen: true}] : [];
      });
    };
  };

  // Cuánto tiene de cada uno lo que se pegó: de lo que dice el mensaje, y de lo que se pegó.
  const ABOUT = 0.3; // la página de un error, antes que la lección en la que también aparece
  const find = ({all, weigh, total, seenAs}, text) => {
    const set = features(text);
    const said = [...set].some(one => one[0] === "!") ? [] : seenAs(text);
    const own = total(set);
    const fits = new Map();
    for (const one of all) {
      const shared = [...one.set].filter(feature => set.has(feature));
      const told = shared.filter(telling);
      const pairs = shared.filter(feature => feature.includes(" ")).length;
      if (told.length < Math.min(2, one.telling) && pairs < 3) continue;
      const sum = shared.reduce((so, feature) => so + weigh(feature), 0);
      if (!one.telling && sum < 0.95 * one.total) continue; // de palabras que cualquiera dice, todas
      // Un pedazo que está entero en un mensaje largo también es ese mensaje.
      const piece = (told.length > 2 || pairs > 2) && sum > 0.75 * own ? 0.75 * sum / own : 0;
      const fit = Math.max(piece, 0.65 * Math.min(1, sum / one.total) + 0.35 * sum / own);
      const score = fit + (one.entry.a ? ABOUT : 0);
      if (fit > 0.34 && !(fits.get(one.entry)?.score >= score)) fits.set(one.entry, {score, told, entry: one.entry});
    }
    for (const one of said) if (!(fits.get(one.entry)?.score >= one.score)) fits.set(one.entry, one);
    return best([...fits.values()], weigh);
  };
  const best = (fits, weigh) => fits.sort((a, b) => b.score - a.score).slice(0, 5).map(({entry, told, score, seen}) => ({
    ...entry, score, seen, words: [...told].sort((a, b) => weigh(b) - weigh(a)).slice(0, 5)}));
  const looksLikeOne = text => new RegExp(KIND.source, "m").test(text) || text.trim().split(/\s+/).length > 7;
  const isQuestion = text => /^\s*¿|^\s*(?:c[oó]mo|qu[eé]|cu[aá]ndo|para qu[eé]|d[oó]nde)\s/i.test(text);
  window.kvFind = text => known().then(all => find(all, text)); // para las pruebas

  const results = found => found.map(({u, t, p, words}) => make("li", {},
    make("a", {href: new URL(u, root).href}, t), ` ${p}`,
    make("small", {}, words.length ? ` Coincide: ${words.join(", ")}.` : "")));

  for (const place of document.querySelectorAll("[data-kv-finder]")) {
    const area = make("textarea", {id: "kv-paste", rows: 4, spellcheck: false, placeholder: "ValueError: …"});
    area.setAttribute("autocapitalize", "off");
    const button = make("button", {className: "md-button", type: "submit"}, "Buscar el error");
    const told = make("p", {className: "kv-told"});
    told.setAttribute("role", "status");
    const list = make("ol", {});
    const form = make("form", {className: "kv-finder"},
      make("label", {htmlFor: "kv-paste"}, "Pegá el mensaje de error, o la traza entera"), area, button, told, list);
    form.setAttribute("role", "search");
    form.setAttribute("aria-label", "Buscar un error");
    const report = document.querySelector(".kv-page-links a[href*='/issues/new']")?.href;
    const answer = async () => {
      if (!area.value.trim()) { told.textContent = ""; list.replaceChildren(); return; }
      let found;
      try { found = find(await known(), area.value); } catch { told.textContent = "No se pudo cargar la lista de errores. Revisá la conexión y probá de nuevo."; return; }
      list.replaceChildren(...results(found));
      told.textContent = found.length > 1 ? `Se parecen ${found.length}. Primero, el que más:`
        : found.length ? "Este se parece:"
        : "No lo tenemos. ";
      if (!found.length) {
        const {kind, told: said} = message(area.value);
        const search = make("a", {href: new URL(`?q=${encodeURIComponent(words(said).filter(word => word !== kind && !COMMON.has(word)).slice(0, 6).join(" "))}`, root).href}, "Buscalo en todo el sitio");
        told.append(search);
        const fields = {template: "error-en-una-pagina.yml", title: `Un error que no está: ${said.trim().slice(0, 120) || kind}`,
          page: location.pathname, problem: area.value.trim().slice(-1500), versions: `${window.kvVersions} (las del sitio; poné las tuyas)`};
        if (report) told.append(" o ", make("a", {href: `${report.split("?")[0]}?${new URLSearchParams(fields)}`}, "contanos cuál es"));
        told.append(".");
      }
    };
    form.addEventListener("submit", event => { event.preventDefault(); answer(); });
    area.addEventListener("paste", () => setTimeout(answer));
    place.replaceWith(form);
  }

  // En la búsqueda de siempre: si lo que se busca parece un error, arriba de todo va el suyo.
  const box = document.querySelector("input[name=query]"), output = document.querySelector(".md-search-result");
  if (box && output) {
    const panel = make("div", {className: "kv-found", hidden: true});
    panel.setAttribute("role", "status");
    output.before(panel);
    let turn = 0;
    const show = async () => {
      const mine = ++turn, text = box.value;
      const sure = looksLikeOne(text), long = text.trim().split(/\s+/).length;
      const found = isQuestion(text) || !sure && long < 3 ? [] : await window.kvFind(text).catch(() => []);
      if (mine !== turn) return;
      // Con pocas palabras y sin la clase del error, tiene que parecerse mucho.
      const [first] = found;
      if (first && !sure && !(first.seen ? long > 3 && first.score > 0.7 : first.score > 0.9)) found.length = 0;
      panel.hidden = !found.length;
      if (found.length) panel.replaceChildren(make("p", {}, "Este error se explica en:"), make("ol", {}, ...results(found.slice(0, 3))));
    };
    box.addEventListener("input", show);
    box.addEventListener("focus", show);
    show(); // lo que ya estaba escrito cuando llegó este archivo
    box.form?.addEventListener("reset", () => { ++turn; panel.hidden = true; });
  }
})();
