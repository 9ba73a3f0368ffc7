/*
 * Lo que queda en el equipo para leer sin red. La construcción lo pone en la raíz del sitio, como sw.js.
 *
 * Una versión del sitio es una lista de archivos con su resumen (assets/sin-conexion.json) y, acá, un
 * depósito aparte: entra solo lo que coincide con la lista, y el de la versión anterior se borra cuando
 * el de la nueva está completo y nadie lee aquella. Cada pestaña recibe siempre archivos de la versión
 * con la que se abrió. Nunca se recarga una página: la versión nueva empieza en la página siguiente.
 */
(() => {
  "use strict";
  const VERSION = "sin construir";
  const ROOT = registration.scope, LIST = "assets/sin-conexion.json";
  const NAME = `keras-en-vivo ${ROOT} `; // en un mismo origen puede haber otros sitios
  const STORE = version => NAME + version, MEMORY = NAME + "memoria";
  const MOST_READ = 100; // páginas sueltas que quedan, las últimas
  const AT_ONCE = 4;
  const OPENING = 60000; // ms en los que una pestaña que se está abriendo todavía no figura

  const address = file => new URL(encodeURI(file).replace(/(^|\/)index\.html$/, "$1"), ROOT).href;
  const named = url => {
    let file = new URL(url).pathname.slice(new URL(ROOT).pathname.length);
    try { file = decodeURIComponent(file); } catch { /* no es una dirección del sitio */ }
    return /(^|\/)$/.test(file) ? `${file}index.html` : file;
  };
  const digest = async data => [...new Uint8Array(await crypto.subtle.digest("SHA-256", data))]
    .map(byte => byte.toString(16).padStart(2, "0")).join("").slice(0, 16);
  const match = (version, file) => caches.match(address(file), {cacheName: STORE(version)});

  // Las listas y la memoria --------------------------------------------------------------------

  const lists = new Map();
  /** Qué tiene una versión; null si no se la tiene. */
  const listOf = async version => {
    if (!lists.has(version)) {
      const found = await match(version, LIST);
      if (!found) return null;
      lists.set(version, understood(await found.json()));
    }
    return lists.get(version);
  };
  const understood = ({version, files, shows, shell, tools, courses, inside, titles}) => {
    const names = numbers => numbers.map(n => files[n][0]);
    return {
      version, shows: files[shows][0], shell: names(shell), tools: names(tools),
      files: new Map(files.map(([file, sum, bytes], n) => [file, {
        sum, bytes, title: titles[n], inside: names(inside[n] || []),
      }])),
      courses: new Map(Object.entries(courses).map(([folder, numbers]) => [folder, names(numbers)])),
    };
  };

  /*
   * Lo elegido y lo leído, que pasa de una versión a otra; y las pestañas que no son de la versión
   * vigente: las que se abrieron con otra y las que vinieron de la red sin comprobarse ("").
   */
  let memory;
  const load = async () => {
    if (memory) return memory;
    const found = await caches.match(ROOT, {cacheName: MEMORY}).then(kept => kept?.json()).catch(() => null);
    return memory ||= {version: "", courses: [], read: [], app: false, clients: {}, ...found};
  };
  const save = async () => (await caches.open(MEMORY)).put(ROOT, new Response(JSON.stringify(memory)));
  const versionOf = client => memory.clients[client]?.[0] ?? VERSION;

  // Guardar ------------------------------------------------------------------------------------

  const saving = new Map(), failed = new Map(); // por carpeta: lo que va, y por qué no se pudo

  const courseFiles = (list, folder) => list.courses.get(folder) || [];
  const readFiles = (list, page) => list.files.has(page) ? [page, ...list.files.get(page).inside] : [];
  const wanted = (list, {courses, read, app}) => new Set([
    ...list.shell,
    ...courses.length || app ? list.tools : [],
    ...courses.flatMap(folder => courseFiles(list, folder)),
    ...read.flatMap(page => readFiles(list, page)),
  ]);

  /** Un archivo de la red, el de esta lista y no otro. */
  const fetched = async (file, {sum}, signal) => {
    for (const cache of ["default", "reload"]) { // lo que el navegador ya tiene no se baja otra vez
      const response = await fetch(address(file), {cache, signal});
      if (!response.ok) continue;
      const data = await response.arrayBuffer();
      if (await digest(data) === sum) return stored(data, response, sum);
    }
    throw Object.assign(new Error(file), {name: "OtherVersion"});
  };
  const stored = (data, response, sum) => new Response(data, {headers: {
    "content-type": response.headers.get("content-type") || "application/octet-stream", "kv-sum": sum,
  }});
  /** El mismo archivo, de otra versión que se tenga. */
  const inherited = async (file, {sum}, stores) => {
    for (const cacheName of stores) {
      const kept = await caches.match(address(file), {cacheName});
      if (kept?.headers.get("kv-sum") === sum) return kept;
    }
  };

  /** Completa una versión con estos archivos; si uno falla, lanza cuando ya no queda nada en curso. */
  const fill = async (version, files, {signal, told = () => {}} = {}) => {
    const list = await listOf(version), store = await caches.open(STORE(version));
    const others = (await caches.keys()).filter(name => name.startsWith(NAME) && ![MEMORY, STORE(version)].includes(name));
    const there = new Set((await store.keys()).map(({url}) => url));
    const missing = [...files].filter(file => list.files.has(file) && !there.has(address(file)));
    let done = 0, wrong;
    const stop = new AbortController();
    signal?.addEventListener("abort", () => stop.abort());
    const queue = missing.values();
    const work = async () => {
      for (const file of queue) {
        if (wrong || signal?.aborted) return;
        try {
          const entry = list.files.get(file);
          await store.put(address(file), await inherited(file, entry, others) || await fetched(file, entry, stop.signal));
        } catch (error) {
          wrong ||= error;
          return stop.abort();
        }
        told(++done, missing.length);
      }
    };
    told(0, missing.length);
    await Promise.all(Array.from({length: AT_ONCE}, work));
    signal?.throwIfAborted();
    if (wrong) throw wrong;
  };

  /** Saca de la versión vigente lo que nadie pidió: lo que quedó a medias y lo que se quitó. */
  const sweep = async ended => {
    const list = await listOf(VERSION), store = await caches.open(STORE(VERSION));
    const underWay = [...saving.keys()].filter(folder => folder !== ended);
    const stays = wanted(list, {...memory, courses: [...memory.courses, ...underWay]});
    const addresses = new Set([LIST, ...stays].map(address));
    for (const request of await store.keys()) if (!addresses.has(request.url)) await store.delete(request);
  };

  /** Se olvida de las pestañas que se cerraron y de las versiones que nadie lee. */
  const prune = async () => {
    const alive = new Set((await clients.matchAll({includeUncontrolled: true, type: "all"})).map(({id}) => id));
    for (const [id, [version, since]] of Object.entries(memory.clients))
      if (!alive.has(id) && (version || Date.now() - since > OPENING)) delete memory.clients[id];
    await save();
    const used = new Set([VERSION, ...Object.values(memory.clients).map(([version]) => version)].map(STORE)).add(MEMORY);
    const waiting = registration.installing || registration.waiting;
    if (waiting) return; // está llenando el suyo
    for (const name of await caches.keys()) if (name.startsWith(NAME) && !used.has(name)) await caches.delete(name);
  };

  // De una versión a la que sigue -----------------------------------------------------------------

  const renew = () => registration.update().catch(() => {});
  const full = error => error.name === "QuotaExceededError";

  addEventListener("install", event => event.waitUntil((async () => {
    const response = await fetch(address(LIST), {cache: "no-cache"});
    const text = response.ok ? await response.text() : "{}";
    if (JSON.parse(text).version !== VERSION) throw new Error(LIST); // todavía se está publicando
    const store = await caches.open(STORE(VERSION));
    await store.put(address(LIST), new Response(text, {headers: {"content-type": "application/json"}}));
    const list = await listOf(VERSION), mine = await load();
    memory = null; // la que vale es la del trabajador vigente, que la sigue cambiando
    await fill(VERSION, wanted(list, mine)).catch(error => {
      if (!full(error)) throw error;
      return fill(VERSION, wanted(list, {...mine, read: []})); // primero, lo que se eligió guardar
    });
    await skipWaiting();
  })()));

  addEventListener("activate", event => event.waitUntil((async () => {
    const list = await listOf(VERSION);
    await load();
    for (const {id} of await clients.matchAll({type: "window", includeUncontrolled: true}))
      memory.clients[id] ??= [memory.version, Date.now()];
    memory.version = VERSION;
    // Lo que se guardó mientras esta versión se preparaba.
    for (const folder of [...memory.courses]) {
      const files = courseFiles(list, folder);
      const whole = files.length && await fill(VERSION, [...files, ...list.tools]).then(() => true, () => false);
      if (!whole) memory.courses = memory.courses.filter(each => each !== folder);
    }
    const there = await Promise.all(memory.read.map(page => match(VERSION, page)));
    memory.read = memory.read.filter((page, n) => there[n] && list.files.has(page));
    await sweep();
    await prune();
    await clients.claim();
    await broadcast();
  })()));

  // Responder ------------------------------------------------------------------------------------

  addEventListener("fetch", event => {
    if (event.request.method === "GET" && event.request.url.startsWith(ROOT)) event.respondWith(answer(event));
  });

  const answer = async event => {
    const {request} = event;
    const list = await load().then(() => listOf(VERSION)).catch(() => null);
    if (!list) return fetch(request); // el navegador borró lo que había
    const file = named(request.url);
    if (request.mode === "navigate") return page(event, list, file);
    const version = versionOf(event.clientId);
    if (request.destination === "worker" && version !== VERSION) memory.clients[event.resultingClientId] = [version, Date.now()];
    if (!version) return fetch(request);
    const kept = await match(version, file);
    if (kept) return kept;
    const response = await fetch(request).catch(error => {
      if (list.tools.includes(file)) event.waitUntil(clients.get(event.clientId).then(client => client?.postMessage({kv: "no-search"})));
      throw error;
    });
    const entry = (await listOf(version))?.files.get(file);
    if (!entry || !response.ok) return response;
    const data = await response.arrayBuffer();
    if (await digest(data) === entry.sum) return stored(data, response, entry.sum);
    renew(); // en el servidor ya hay otra: a esta página no se le da
    return Response.error();
  };

  const page = async (event, list, file) => {
    const {request, resultingClientId: client} = event;
    const kept = await match(VERSION, file);
    if (kept) {
      event.waitUntil(remember(list, file).catch(() => {}));
      return kept;
    }
    if (await match(VERSION, `${file}/index.html`)) return Response.redirect(address(`${file}/index.html`));
    let response;
    try {
      response = await fetch(request);
    } catch (error) {
      if (!await match(VERSION, list.shows)) throw error;
      const asked = request.url.slice(ROOT.length);
      return Response.redirect(`${address(list.shows)}?pedida=${encodeURIComponent(asked)}`);
    }
    memory.clients[client] = ["", Date.now()];
    const copy = response.clone();
    event.waitUntil((response.ok ? adopt(list, file, client, copy) : save()).catch(() => {}));
    return response;
  };

  /** Una página que vino de la red: si es de esta versión queda guardada; si no, hay otra. */
  const adopt = async (list, file, client, response) => {
    const entry = list.files.get(file);
    if (!entry) return save();
    const data = await response.arrayBuffer();
    if (await digest(data) !== entry.sum) {
      await save();
      return renew();
    }
    delete memory.clients[client];
    await (await caches.open(STORE(VERSION))).put(address(file), stored(data, response, entry.sum));
    await remember(list, file);
  };

  /** Lo leído queda, con lo que hace falta para usarlo. */
  const remember = async (list, page) => {
    if (!list.files.get(page)?.title || list.shell.includes(page)) return save();
    memory.read = [...memory.read.filter(each => each !== page), page].slice(-MOST_READ);
    await save();
    await fill(VERSION, readFiles(list, page)).catch(async error => {
      memory.read = memory.read.filter(each => each !== page);
      await save();
      throw error;
    });
  };

  // Lo que piden las páginas -------------------------------------------------------------------------

  const sum = (list, files) => [...new Set(files)].reduce((bytes, file) => bytes + list.files.get(file).bytes, 0);

  /** Todo lo que una página muestra de lo guardado. */
  const told = list => {
    const {courses, read, app} = memory, inside = new Set(courses.flatMap(folder => courseFiles(list, folder)));
    return {
      kv: "kept",
      courses: [...list.courses].map(([folder, files]) => ({
        folder, title: list.files.get(`${folder}/index.html`).title, bytes: sum(list, files),
        kept: courses.includes(folder), saving: saving.get(folder)?.progress, failed: failed.get(folder),
      })),
      tools: {bytes: sum(list, list.tools), kept: courses.length > 0 || app},
      read: read.filter(page => !inside.has(page)).map(page => ({page, title: list.files.get(page)?.title})).reverse(),
      total: sum(list, wanted(list, memory)),
    };
  };
  const broadcast = async () => {
    const list = await listOf(VERSION);
    if (list) for (const client of await clients.matchAll({type: "window"})) client.postMessage(told(list));
  };

  let swept = false;
  const orders = {
    /** Una página se abrió; si fue sin trabajador, hay que ver de qué versión es. */
    async here(list, {file, first}, client) {
      if (first && list.files.has(file)) {
        memory.clients[client.id] = ["", Date.now()];
        const found = await fetched(file, list.files.get(file)).catch(() => null);
        if (found) {
          await (await caches.open(STORE(VERSION))).put(address(file), found);
          delete memory.clients[client.id];
          await remember(list, file);
        }
      }
      await prune();
      if (!swept && !saving.size) await sweep();
      swept = true;
    },
    async look(list, {asked}, client) {
      client.postMessage({...told(list), asked: list.files.get(asked)?.title});
    },
    async keep(list, {folder}) {
      if (saving.has(folder) || !list.courses.has(folder)) return;
      const stop = new AbortController(), mine = {stop, progress: [0, 0]};
      saving.set(folder, mine);
      failed.delete(folder);
      try {
        await fill(VERSION, [...list.tools, ...courseFiles(list, folder)], {
          signal: stop.signal,
          told: (...progress) => { mine.progress = progress; broadcast(); },
        });
        memory.courses = [...memory.courses.filter(each => each !== folder), folder];
        await save();
      } catch (error) {
        memory.courses = memory.courses.filter(each => each !== folder);
        if (error.name !== "AbortError" || !stop.signal.aborted) failed.set(folder, full(error) ? "full" : error.name === "OtherVersion" ? "other" : "network");
        if (error.name === "OtherVersion") renew();
      }
      await sweep(folder);
      saving.delete(folder); // recién ahora se cuenta cómo terminó
    },
    async stop(list, {folder}) {
      saving.get(folder)?.stop.abort();
    },
    async drop(list, {folder}) {
      memory.courses = memory.courses.filter(each => each !== folder);
      await save();
      await sweep();
    },
    async clear() {
      for (const {stop} of saving.values()) stop.abort();
      Object.assign(memory, {courses: [], read: [], app: false});
      await save();
      await sweep();
    },
    /** Se instaló: la búsqueda también tiene que andar sin red. */
    async app(list) {
      if (memory.app) return;
      await fill(VERSION, list.tools);
      memory.app = true;
      await save();
    },
  };
  addEventListener("message", event => {
    const {data, source} = event;
    if (!Object.hasOwn(orders, data?.kv)) return;
    event.waitUntil((async () => {
      await load();
      const list = await listOf(VERSION);
      if (!list) return;
      await orders[data.kv](list, data, source);
      if (!["here", "look", "stop"].includes(data.kv)) await broadcast();
    })().catch(() => {})); // sin lugar o sin permiso, el sitio sigue como siempre
  });
})();
