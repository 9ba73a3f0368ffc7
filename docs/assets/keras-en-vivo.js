/*
 * Ayudas de lectura. Sin este archivo la página se lee igual.
 * Lo que recuerda queda en el navegador de quien lee y no sale de ahí.
 */
(() => {
  "use strict";
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (tag, set, ...children) => {
    const element = Object.assign(document.createElement(tag), set);
    element.append(...children);
    return element;
  };

  // Memoria: por página; una ventana privada o un archivo local pueden no tenerla.
  const key = "keras-en-vivo:" + location.pathname.replace(/index\.html$/, "");
  const memory = (() => {
    try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; }
  })();
  const remember = change => {
    Object.assign(memory, change);
    try { localStorage.setItem(key, JSON.stringify(memory)); } catch { /* no hay dónde */ }
  };

  // Ejercicios: una casilla en cada uno y la cuenta en la tarjeta.
  const exercises = all("article h3[id^='ejercicio-'], article h2[id='homework']");
  const progress = document.querySelector("[data-kv-progress]");
  const count = () => {
    if (!progress) return;
    const done = exercises.filter(heading => (memory.done || []).includes(heading.id)).length;
    progress.querySelector("output").textContent = done;
    progress.querySelector("progress").value = done;
  };
  for (const heading of progress ? exercises : []) {
    const box = make("input", {type: "checkbox", checked: (memory.done || []).includes(heading.id)});
    const title = heading.firstChild.textContent.trim();
    box.setAttribute("aria-label", `Lo hice: ${title}`);
    box.addEventListener("change", () => {
      const others = (memory.done || []).filter(id => id !== heading.id);
      remember({done: box.checked ? [...others, heading.id] : others});
      count();
    });
    const after = heading.nextElementSibling?.matches(".kv-minutes") ? heading.nextElementSibling : heading;
    after.after(make("label", {className: "kv-done"}, box, " Lo hice"));
  }
  count();

  // Seguir donde se dejó: la última parte que pasó por la pantalla.
  const parts = all("article h2[id], article h3[id]");
  const name = heading => heading.firstChild.textContent.trim();
  if (progress && parts.length) {
    const last = document.getElementById(memory.last || "");
    if (last && !location.hash && scrollY < 200) {
      const link = make("a", {href: "#" + last.id}, "Seguí donde dejaste: ", make("strong", {}, name(last)));
      const close = make("button", {type: "button", textContent: "×"});
      close.setAttribute("aria-label", "No mostrar");
      const bar = make("nav", {className: "kv-resume md-typeset"}, link, close);
      bar.setAttribute("aria-label", "Seguir leyendo");
      const leave = () => bar.remove();
      link.addEventListener("click", leave);
      close.addEventListener("click", leave);
      addEventListener("scroll", function gone() {
        if (scrollY > 1500) { leave(); removeEventListener("scroll", gone); }
      }, {passive: true});
      document.body.append(bar);
    }
    let waiting;
    addEventListener("scroll", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const seen = parts.filter(heading => heading.getBoundingClientRect().top < innerHeight / 2);
        if (seen.length > 1) remember({last: seen.at(-1).id});
      }, 400);
    }, {passive: true});
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

  // «¿Qué imprime?»: se juzga al comprobar, nunca al elegir, porque las flechas del teclado eligen.
  for (const quiz of all(".kv-quiz")) {
    const options = all("input", quiz), reasons = all(".kv-quiz__why > li", quiz);
    const verdict = quiz.querySelector(".kv-quiz__verdict");
    const check = make("button", {className: "kv-quiz__check", type: "button", disabled: true}, "Comprobar");
    const forget = () => {
      check.disabled = !options.some(option => option.checked);
      verdict.replaceChildren();
      for (const element of [verdict, ...all("label", quiz)]) element.classList.remove("kv-yes", "kv-no");
    };
    const judge = () => {
      const number = options.findIndex(option => option.checked);
      if (number < 0) return;
      const right = options[number].hasAttribute("data-right");
      for (const element of [verdict, options[number].parentElement]) {
        element.classList.toggle("kv-yes", right);
        element.classList.toggle("kv-no", !right);
      }
      const why = reasons[number].cloneNode(true);
      verdict.replaceChildren(make("strong", {}, right ? "Sí." : "No es esa."), " ", ...why.childNodes);
    };
    quiz.addEventListener("change", forget);
    quiz.addEventListener("keydown", event => {
      if (event.key === "Enter" && options.includes(event.target)) judge();
    });
    check.addEventListener("click", judge);
    verdict.before(check);
    forget();
  }
})();
