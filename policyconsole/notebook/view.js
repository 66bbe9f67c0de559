// The page's half of PolicyConsole: keeps what it is sent and draws it.
//
// Everything shown is put into text nodes; nothing is ever parsed as markup, nothing fetched.

const EVENTS_KEPT = 500;
const HELLO_AGAIN_MS = 2000;
const ROWS_AROUND = 8;

// ---------------------------------------------------------------- what the page knows

// Gives a store that takes messages (payload.py says what they hold). It calls `sayHello`
// where a number is missing; until the whole state comes, it goes on with what it has.
export function createStore(sayHello, clock = Date.now) {
  const state = {
    number: null,
    rows: new Map(),
    keys: [],
    events: [],
    eventsSeen: 0,
    header: null,
    latency: null,
    guards: [],
    problem: "",
    ageUnits: [],
    clockAhead: 0,
    epoch: 0,
  };
  let missed = false;
  let askedAt = null;

  function hello() {
    askedAt = clock();
    sayHello();
  }

  function take(message) {
    if (message.type === "snapshot") takeWhole(message);
    else if (state.number === null || message.number > state.number) takeDelta(message);
  }

  function takeWhole(message) {
    const kept = new Map(message.rows.map((row) => [row.key, row]));
    state.rows = kept;
    state.keys = [...kept.keys()].sort();
    state.events = [];
    if (missed) state.epoch += 1;
    missed = false;
    askedAt = null;
    takeRest(message);
  }

  function takeDelta(message) {
    if (message.number !== state.number + 1) missed = true;
    let sorted = true;
    for (const row of message.rows) {
      if (!state.rows.has(row.key)) sorted = false;
      state.rows.set(row.key, row);
    }
    for (const key of message.gone) state.rows.delete(key);
    if (!sorted || message.gone.length) state.keys = [...state.rows.keys()].sort();
    takeRest(message);
    if (missed && (askedAt === null || clock() - askedAt > HELLO_AGAIN_MS)) hello();
  }

  function takeRest(message) {
    state.number = message.number;
    state.clockAhead = message.now - clock();
    state.events = [...state.events, ...message.events].slice(-EVENTS_KEPT);
    state.eventsSeen = message.events_seen;
    for (const part of ["header", "latency", "guards", "problem"]) {
      if (message[part] !== undefined) state[part] = message[part];
    }
    if (message.age_units) state.ageUnits = message.age_units;
  }

  return {
    state,
    take,
    hello,
    frozen: () => ({ ...state, rows: new Map(state.rows) }),
  };
}

// The rule of `age` in dashboard.py, with the units that it sends.
export function age(since, now, units) {
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  const unit = units.find(([, length]) => seconds >= length);
  return unit ? `${Math.floor(seconds / unit[1])}${unit[0]}` : "0s";
}

// The policy to show before anybody has chosen: the first that asks for a look.
export function mostPressing(state) {
  const first = (wanted) => state.keys.find((key) => wanted.includes(state.rows.get(key).status));
  return first(["refused", "failed"]) ?? first(["warnings"]) ?? state.keys[0] ?? null;
}

// ---------------------------------------------------------------- drawing

function make(tag, className = "", text = undefined, attributes = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function pane(name, title) {
  const section = make("section", `pc-pane pc-${name}`, undefined, { "aria-label": title });
  const heading = make("div", "pc-title");
  const note = make("span", "pc-note");
  heading.append(make("span", "pc-name", title), note);
  section.append(heading);
  return { section, note, heading };
}

function headRow(titles) {
  const head = make("thead");
  const row = make("tr");
  for (const [title, className, spoken] of titles) {
    const cell = make("th", className, title, { scope: "col" });
    if (spoken) cell.setAttribute("aria-label", spoken);
    row.append(cell);
  }
  head.append(row);
  return head;
}

function flash(element) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const tint = "color-mix(in srgb, var(--pc-accent) 28%, transparent)";
  element.animate([{ backgroundColor: tint }, {}], { duration: 1200, easing: "ease-out" });
}

