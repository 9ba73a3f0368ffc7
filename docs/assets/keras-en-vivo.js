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

  // Un enlace de cuando la clase era una sola página lleva a la lección que tiene esa parte.
  const moved = document.querySelector("[data-kv-moved]");
  const part = decodeURIComponent(location.hash.slice(1));
  if (moved && part && !document.getElementById(part)) {
    const lesson = JSON.parse(moved.dataset.kvMoved)[part];
    if (lesson) location.replace(lesson + location.hash);
  }

  // Umbral: mover la línea de un dibujo cuenta otra vez, de sus barras, lo que queda a cada lado.
  for (const line of all(".kv-drawing .kv-threshold")) {
    const svg = line.ownerSVGElement;
    const [positive, negative] = ["pos", "neg"].map(kind => all(`.kv-${kind} rect`, svg));
    const said = all(".kv-said", svg);
    const side = bar => bar.x.baseVal.value;
    const step = side(positive[1]) - side(positive[0]);
    const cases = bars => bars.reduce((sum, bar) => sum + bar.height.baseVal.value / 10, 0);
    const input = make("input", {type: "range", min: 1, max: 9, value: 5});
    const move = () => {
      const cut = +input.value;
      const paint = (bars, wrong, colour) => bars.forEach((bar, n) =>
        bar.setAttribute("class", `kv-fill-${wrong(n) ? colour : "line-strong"}`));
      paint(positive, n => n < cut, "amber");
      paint(negative, n => n >= cut, "red");
      line.setAttribute("transform", `translate(${step * (cut - 5)})`);
      const [fn, tp, tn, fp] = [positive, negative].flatMap(
        bars => [cases(bars.slice(0, cut)), cases(bars.slice(cut))]);
      const share = (part, all) => (part / all).toFixed(2).replace(".", ",");
      const texts = [`FN ${fn}`, `VP ${tp}`, `VN ${tn}`, `FP ${fp}`, `umbral 0,${cut}`,
        `precisión ${tp}/${tp + fp} = ${share(tp, tp + fp)}`,
        `recall ${tp}/${tp + fn} = ${share(tp, tp + fn)}`, `F1 ${share(2 * tp, 2 * tp + fp + fn)}`];
      texts.forEach((text, n) => { said[n].textContent = text; });
      input.setAttribute("aria-valuetext", `0,${cut}: ${texts.filter((_, n) => n !== 4).join(", ")}`);
    };
    input.addEventListener("input", move);
    move();
    svg.after(make("label", {}, "Mové el umbral ", input));
  }

  // Copiar: el bloque, o el bloque con lo que necesita de los de arriba, listo para un archivo vacío.
  const dialog = document.querySelector(".md-dialog");
  dialog?.setAttribute("role", "status"); // quien no mira la pantalla también se entera
  const say = (text, shown) => {
    dialog.firstElementChild.textContent = text;
    dialog.classList.toggle("md-dialog--active", shown);
    setTimeout(() => dialog.classList.remove("md-dialog--active"), 4000);
  };
  const tell = (button, text, shown, said) => {
    const label = button.dataset.label ||= button.textContent;
    say(said, shown);
    button.textContent = text;
    setTimeout(() => { button.textContent = label; }, 2500);
  };
  const source = document.querySelector("[data-kv-scripts]")?.dataset.kvScripts;
  let scripts;
  const load = () => scripts ||= new Promise((resolve, reject) => {
    const onload = () => resolve(window.kvScripts);
    document.head.append(make("script", {src: source, onload, onerror: reject}));
  });
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
  const upTo = block => load().then(({pieces, blocks}) =>
    blocks[block.id.slice(1) - 1].map(piece => pieces[piece]).join(""));
  const itself = async block => {
    const code = block.querySelector("code").cloneNode(true);
    all(".gp", code).forEach(prompt => prompt.remove()); // el «$» de la consola no se escribe
    return code.textContent.replace(/[ \t]+$/gm, "");
  };
  for (const kind of ["pointerover", "focusin"])
    document.addEventListener(kind, event => event.target.closest?.(".kv-upto") && load().catch(() => { scripts = null; }));
  document.addEventListener("click", event => {
    const button = event.target.closest?.(".kv-bar button:not(.kv-dots)");
    if (!button) return;
    const get = button.matches(".kv-upto") ? upTo : itself;
    copy(get(button.closest(".highlight"))).then(
      () => tell(button, "Copiado ✓", false, button.ariaLabel.replace("Copiar", "Copiado")),
      () => { scripts = null; tell(button, "No se pudo", true, "No se pudo copiar: ¿hay conexión?"); });
  });

  // Copiar la página: como Markdown, con lo que dio cada bloque.
  const whole = document.querySelector("[data-kv-carry]");
  if (whole) {
    const page = async () => {
      const found = await fetch(whole.dataset.kvCarry);
      if (!found.ok) throw new Error(found.status);
      return found.text();
    };
    whole.addEventListener("click", () => copy(page()).then(
      () => tell(whole, "Copiada ✓", false, "Copiada la página, como Markdown"),
      () => tell(whole, "No se pudo", true, "No se pudo copiar: ¿hay conexión?")));
  }

  // Lo que se abre al lado de lo que se tocó, sin salirse de la pantalla; tocarlo otra vez lo cierra.
  const beside = id => {
    const box = make("div", {id, className: "kv-beside md-typeset"});
    box.setAttribute("popover", "auto");
    const open = () => box.matches(":popover-open");
    const topOf = touched => touched.getBoundingClientRect().top;
    let owner, pressed, top;
    // El navegador lo cierra antes de que llegue el clic: de quién era se anota al apoyar el dedo.
    document.addEventListener("pointerdown", event => { pressed = open() && owner.contains(event.target) && owner; }, true);
    box.addEventListener("beforetoggle", event => { owner.ariaExpanded = event.newState === "open"; });
    box.addEventListener("click", event => event.target.closest("a") && box.hidePopover());
    addEventListener("scroll", () => open() && Math.abs(topOf(owner) - top) > 1 && box.hidePopover(), {passive: true});
    return (touched, before, ...content) => {
      const again = (open() && owner || pressed) === touched;
      pressed = null;
      if (open()) box.hidePopover();
      if (again) return false;
      owner = touched;
      top = topOf(owner);
      box.replaceChildren(...content);
      before.after(box);
      box.showPopover();
      const {left, bottom} = owner.getBoundingClientRect();
      box.style.left = Math.max(8, Math.min(left, innerWidth - box.offsetWidth - 8)) + "px";
      box.style.top = Math.min(bottom + 6, innerHeight - box.offsetHeight - 8) + "px";
      return true;
    };
  };

  // Avisar de un problema en un bloque: el enlace del pie de la página, con cuál es el bloque ya escrito.
  const report = document.querySelector("[data-kv-report]");
  const showMore = beside("kv-more");
  const reportOf = block => {
    const address = new URL(report.href), fields = address.searchParams;
    const number = block.id.slice(1), first = block.querySelector("code").textContent.trim().split("\n")[0];
    const page = document.querySelector("link[rel=canonical]")?.href || "";
    fields.set("title", `${fields.get("title")}bloque ${number}: `);
    fields.set("block", `${number} · ${page}#${block.id} · ${first.slice(0, 72)}`);
    return address.href;
  };
  document.addEventListener("click", event => {
    const dots = event.target.closest?.(".kv-dots");
    if (!dots) return;
    const block = dots.closest(".highlight");
    showMore(dots, block, make("a", {href: "#" + block.id}, "Enlace a este bloque"),
      make("a", {href: reportOf(block)}, "Avisar de un problema en este bloque"));
  });

  // El menú y la búsqueda, en pantallas angostas: un botón de verdad en lugar de la etiqueta del tema.
  for (const label of all(".md-header__button:is([for=__drawer], [for=__search])")) {
    const toggle = document.getElementById(label.htmlFor);
    const name = label.htmlFor === "__drawer" ? "Menú" : "Buscar";
    const button = make("button", {type: "button", className: label.className + " kv" + label.htmlFor, ariaLabel: name});
    button.append(...label.childNodes);
    button.ariaExpanded = false;
    button.addEventListener("click", () => {
      toggle.click();
      if (name === "Buscar") document.querySelector("[name=query]").focus();
    });
    toggle.addEventListener("change", () => {
      button.ariaExpanded = toggle.checked;
      if (name === "Menú" && toggle.checked) requestAnimationFrame(() => all(".md-sidebar--primary :is(a, label[tabindex])")
        .find(item => item.checkVisibility({visibilityProperty: true}))?.focus());
    });
    label.replaceWith(button);
    if (name === "Menú") addEventListener("keydown", event => {
      if (event.key !== "Escape" || !toggle.checked) return;
      toggle.click();
      button.focus();
    });
  }
  all(".md-nav--primary .md-nav__title[for^=__nav]").forEach(back => { back.tabIndex = 0; });

  // Dónde está quien lee, arriba, en pantallas sin columna de contenidos; al tocarlo se abren, en esa parte.
  const contents = document.querySelector(".md-sidebar--secondary:not([hidden])");
  if (contents?.querySelector("li") && "popover" in contents) {
    const here = make("button", {type: "button", className: "kv-here"}, make("small"), make("span"));
    here.setAttribute("aria-label", "Contenidos de esta página");
    const current = () => all(".md-nav__link--active", contents).at(-1);
    const show = () => {
      const part = current()?.textContent.trim();
      here.firstChild.textContent = part ? "" : "Keras en vivo";
      here.lastChild.textContent = part || "En esta página";
      here.setAttribute("aria-label", part ? `Contenidos; estás en «${part}»` : "Contenidos de esta página");
    };
    new MutationObserver(show).observe(contents, {subtree: true, attributeFilter: ["class"]});
    show();
    const narrow = matchMedia("(max-width: 59.984375em)");
    const settleContents = () => { contents.popover = narrow.matches ? "auto" : null; };
    narrow.addEventListener("change", settleContents);
    settleContents();
    here.popoverTargetElement = contents;
    contents.addEventListener("toggle", event => {
      if (event.newState === "open") (current() || contents.querySelector("a")).focus();
    });
    contents.addEventListener("click", event => event.target.closest("a") && contents.matches(":popover-open") && contents.hidePopover());
    document.querySelector(".md-header__title").before(here);
  }

  // Los términos del glosario: con un toque o con Enter se abre qué quiere decir, y de ahí se va a su entrada.
  const terms = all("article :is(.kv-term, abbr[title]:not(.kv-term abbr))");
  const showMeaning = beside("kv-meaning");
  for (const term of terms) {
    term.setAttribute("role", "button");
    term.setAttribute("aria-expanded", "false");
    term.tabIndex = 0;
    term.addEventListener("click", event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const meaning = (term.matches("abbr") ? term : term.firstElementChild).title;
      const entry = term.href ? [" ", make("a", {href: term.href}, "Ver en el glosario")] : [];
      if (showMeaning(term, term, meaning, ...entry)) say(meaning, false);
    });
    term.addEventListener("keydown", event => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      term.click();
    });
  }

  // Lo que no se desplaza no hace falta alcanzarlo con el teclado.
  const scrollers = all("article [tabindex='0']:is(pre, code, figure, .kv-scroll, .kv-wide, .tabbed-labels)");
  const settle = () => scrollers
    .filter(element => element.clientWidth)
    .map(element => [element, element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight])
    .forEach(([element, moves]) => { // primero se mide todo y después se cambia: un solo cálculo de la página
      if (element.matches("figure")) element.classList.toggle("kv-goes-on", moves);
      if (moves) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
    });
  document.addEventListener("scroll", ({target}) => {
    if (target.matches?.("figure")) target.classList.toggle("kv-goes-on",
      target.scrollLeft + target.clientWidth < target.scrollWidth - 2);
  }, {capture: true, passive: true});
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
      if (link.matches(".kv-term")) continue;
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
