/*
 * Lo guardado para leer sin red, como se ve: en la portada de una clase y en la página que lo lista.
 */
(() => {
  "use strict";
  const {root, named, say, worker, started} = window.kvKeeping;
  const make = (tag, set, ...children) => {
    const element = Object.assign(document.createElement(tag), set);
    element.append(...children);
    return element;
  };
  const place = document.querySelector("[data-kv-kept]"), own = document.querySelector("[data-kv-keep]");
  const here = named(location.pathname);
  // Adónde iba quien llegó a la página de lo guardado porque no había red.
  const wanted = place && new URLSearchParams(location.search).get("pedida");
  const target = wanted && new URL(wanted, root);
  const asked = target?.href.startsWith(root.href) ? target : null;
  started.then(() => say({kv: "look", asked: asked && named(asked.pathname)}), () => place?.replaceChildren(make("p", {},
    "Este navegador no deja guardar páginas (¿una ventana privada?). Podés bajar el curso entero en un zip.")));

  // Mostrar ------------------------------------------------------------------------------------

  const size = bytes => bytes < 999500 ? `${Math.max(1, Math.round(bytes / 1000))} kB`
    : `${(bytes / 1e6).toFixed(1).replace(".", ",")} MB`;
  const WHY = {
    full: "No se pudo guardar: no queda lugar en el equipo. No quedó nada a medias.",
    network: "No se pudo guardar: se cortó la conexión. No quedó nada a medias.",
    other: "No se pudo guardar: el sitio cambió mientras tanto. Recargá la página y probá de nuevo.",
  };

  /** Un botón que guarda, corta o quita, según cómo esté; siempre el mismo, para no perder el foco. */
  const keeper = (box, label, named) => {
    const button = make("button", {type: "button", className: "md-button"});
    const bar = make("progress", {hidden: true, ariaLabel: "Cuánto se guardó"});
    const told = make("span", {}), facts = make("span", {className: "kv-keep__facts"});
    told.setAttribute("role", "status");
    box.replaceChildren(told, bar, facts, button);
    let course;
    button.addEventListener("click", () => {
      if (!course.kept && !course.saving) navigator.storage?.persist?.().catch(() => {});
      say({kv: course.saving ? "stop" : course.kept ? "drop" : "keep", folder: course.folder});
    });
    const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
    return (now, tools) => {
      course = now;
      const {kept, saving, failed, bytes} = course;
      box.hidden = false;
      box.dataset.kvState = saving ? "saving" : kept ? "kept" : failed ? "failed" : "none";
      write(button, saving ? "Cancelar" : kept ? "Quitar" : label);
      button.ariaLabel = named ? `${button.textContent}: ${course.title}` : null;
      bar.hidden = !saving;
      if (saving) Object.assign(bar, {max: saving[1] || 1, value: saving[0]});
      write(told, saving ? "Guardando…" : kept ? `Guardada · ${size(bytes)}` : failed ? WHY[failed] : "");
      const also = tools.kept ? "" : ` La primera vez, además, la búsqueda y el glosario: ${size(tools.bytes)}.`;
      write(facts, saving ? `${saving[0]} de ${saving[1]} archivos`
        : kept || failed ? ""
        : named ? size(bytes)
        : `Para leerla sin conexión, con sus notebooks: ${size(bytes)}.${also}`);
    };
  };

  const painted = new Map();
  const paintOwn = ({courses, tools}) => {
    const course = courses.find(({folder}) => `${folder}/index.html` === here);
    if (!course) return;
    if (!painted.has(own)) painted.set(own, keeper(own, own.dataset.kvKeep));
    painted.get(own)(course, tools);
  };

  const link = (page, title) => make("a", {href: new URL(page.replace(/(^|\/)index\.html$/, "$1"), root).href}, title);
  const parts = {
    asked: make("div", {className: "kv-kept__asked", hidden: true}),
    none: make("p", {hidden: true}, "Todavía no guardaste ninguna clase."),
    courses: make("ul", {className: "kv-kept__courses"}),
    read: make("div", {}),
    total: make("p", {className: "kv-aside"}),
    clear: make("button", {type: "button", className: "md-button", onclick: () => say({kv: "clear"})}, "Quitar todo"),
  };
  let last;
  const paintPlace = data => {
    const {courses, tools, read, total, asked: title} = last = {...last, ...data};
    if (!painted.size) {
      place.replaceChildren(...Object.values(parts));
      // Lo guardado, primero; después no se mueve de lugar.
      for (const {folder, title} of [...courses].sort((a, b) => b.kept - a.kept)) {
        const box = make("div", {className: "kv-keep"}), item = make("li", {}, link(`${folder}/index.html`, title), box);
        parts.courses.append(item);
        painted.set(folder, {item, paint: keeper(box, "Guardar", true)});
      }
    }
    for (const course of courses) {
      const {item, paint} = painted.get(course.folder);
      paint(course, tools);
      item.hidden = !(navigator.onLine || course.kept || course.saving || course.failed);
    }
    parts.none.hidden = [...parts.courses.children].some(item => !item.hidden);
    parts.read.replaceChildren(...read.length ? [
      make("h3", {}, "Páginas sueltas que leíste"),
      make("ul", {}, ...read.map(({page, title}) => make("li", {}, link(page, title)))),
    ] : []);
    const also = tools.kept ? `, con la búsqueda y las páginas de consulta (${size(tools.bytes)})` : "";
    parts.total.textContent = `En total, ${size(total)} en este equipo${also}.`;
    parts.clear.hidden = !read.length && !courses.some(({kept, saving}) => kept || saving);
    if (asked) paintAsked(title);
  };
  const paintAsked = title => {
    parts.asked.hidden = false;
    const what = title ? `«${title}»` : "la página que pediste";
    parts.asked.replaceChildren(
      make("p", {}, make("strong", {}, `No hay conexión, y ${what} no está guardada en este equipo.`),
        " Abajo está lo que podés leer igual. Cuando vuelva la conexión, probá de nuevo."),
      make("p", {className: "kv-panel__buttons"},
        make("a", {className: "md-button md-button--primary", href: asked.href}, "Probar de nuevo"),
        make("a", {className: "md-button", href: root.href}, "Ir al inicio")));
  };
  if (place) for (const change of ["online", "offline"]) addEventListener(change, () => last && paintPlace({}));

  worker?.addEventListener?.("message", ({data}) => {
    if (data?.kv !== "kept") return;
    if (own) paintOwn(data);
    if (place) paintPlace(data);
  });
})();