function headerBar() {
  const bar = make("div", "pc-header");
  const places = ["folder", "environment", "level"].map((part) => [part, make("span", `pc-${part}`)]);
  const standing = make("span", "pc-standing", undefined, { role: "status" });
  const counts = ["watch", "message", "generation", "in_force", "refused"].map((part) => [
    part,
    make("span", `pc-${part}`),
  ]);
  const waiting = make("span", "pc-waiting");
  standing.append(...counts.map(([, element]) => element));
  bar.append(...places.map(([, element]) => element), waiting, standing);
  bar.title = "in force means: in the engine of this kernel";
  return {
    element: bar,
    draw(header, waitingText, alone) {
      for (const [part, element] of [...places, ...counts]) {
        setText(element, header[part]);
        element.hidden = !header[part];
      }
      bar.dataset.state = alone ? "alone" : header.state;
      setText(waiting, waitingText);
      waiting.hidden = !waitingText;
    },
  };
}

// A table of which only the lines in sight exist, so that thousands cost what a few do.
function policiesPane(choose) {
  const { section, note } = pane("policies", "Policies");
  const scroller = make("div", "pc-scroll");
  const table = make("table", "pc-table", undefined, {
    role: "grid",
    tabindex: "0",
    "aria-label": "Policies",
  });
  const titles = [
    ["", "pc-sign", "sign"],
    ["status", "pc-status"],
    ["policy", "pc-wide"],
    ["rev", "pc-number", "revision"],
    ["env", "pc-env", "environment"],
    ["⚑", "pc-number", "findings"],
    ["age", "pc-number"],
  ];
  const body = make("tbody");
  const above = make("tr", "pc-gap", undefined, { "aria-hidden": "true" });
  const below = make("tr", "pc-gap", undefined, { "aria-hidden": "true" });
  const nothing = make("p", "pc-empty", "no policy file yet");
  table.append(headRow(titles), body);
  scroller.append(table, nothing);
  section.append(scroller);
  table.dataset.lmSuppressShortcuts = "true";
  const id = `pc-${Math.random().toString(36).slice(2)}`;
  const lines = new Map();
  let seen = new Set();
  let height = 26;
  let picture = null;
  let chosen = null;
  let first = true;

  function makeLine(key) {
    const element = make("tr", "pc-row", undefined, { role: "row", id: `${id}-${key}` });
    const cells = titles.map(([, className]) => make("td", className, "", { role: "gridcell" }));
    const name = make("span", "pc-policy");
    const stays = make("span", "pc-stays");
    const called = make("div", "pc-called");
    called.append(name, stays);
    cells[2].append(called);
    element.append(...cells);
    element.addEventListener("click", () => choose(key));
    return { element, cells, name, stays, row: null };
  }

  function drawLine(line, row) {
    if (line.row === row) return;
    const [sign, status, policy, revision, environment, findings] = line.cells;
    line.element.dataset.status = row.status;
    setText(sign, row.sign);
    setText(status, row.status);
    setText(line.name, row.name);
    setText(line.stays, row.note);
    policy.title = row.path;
    setText(revision, row.revision);
    setText(environment, row.environment);
    setText(findings, row.findings ? String(row.findings) : "");
    if (!first && (line.row || !seen.has(row.key))) flash(line.element);
    line.row = row;
  }

  function drawAges() {
    if (!picture) return;
    const now = Date.now() + picture.clockAhead;
    for (const { cells, row } of lines.values()) {
      setText(cells.at(-1), age(row.since, now, picture.ageUnits));
    }
  }

  function inSight() {
    const top = Math.max(0, Math.floor(scroller.scrollTop / height) - ROWS_AROUND);
    const count = Math.ceil((scroller.clientHeight || 400) / height) + 2 * ROWS_AROUND;
    return [top, Math.min(picture.keys.length, top + count)];
  }

  function draw() {
    if (!picture) return;
    const [start, end] = inSight();
    const keys = picture.keys.slice(start, end);
    const wanted = new Set(keys);
    for (const [key, line] of lines) {
      if (wanted.has(key)) continue;
      line.element.remove();
      lines.delete(key);
    }
    above.style.height = `${start * height}px`;
    below.style.height = `${(picture.keys.length - end) * height}px`;
    above.hidden = start === 0;
    below.hidden = end === picture.keys.length;
    if (body.firstChild !== above) body.replaceChildren(above, below);
    let after = above;
    keys.forEach((key, index) => {
      if (!lines.has(key)) lines.set(key, makeLine(key));
      const line = lines.get(key);
      drawLine(line, picture.rows.get(key));
      line.element.setAttribute("aria-rowindex", String(start + index + 2));
      line.element.setAttribute("aria-selected", String(key === chosen));
      if (after.nextSibling !== line.element) after.after(line.element);
      after = line.element;
    });
    table.setAttribute("aria-rowcount", String(picture.keys.length + 1));
    if (lines.has(chosen)) table.setAttribute("aria-activedescendant", `${id}-${chosen}`);
    else table.removeAttribute("aria-activedescendant");
    nothing.hidden = picture.keys.length > 0;
    table.hidden = picture.keys.length === 0;
    setText(note, picture.keys.length ? String(picture.keys.length) : "");
    const real = lines.values().next().value?.element.offsetHeight;
    if (real && Math.abs(real - height) > 0.5) height = real;
    drawAges();
  }

  function show(key) {
    const top = picture.keys.indexOf(key) * height;
    const head = table.tHead.offsetHeight;
    const room = scroller.clientHeight - head - height;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
  }

  function step(event) {
    if (!picture?.keys.length || event.altKey || event.ctrlKey || event.metaKey) return;
    const last = picture.keys.length - 1;
    const page = Math.max(1, Math.floor(scroller.clientHeight / height) - 2);
    const at = picture.keys.indexOf(chosen);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const key = picture.keys[Math.min(last, Math.max(0, to))];
    choose(key);
    show(key);
  }

  scroller.addEventListener("scroll", draw, { passive: true });
  table.addEventListener("keydown", step);
  return {
    element: section,
    drawAges,
    draw(next, key) {
      picture = next;
      chosen = key;
      draw();
      if (next.number !== null && next.header?.state !== "starting") {
        seen = new Set(next.keys);
        first = false;
      }
    },
  };
}

