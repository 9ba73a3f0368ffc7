/*
 * El recorrido: lecciones leídas, ejercicios hechos, homework aprobado, dónde se dejó.
 * Queda en el navegador de quien lee y no sale de ahí. Sin este archivo la página se lee igual.
 * Lo que viene de la memoria o de un archivo nunca se escribe como HTML.
 */
(() => {
  "use strict";
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (tag, set, ...children) => {
    const element = Object.assign(document.createElement(tag), set);
    element.append(...children);
    return element;
  };
  const isObject = value => value !== null && typeof value === "object" && !Array.isArray(value);

  // La memoria -------------------------------------------------------------------------------

  const APP = "keras-en-vivo", STORE = APP + ":progreso";
  const isWord = value => typeof value === "string" && /^[\w-]{1,80}$/.test(value);
  const isPage = value => typeof value === "string" && value.length < 200 && /^[\w-]+(\/[\w.-]+)*$/.test(value);
  const empty = () => ({at: "", pages: Object.create(null)});

  /** Lo que se entiende de un recorrido guardado; null si no es uno. */
  const understood = data => {
    if (!isObject(data) || data.app !== APP || data.version !== 1 || !isObject(data.pages)) return null;
    const found = empty();
    for (const [name, page] of Object.entries(data.pages)) {
      if (!isPage(name) || !isObject(page)) continue;
      const kept = found.pages[name] = {};
      if (typeof page.read === "boolean") kept.read = page.read;
      if (Array.isArray(page.done)) kept.done = [...new Set(page.done.filter(isWord))].slice(0, 100);
      if (isWord(page.last)) kept.last = page.last;
    }
    if (isPage(data.at)) found.at = data.at;
    return found;
  };
  const written = data => JSON.stringify({app: APP, version: 1, at: data.at, pages: data.pages}, null, 1);

  let memory = null; // en su lugar, si el navegador no guarda nada
  const load = () => {
    if (memory) return memory;
    try { return understood(JSON.parse(localStorage.getItem(STORE))) || empty(); } catch { return empty(); }
  };
  const save = data => {
    if (!memory) {
      try { return localStorage.setItem(STORE, written(data)); } catch { /* lleno, o prohibido */ }
    }
    memory = data;
  };
  try {
    localStorage.setItem(STORE + "?", "");
    localStorage.removeItem(STORE + "?");
  } catch { memory = load(); }

  /** Cambia lo que se sabe de una página y lo muestra. */
  const change = (name, set) => {
    const data = load(); // otra pestaña pudo haber guardado algo
    Object.assign(data.pages[name] ||= {}, set(data.pages[name]));
    save(data);
    paint();
  };
  const merge = (data, more) => {
    for (const [name, page] of Object.entries(more.pages)) {
      const mine = data.pages[name] ||= {};
      if (page.read !== undefined) mine.read = mine.read || page.read;
      if (page.done) mine.done = [...new Set([...mine.done || [], ...page.done])];
      if (page.last) mine.last ||= page.last;
    }
    data.at ||= more.at;
    return data;
  };

  // La página --------------------------------------------------------------------------------

  const here = document.querySelector("[data-kv-page]");
  /** El nombre de una página, de su dirección desde la raíz del sitio: «clases/102-sequential/fit». */
  const named = address => address.replace(/\.(html|md)$/, "").replace(/(^|\/)index$/, "").replace(/\/$/, "");
  const base = new URL(here?.dataset.kvBase || ".", location);
  const page = here ? named(here.dataset.kvPage) : "";
  const lesson = here?.hasAttribute("data-kv-lesson");

  // Antes se guardaba una entrada por página, con su dirección entera; lo que había no se pierde.
  if (here && !memory) {
    const data = load(), before = APP + ":" + base.pathname.replace(/\/?$/, "/");
    for (const entry of Object.keys(localStorage).filter(entry => entry.startsWith(before))) {
      const name = named(entry.slice(before.length));
      try {
        const old = understood({app: APP, version: 1, pages: {[name]: JSON.parse(localStorage.getItem(entry))}});
        save(merge(data, old));
      } catch { /* no era un recorrido */ }
      localStorage.removeItem(entry);
    }
  }

  /** Lo que se hizo cuando la clase era una sola página pasa a la lección que hoy lo tiene. */
  const adopt = (data, name, ids) => {
    const whole = data.pages[name.slice(0, name.lastIndexOf("/"))];
    const mine = ids.filter(id => whole?.done?.includes(id));
    if (!mine.length) return false;
    whole.done = whole.done.filter(id => !mine.includes(id));
    merge(data, {at: "", pages: {[name]: {done: mine}}});
    return true;
  };

  const courses = all("[data-kv-lessons]").map(element => ({element, lessons: JSON.parse(element.dataset.kvLessons)}));
  const exercises = lesson ? all("article :is(h2, h3)[id^='ejercicio-'], article :is(h1, h2)#homework") : [];
  const adopted = load();
  const moved = [
    ...courses.flatMap(({lessons}) => lessons.map(each => adopt(adopted, each.page, each.exercises))),
    adopt(adopted, page, exercises.map(heading => heading.id)),
  ];
  if (moved.some(Boolean)) save(adopted);

  // Ejercicios y homework: una casilla en cada uno.
  const boxes = new Map();
  const title = heading => heading.firstChild.textContent.trim();
  for (const heading of exercises) {
    const box = make("input", {type: "checkbox"});
    const homework = heading.id === "homework";
    if (!homework) box.setAttribute("aria-label", `Lo hice: ${title(heading)}`);
    box.addEventListener("change", () => change(page, ({done = []}) => ({
      done: [...done.filter(id => id !== heading.id), ...box.checked ? [heading.id] : []],
    })));
    const label = make("label", {className: "kv-done"}, box, homework ? " Mi homework pasó el verificador" : " Lo hice");
    if (heading.matches("h1")) here.prepend(label);
    else (heading.nextElementSibling?.matches(".kv-minutes") ? heading.nextElementSibling : heading).after(label);
    boxes.set(heading.id, box);
  }

  // La lección: leída cuando se llegó a su final, o cuando se lo marca.
  const end = lesson && here.querySelector("input[data-kv-read]");
  if (end) {
    const told = here.querySelector("[role=status]");
    end.addEventListener("change", () => {
      told.textContent = "";
      change(page, () => ({read: end.checked}));
    });
    let waiting;
    new IntersectionObserver(([{isIntersecting}], observer) => {
      clearTimeout(waiting);
      if (!isIntersecting) return;
      waiting = setTimeout(() => { // quien pasa de largo no la leyó
        if (load().pages[page]?.read === undefined) {
          change(page, () => ({read: true}));
          told.textContent = "Llegaste al final: quedó marcada.";
        }
        observer.disconnect();
      }, 1500);
    }).observe(end);
    const data = load();
    data.at = page;
    save(data);
  }

  // Dónde se dejó: la última parte que pasó por la pantalla.
  const parts = all("article :is(h2, h3)[id]");
  if (lesson && parts.length) {
    const last = document.getElementById(load().pages[page]?.last || "");
    const card = document.querySelector(".kv-card");
    if (card && last?.matches("h2, h3") && !location.hash && scrollY < 200) {
      const link = make("a", {href: "#" + last.id}, "Seguí donde dejaste: ", make("strong", {}, title(last)));
      card.append(make("p", {className: "kv-resume"}, link));
    }
    let waiting;
    addEventListener("scroll", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const seen = parts.filter(heading => heading.getBoundingClientRect().top < innerHeight / 2);
        if (seen.length > 1) change(page, () => ({last: seen.at(-1).id}));
      }, 400);
    }, {passive: true});
  }

  // Mostrar ----------------------------------------------------------------------------------

  const count = (many, one, several) => `${many} ${many === 1 ? one : several}`;

  /** Cuánto de una clase está hecho: en números y en palabras. */
  const summary = (lessons, {pages}) => {
    const got = {lessons: 0, exercises: 0, homework: false}, total = {lessons: lessons.length, exercises: 0};
    for (const {page: name, exercises} of lessons) {
      const known = pages[name] || {};
      if (known.read) got.lessons++;
      for (const id of exercises) {
        const done = known.done?.includes(id);
        if (id === "homework") got.homework ||= done;
        else { total.exercises++; if (done) got.exercises++; }
      }
    }
    const said = [];
    if (total.lessons > 1) said.push(`${got.lessons} de ${count(total.lessons, "lección leída", "lecciones leídas")}`);
    else if (got.lessons) said.push("leída");
    if (total.exercises) said.push(`${got.exercises} de ${count(total.exercises, "ejercicio", "ejercicios")}`);
    if (got.homework) said.push("homework aprobado");
    return {
      value: got.lessons + got.exercises + (got.homework ? 1 : 0),
      max: total.lessons + total.exercises + (lessons.some(each => each.exercises.includes("homework")) ? 1 : 0),
      said: said.join(" · "),
    };
  };

  function paint() {
    const data = load(), mine = data.pages[page] || {};
    for (const [id, box] of boxes) box.checked = Boolean(mine.done?.includes(id));
    if (end) end.checked = Boolean(mine.read);
    const progress = document.querySelector("[data-kv-progress]");
    if (progress) {
      const done = [...boxes].filter(([id, box]) => id !== "homework" && box.checked).length;
      progress.querySelector("output").textContent = done;
      progress.querySelector("progress").value = done;
    }
    let begun = false;
    for (const {element, lessons} of courses) {
      const {value, max, said} = summary(lessons, data), shown = element.querySelector("[data-kv-course-progress]");
      begun ||= value > 0;
      if (shown) {
        shown.hidden = !value && !shown.hasAttribute("data-kv-always");
        Object.assign(shown.querySelector("progress"), {max, value});
        shown.querySelector("span").textContent = said;
      }
      for (const {page: name} of lessons) {
        const mark = element.querySelector(`[data-kv-mark="${name}"]`);
        if (mark) mark.hidden = !data.pages[name]?.read;
      }
    }
    for (const line of all("[data-kv-nothing]")) line.hidden = begun;
    for (const line of all("[data-kv-unsaved]")) line.hidden = !memory;
    resume(data);
  }

  /** «Seguí donde dejaste», en el inicio: la última lección abierta o, si está leída, la que sigue. */
  function resume(data) {
    const place = document.querySelector("[data-kv-continue]");
    if (!place) return;
    const course = courses.find(({lessons}) => lessons.some(each => each.page === data.at));
    place.hidden = !course;
    if (!course) return;
    const from = course.lessons.findIndex(each => each.page === data.at);
    const pending = course.lessons.slice(from).find(each => !data.pages[each.page]?.read);
    const next = pending || course.lessons[from], last = data.pages[next.page]?.last;
    const link = place.querySelector("a");
    link.href = new URL(next.url, base).href + (last && !data.pages[next.page].read ? "#" + last : "");
    link.querySelector("strong").textContent = next.title;
    place.querySelector("[data-kv-continue-said]").textContent = summary(course.lessons, data).said;
  }

  // Llevárselo, traerlo, borrarlo --------------------------------------------------------------

  const panel = document.querySelector("[data-kv-panel]");
  if (panel) {
    const button = name => panel.querySelector(`[data-kv-do="${name}"]`);
    const status = panel.querySelector("[role=status]");
    const tell = text => { status.textContent = ""; requestAnimationFrame(() => { status.textContent = text; }); };
    const file = panel.querySelector("input[type=file]"), dialog = panel.querySelector("dialog");

    button("export").addEventListener("click", () => {
      const address = URL.createObjectURL(new Blob([written(load())], {type: "application/json"}));
      const name = `keras-en-vivo-progreso-${new Date().toISOString().slice(0, 10)}.json`;
      make("a", {href: address, download: name}).click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
      tell(`Listo: se bajó «${name}».`);
    });

    button("import").addEventListener("click", () => file.click());
    file.addEventListener("change", async () => {
      const [chosen] = file.files;
      file.value = ""; // el mismo archivo se puede volver a elegir
      if (!chosen) return;
      let found = null;
      try { found = chosen.size < 1e6 ? understood(JSON.parse(await chosen.text())) : null; } catch { /* no es JSON */ }
      if (!found) {
        return tell(`«${chosen.name}» no es un archivo de progreso de este sitio; no se cambió nada.`);
      }
      save(merge(load(), found));
      paint();
      tell(`Listo: lo de «${chosen.name}» se sumó a lo que tenías.`);
    });

    button("clear").addEventListener("click", () => dialog.showModal());
    button("keep").addEventListener("click", () => dialog.close());
    button("forget").addEventListener("click", () => {
      if (memory) memory = empty();
      else try { localStorage.removeItem(STORE); } catch { /* no había nada */ }
      dialog.close();
      paint();
      tell("Listo: se borró tu progreso de este navegador.");
    });
  }

  addEventListener("storage", event => { if (event.key === STORE || event.key === null) paint(); });
  addEventListener("pageshow", event => { if (event.persisted) paint(); });
  paint();
})();