function diagnosticsPane() {
  const { section, note } = pane("diagnostics", "Diagnostics");
  const list = make("div", "pc-scroll pc-findings", undefined, { tabindex: "0" });
  list.dataset.lmSuppressShortcuts = "true";
  section.append(list);
  let drawn = undefined;

  function finding(item) {
    const entry = make("article", "pc-finding");
    entry.dataset.kind = item.kind;
    const line = make("div", "pc-said");
    line.append(
      make("span", "pc-kind", `${item.sign} ${item.kind}`),
      make("code", "pc-code", item.code),
      make("span", "pc-weight", item.weight),
      make("span", "pc-line", item.place),
      make("span", "pc-field", item.field),
    );
    entry.append(line, make("div", "pc-message", item.message));
    if (item.excerpt) entry.append(source(item.excerpt));
    if (item.help) entry.append(make("div", "pc-help", item.help));
    if (item.source) entry.append(make("div", "pc-origin", `source: ${item.source}`));
    return entry;
  }

  function source(excerpt) {
    const block = make("div", "pc-source");
    const code = make("code");
    code.append(excerpt.before, make("mark", "", excerpt.marked || " "), excerpt.after);
    block.append(make("span", "pc-gutter", String(excerpt.line)), code);
    return block;
  }

  return {
    element: section,
    draw(row) {
      if (row === drawn) return;
      if (row?.key !== drawn?.key) list.scrollTop = 0;
      drawn = row;
      setText(note, row ? row.path : "");
      if (!row) return list.replaceChildren();
      const entries = row.diagnostics.map(finding);
      const rest = row.findings - row.diagnostics.length;
      if (!entries.length) entries.push(make("p", "pc-empty", "nothing to report"));
      if (rest > 0) entries.push(make("p", "pc-empty", `and ${rest} more`));
      list.replaceChildren(...entries, make("p", "pc-stands", row.standing));
    },
  };
}

// The newest at the end, followed until one scrolls back.
function eventsPane(choose) {
  const { section, note, heading } = pane("events", "Events");
  const log = make("ol", "pc-scroll pc-log", undefined, { role: "log", tabindex: "0" });
  log.dataset.lmSuppressShortcuts = "true";
  const again = make("button", "pc-follow", "follow", { type: "button" });
  heading.append(again);
  section.append(log);
  let drawnTo = 0;
  let epoch = 0;
  let following = true;

  function follow() {
    log.scrollTop = log.scrollHeight;
  }

  function look() {
    following = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
    again.hidden = following;
  }

  function entry(event) {
    const item = make("li", "pc-event");
    item.dataset.word = event.word;
    const about = make("div", "pc-about");
    about.append(
      make("span", "pc-subject", event.subject),
      make("span", "pc-detail", event.detail),
    );
    item.append(
      make("time", "pc-time", event.time),
      make("span", "pc-sign", event.sign),
      make("span", "pc-word", event.word),
      about,
    );
    item.title = `${event.subject}  ${event.detail}`;
    if (event.key) {
      item.classList.add("pc-choosable");
      item.addEventListener("click", () => choose(event.key));
    }
    return item;
  }

  log.addEventListener("scroll", look, { passive: true });
  again.addEventListener("click", follow);
  again.hidden = true;
  return {
    element: section,
    draw({ events, eventsSeen, epoch: current }) {
      if (current !== epoch) {
        log.replaceChildren();
        drawnTo = 0;
        epoch = current;
      }
      const fresh = Math.min(events.length, Math.max(0, eventsSeen - drawnTo));
      log.append(...events.slice(events.length - fresh).map(entry));
      while (log.childElementCount > EVENTS_KEPT) log.firstElementChild.remove();
      if (fresh && following) follow();
      drawnTo = eventsSeen;
      setText(note, eventsSeen ? String(eventsSeen) : "");
    },
  };
}

function latencyPane() {
  const { section, note } = pane("latency", "Latency");
  const scroller = make("div", "pc-scroll");
  const table = make("table", "pc-table");
  const columns = ["p50", "p95", "p99", "max", "target"];
  const body = make("tbody");
  const bars = make("div", "pc-bars");
  const line = make("span", "pc-sparkline", "", { "aria-hidden": "true" });
  table.append(headRow([["stage", ""], ...columns.map((column) => [column, "pc-number"])]), body);
  bars.append(line, make("span", "pc-caption", "save → in force"));
  scroller.append(table, bars);
  section.append(scroller);
  note.textContent = "ms";
  let drawn = null;

  function stageLine(stage) {
    const row = make("tr");
    row.append(make("th", "pc-stage", stage.stage, { scope: "row" }));
    for (const column of columns) row.append(make("td", "pc-number", stage[column]));
    const aim = row.lastElementChild;
    if (stage.on_target === true) aim.append(make("span", "pc-met", " ✓", { title: "met" }));
    if (stage.on_target === false) aim.append(make("span", "pc-missed", " ✖", { title: "missed" }));
    return row;
  }

  return {
    element: section,
    draw({ latency }) {
      if (latency === drawn || !latency) return;
      drawn = latency;
      body.replaceChildren(...latency.stages.map(stageLine));
      setText(line, latency.sparkline);
      bars.hidden = !latency.sparkline;
    },
  };
}

// Only there while somebody has asked a guard: a console that only watches has none.
function guardsPane() {
  const { section, note } = pane("guards", "Guards");
  const scroller = make("div", "pc-scroll");
  const table = make("table", "pc-table");
  const columns = ["allowed", "limited", "refused"];
  const body = make("tbody");
  const titles = [["policy", ""], ...columns.map((name) => [name, "pc-number"]), ["why", ""]];
  table.append(headRow(titles), body);
  scroller.append(table);
  section.append(scroller);
  let drawn = null;

  function guardLine(guard) {
    const row = make("tr");
    row.append(make("th", "pc-stage", guard.policy, { scope: "row" }));
    for (const column of columns) row.append(make("td", "pc-number", guard[column]));
    row.append(make("td", "pc-why", guard.why));
    return row;
  }

  return {
    element: section,
    draw({ guards }) {
      if (guards === drawn) return;
      drawn = guards;
      section.hidden = !guards.length;
      setText(note, guards.length ? String(guards.length) : "");
      body.replaceChildren(...guards.map(guardLine));
    },
  };
}

// ---------------------------------------------------------------- the widget

// The views of one widget know the same, so that a second one need not wait for a busy kernel.
const shared = new Map();

function join(model) {
  const token = model.get("token");
  const entry = shared.get(token) ?? {
    store: createStore(() => model.send({ type: "hello" })),
    views: 0,
  };
  shared.set(token, entry);
  entry.views += 1;
  if (entry.views === 1) entry.store.take(model.get("snapshot"));
  const leave = () => {
    entry.views -= 1;
    if (!entry.views) shared.delete(token);
  };
  return [entry.store, leave];
}

function render({ model, el }) {
  const [store, leave] = join(model);
  const root = make("div", "policy-console");
  let picked = null;
  let frozen = null;
  let drawing = 0;
  let alone = false;

  const choose = (key) => {
    picked = key;
    draw();
  };
  const header = headerBar();
  const problem = make("div", "pc-problem", "", { role: "alert" });
  const policies = policiesPane(choose);
  const diagnostics = diagnosticsPane();
  const events = eventsPane(choose);
  const latency = latencyPane();
  const guards = guardsPane();
  const panes = make("div", "pc-panes");
  panes.append(policies.element, diagnostics.element, events.element, latency.element);
  panes.append(guards.element);
  root.append(header.element, problem, panes);
  el.append(root);

  function draw() {
    drawing = 0;
    const picture = frozen ?? store.state;
    if (!picture.header) return;
    const key = picture.rows.has(picked) ? picked : mostPressing(picture);
    const waiting = store.state.eventsSeen - picture.eventsSeen;
    header.draw(picture.header, frozen ? `paused, ${waiting} waiting` : "", alone);
    const lost = alone ? "no connection to the kernel: this is the last that came" : "";
    setText(problem, lost || store.state.problem);
    problem.hidden = !problem.textContent;
    policies.draw(picture, key);
    diagnostics.draw(picture.rows.get(key));
    events.draw(picture);
    latency.draw(picture);
    guards.draw(picture);
  }

  function drawSoon() {
    if (!drawing) drawing = requestAnimationFrame(draw);
  }

  function pause() {
    frozen = model.get("paused") ? store.frozen() : null;
    draw();
  }

  function disconnect() {
    alone = true;
    draw();
  }

  function take(message) {
    alone = false;
    store.take(message);
    drawSoon();
  }

  const resized = new ResizeObserver(drawSoon);
  const clock = setInterval(policies.drawAges, 1000);
  const heard = [
    ["change:snapshot", () => take(model.get("snapshot"))],
    ["change:paused", pause],
    ["msg:custom", take],
    ["comm_live_update", disconnect],
  ];
  for (const [name, listener] of heard) model.on(name, listener);
  resized.observe(root);
  pause();
  store.hello();
  return () => {
    leave();
    for (const [name, listener] of heard) model.off(name, listener);
    resized.disconnect();
    clearInterval(clock);
    cancelAnimationFrame(drawing);
  };
}

export default { render };
