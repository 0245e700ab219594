// ---- the explorer: controls on one side, the picture and its words on the other -----------------------

const PATIENCE = 4000; // milliseconds without an answer, after which the kernel is called silent
const QUIET = 500; // milliseconds after the last move until a screen reader hears what changed
const PAUSE = 800; // milliseconds: moves of one control that follow faster are undone together
const GRASP = 14; // pixels from a line that can be dragged
const FORESEEN = 40; // pictures kept for keys that were not pressed yet

function render({ model, el }) {
  const words = model.get("words");
  const plot = svg("svg", { role: "img", class: "plot" });
  const readout = element("p", { class: "readout" });
  const numbersTable = element("table", { class: "numbers" });
  const codes = element("div", { class: "codes" });
  const said = element("p", { class: "said" });
  const trouble = element("p", { class: "problem" });
  const live = element("p", { class: "live", role: "status", "aria-live": "polite" });
  let values = {};
  let fields = new Map(); // path -> control
  let panels = [];
  let places = [];
  let look = null;

  // -- moves: this page -> Python ------------------------------------------------------------------
  let serial = model.get("picture").serial;
  let answered = serial;
  let drawn = serial; // the move whose picture is shown; ahead of `answered` where it was foreseen
  let gesture = 0;
  let lastPath = "";
  let lastTime = -Infinity;
  const history = [];
  let waitingForKernel = 0;

  const send = (path = "") => {
    const now = performance.now();
    lastPath = path;
    lastTime = now;
    model.set("moved", { serial: ++serial, gesture, values });
    model.save_changes(); // the front end merges what a busy kernel has not taken yet
    foresee();
    listen();
  };
  /** Say so where the kernel leaves moves unanswered and is silent for long. */
  const listen = () => {
    waitingForKernel ||= setTimeout(() => {
      waitingForKernel = 0;
      trouble.textContent = words.silent;
      announce(words.silent);
    }, PATIENCE);
  };
  const heard = () => {
    clearTimeout(waitingForKernel);
    waitingForKernel = 0;
    if (answered < serial) listen();
  };
  /** Remember the values for undo, unless this only continues a move. */
  const begin = (path) => {
    const goesOn = held ? held.begun : performance.now() - lastTime < PAUSE;
    if (held) held.begun = true; // however long the hand rests: one stroke is one move
    if (path && path === lastPath && goesOn) return;
    gesture += 1;
    history.push(values);
    if (history.length > 200) history.shift();
    undo.disabled = false;
  };
  const change = (path, value) => {
    begin(path);
    values = { ...values, [path]: value };
    send(path);
  };
  const jump = (wanted) => {
    begin("");
    values = { ...values, ...wanted };
    showValues();
    send();
  };

  // -- pictures asked for before the key is pressed -----------------------------------------------------
  let isByKey = false; // whether a key made the last move: the next one has few places to go
  const foreseen = new Map(); // the values of all controls, as text -> what Python will answer
  const nameOfAll = (all) => JSON.stringify([...fields.keys()].map((path) => all[path]));
  /** Ask for the pictures that the next key in this control would bring, unless they are here. */
  const askAhead = (path) => {
    const near = fields.get(path)?.near?.() ?? [];
    const wanted = near.map((value) => ({ ...values, [path]: value })).filter((all) => !foreseen.has(nameOfAll(all)));
    if (wanted.length && model.get("picture").done >= 1) model.send({ kind: "ahead", wanted });
  };
  const keepAhead = () => {
    for (const picture of model.get("ahead").pictures) foreseen.set(nameOfAll(picture.values), picture);
    for (const oldest of foreseen.keys()) if (foreseen.size > FORESEEN) foreseen.delete(oldest);
  };
  /** Show at once what Python is going to answer. */
  const foresee = () => {
    const picture = foreseen.get(nameOfAll(values));
    if (!picture) return;
    drawn = serial;
    present(picture);
  };

  // -- controls --------------------------------------------------------------------------------------
  const undo = element("button", { type: "button", disabled: "" }, words.undo);
  const reset = element("button", { type: "button" }, words.reset);
  const log = element("input", { type: "checkbox" });
  const logLabel = element("label", {}, log, words.log);
  const cursor = numberControl({ name: words.look, whole: true }, (x) => lookAt(x), words, counted(0, 1));
  const cursorName = cursor.node.querySelector("label");
  const play = element("button", { type: "button", class: "play" });
  const progress = element("progress", { max: 1, value: 0 });
  const player = element("div", { class: "player" }, play, progress);
  const presets = presetControl(model.get("presets"), words, jump);
  const controlList = element("div", { class: "fields" });

  const showControls = () => {
    const focused = document.activeElement;
    const nodes = [];
    const kept = fields;
    fields = new Map();
    foreseen.clear();
    let heading = "";
    let above = "";
    values = {};
    for (const control of toldApart(model.get("controls"))) {
      const signature = JSON.stringify({ ...control, value: 0 });
      const old = kept.get(control.path);
      const field = old?.signature === signature
        ? old
        : { ...CONTROLS[control.kind](control, (value) => change(control.path, value), words), signature };
      values[control.path] = control.value;
      fields.set(control.path, field);
      if (control.heading !== heading) {
        heading = control.heading;
        if (heading && heading !== above) nodes.push(element("p", { class: "heading" }, heading));
      }
      above = control.name;
      nodes.push(field.node);
    }
    controlList.replaceChildren(...nodes);
    if (controlList.contains(focused)) focused.focus({ preventScroll: true });
    showValues();
  };
  const showValues = () => {
    for (const [path, field] of fields) if (path in values) field.show(values[path]);
  };
  /** What Python holds; another view of this explorer may have moved it. */
  const adopt = (held) => {
    values = { ...held };
    showValues();
  };
  const complain = (sentence) => {
    for (const field of fields.values()) field.complain("");
    trouble.textContent = "";
    (fields.get(lastPath) ?? { complain: (text) => (trouble.textContent = text) }).complain(sentence);
  };

  // -- the picture: Python -> this page ------------------------------------------------------------------
  let width = 0; // kept: asking for it after the words have changed would lay out the page twice
  let frame = 0;
  let isStale = false;
  /** Draw at once; what comes again before the next frame is drawn together in that frame. */
  const redraw = () => {
    isStale = true;
    if (frame) return;
    show();
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (isStale) show();
    });
  };
  const show = () => {
    isStale = false;
    width ||= plot.clientWidth;
    if (!width || !panels.length) return;
    places = draw(plot, panels, { width, look, isLog: log.checked, words });
    if (held?.draws) showStroke(plot, places[held.panel], fields.get(held.draws).heightsOn);
    el.dispatchEvent(new CustomEvent("lrcourse-drawn", { bubbles: true, detail: { serial: drawn } }));
  };
  const looked = () => panels.filter((panel) => panel.cursor);
  const lookAt = (x) => {
    if (x === null || !Number.isFinite(x) || !looked().length) return;
    const last = extent(looked().flatMap((panel) => valuesOf(panel, "x")))[1];
    look = clamp(Math.floor(x), 0, Math.max(0, last - 1));
    cursor.show(look);
    readout.textContent = readings();
    redraw();
  };
  /** "at t = 50: ours 0.08, PyTorch 0.08; momentum 0.9" */
  const readings = () => {
    const told = looked().map((panel) => {
      const curves = named(panel);
      const each = curves.map((curve) => `${curves.length > 1 || !panel.y.label.endsWith("learning rate η") ? curve.label : "η ="} ${short(valueAt(curve, look))}`);
      return each.join(", ");
    });
    return `at ${axisName()} = ${look}: ${told.filter(Boolean).join("; ")}`;
  };
  const axisName = () => looked()[0].x.label.split(" ").at(-1);

  let hush = 0;
  /** What a screen reader says once the hand rests; words that did not change are not repeated. */
  const announce = (text) => {
    clearTimeout(hush);
    hush = setTimeout(() => {
      if (live.textContent !== text) live.textContent = text;
    }, QUIET);
  };
  const showPicture = () => {
    const picture = model.get("picture");
    if (picture.serial < answered) return; // older than the last answer
    answered = picture.serial;
    if (answered > serial) serial = answered; // moved from Python
    heard();
    if (answered < drawn) return; // older than what is shown
    drawn = answered;
    complain(picture.refused);
    showPlayer(picture);
    if (answered >= serial && !picture.refused) adopt(picture.values); // a refused value is mended by hand
    said.textContent = picture.said.replaceAll("t = ", "t\u00a0=\u00a0"); // kept on one line
    present(picture);
    announce(picture.refused || `${said.textContent}. ${readout.textContent}`);
    if (answered === serial && isByKey) askAhead(lastPath);
  };
  let presented = null;
  /** Draw the panels, the table and the codes of a message, unless they are there. */
  const present = (picture) => {
    const wasThere = ["panels", "codes", "table"].every((part) => isSame(picture[part], presented?.[part]));
    presented = picture;
    if (wasThere) return;
    panels = picture.panels.map(decodedPanel);
    plot.setAttribute("aria-label", picture.alt);
    plot.classList.toggle("painted", panels.some((panel) => panel.draws));
    showNumbers(numbersTable, picture.table);
    showCodes(codes, picture.codes, words, announce);
    logLabel.hidden = !panels.some((panel) => panel.y.log === null || panel.x.log === null);
    cursor.node.hidden = readout.hidden = looked().length === 0;
    if (looked().length) {
      const last = extent(looked().flatMap((panel) => valuesOf(panel, "x")))[1];
      cursor.visit(0, Math.max(1, Math.floor(last) - 1));
      cursorName.textContent = `${words.look} ${axisName()}`;
      cursor.slider.setAttribute("aria-label", cursorName.textContent);
      lookAt(look ?? Math.round(last / 4));
    } else {
      redraw();
    }
  };
  const showPlayer = ({ state, done }) => {
    const playing = model.get("plays");
    player.hidden = !playing && (state !== "running" || done >= 1);
    play.hidden = !playing;
    play.textContent = { ready: words.play, running: words.stop, stopped: words.resume, done: words.again }[state];
    progress.value = done;
    progress.setAttribute("aria-label", words.computing);
  };

  // -- the hand on the plot ----------------------------------------------------------------------------
  let held = null; // what the hand moves: a line, or a painted curve
  const position = (event) => {
    const box = plot.getBoundingClientRect();
    const scale = plot.clientWidth / (box.width || 1);
    return under(held ? [places[held.panel]] : places, (event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
  };
  const lineNear = ({ place, x, y }) =>
    place.panel.marks.find((mark) => mark.kind === "rule" && mark.moves && fields.has(mark.moves) &&
      Math.abs(mark.x !== null ? place.x(mark.x) - place.x(x) : place.y(mark.y) - place.y(y)) < GRASP);
  const drag = ({ place, x, y }) => {
    if (held.moves) {
      const field = fields.get(held.moves);
      const value = field.nearest(held.x !== null ? x : y);
      if (value !== values[held.moves]) {
        field.show(value);
        change(held.moves, value);
      }
    } else {
      const { low, high } = place.xScale;
      fields.get(held.draws)?.paint((x - low) / (high - low), y, place.panel.y);
      redraw();
    }
  };
  const point = (event) => {
    const at = position(event);
    if (!at) return;
    if (held) drag(at);
    else if (at.place.panel.cursor) lookAt(at.x);
    plot.classList.toggle("graspable", Boolean(held?.moves || lineNear(at)));
  };
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const at = position(event);
    if (!at) return;
    const line = lineNear(at);
    const panel = places.indexOf(at.place);
    if (line) held = { ...line, panel };
    else if (at.place.panel.draws) held = { draws: at.place.panel.draws, panel };
    if (held) plot.setPointerCapture(event.pointerId);
    point(event);
    const focused = line ? fields.get(line.moves).slider : at.place.panel.cursor && !held ? cursor.slider : null;
    focused?.focus({ preventScroll: true }); // the arrow keys go on from here
  });
  const letGo = () => {
    if (held?.draws) fields.get(held.draws)?.lift();
    held = null;
    lastTime = -Infinity;
  };
  plot.addEventListener("pointerup", letGo);
  plot.addEventListener("pointercancel", letGo);

  // -- buttons -----------------------------------------------------------------------------------------
  const takeBack = () => {
    const before = history.pop();
    if (history.length === 0 && document.activeElement === undo) reset.focus(); // keys stay in the explorer
    undo.disabled = history.length === 0;
    if (!before) return;
    gesture += 1;
    values = before;
    showValues();
    send();
  };
  log.addEventListener("change", redraw);
  undo.addEventListener("click", takeBack);
  reset.addEventListener("click", () => {
    log.checked = false;
    look = null;
    jump(start);
  });
  play.addEventListener("click", () =>
    model.send({ kind: model.get("picture").state === "running" ? "stop" : "play" }));

  const root = element("section", { class: "lrcourse-explorer", "aria-label": `${words.explorer} ${model.get("title")}` });
  const isUndo = (event) => (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey &&
    !event.target.matches("input[type=text], input[type=number]");
  /** Keys that the notebook shall hear: Ctrl+S, Shift+Enter, Escape. */
  const isForNotebook = (event) => !isUndo(event) &&
    (event.ctrlKey || event.metaKey || event.key === "Escape" || (event.key === "Enter" && event.shiftKey));
  root.addEventListener("pointerdown", () => (isByKey = false));
  root.addEventListener("focusin", ({ target }) => {
    for (const [path, field] of fields) if (field.node.contains(target)) askAhead(path);
  });
  root.addEventListener("keydown", (event) => {
    isByKey = true;
    if (isUndo(event)) {
      event.preventDefault();
      takeBack();
    }
    // Notebook shortcuts (arrows change the cell, "d d" deletes it) must not see keys meant for us.
    if (!isForNotebook(event)) event.stopPropagation();
  });
  // Notebook 7 takes a key before it arrives here; only this attribute of its target holds it back.
  const holdBack = (event) => {
    if (root.contains(event.target)) event.target.toggleAttribute("data-lm-suppress-shortcuts", !isForNotebook(event));
  };
  window.addEventListener("keydown", holdBack, true);
  root.append(element("div", { class: "layout" },
    element("div", { class: "picture" }, plot, readout, trouble),
    element("div", { class: "controls" }, player, ...presets, controlList, cursor.node,
      element("div", { class: "buttons" }, logLabel, undo, reset)),
    element("div", { class: "words" }, said, numbersTable, codes, live)));
  el.append(root);

  const resized = new ResizeObserver(() => {
    width = plot.clientWidth;
    redraw();
  });
  resized.observe(plot);
  const watched = { "change:picture": showPicture, "change:controls": showControls, "change:ahead": keepAhead };
  for (const [event, handler] of Object.entries(watched)) model.on(event, handler);
  showControls();
  showPicture();
  const start = values;
  model.send({ kind: "here" });
  let isGone = false;
  return () => { // may be called more than once
    if (!isGone) model.send({ kind: "gone" });
    isGone = true;
    root.remove(); // anywidget keeps `el` of a closed view, with all that is inside
    resized.disconnect();
    cancelAnimationFrame(frame);
    window.removeEventListener("keydown", holdBack, true);
    clearTimeout(hush);
    clearTimeout(waitingForKernel);
    for (const [event, handler] of Object.entries(watched)) model.off(event, handler);
  };
}

/** Whether two parts of a message are the same, to the last byte. */
function isSame(one, other) {
  if (one === other) return true;
  if (!one || !other || typeof one !== "object" || typeof other !== "object") return false;
  if (one.byteLength !== undefined) {
    const [here, there] = [one, other].map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return here.length === there.length && here.every((byte, k) => byte === there[k]);
  }
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => isSame(one[name], other[name]));
}

/** A list of positions to jump to; nothing where there is none. */
function presetControl(presets, words, jump) {
  if (!presets.length) return [];
  const numbered = presets.map(({ label }, k) => element("option", { value: k }, label));
  const id = `lrcourse-${count++}`;
  const select = element("select", { id, class: "presets" }, element("option", { value: "" }, words.choose), ...numbered);
  select.addEventListener("change", () => {
    if (select.value !== "") jump(presets[Number(select.value)].values);
  });
  const label = element("label", { for: id }, words.preset);
  return [element("div", { class: "control" }, element("div", { class: "head" }, label, select))];
}

function showNumbers(table, numbers) {
  table.hidden = !numbers;
  if (!numbers) return;
  const heads = numbers.columns.map((name) => (name ? element("th", { scope: "col" }, name) : element("td")));
  const rows = numbers.rows.map(([name, ...cells]) =>
    element("tr", {}, element("th", { scope: "row" }, name), ...cells.map((cell) => element("td", {}, cell))));
  table.classList.toggle("text", numbers.rows.flat().some((cell) => cell.length > 30)); // words, not numbers
  table.replaceChildren(element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
}

/** Each code with a button that copies it; nodes are kept while a hand may be on the button. */
function showCodes(place, codes, words, announce) {
  while (place.children.length > codes.length) place.lastChild.remove();
  codes.forEach(({ label, text, style }, k) => {
    const node = place.children[k] ?? place.appendChild(codeRow(words, announce));
    node.className = `code style${style}`;
    node.firstChild.textContent = text;
    node.lastChild.setAttribute("aria-label", `${words.copy} ${words.code_of} ${label}`);
  });
}

function codeRow(words, announce) {
  const text = element("code");
  const button = element("button", { type: "button" }, words.copy);
  button.addEventListener("click", async () => {
    await copied(text.textContent);
    button.textContent = words.copied;
    announce(`${words.copied}: ${text.textContent}`);
    setTimeout(() => (button.textContent = words.copy), 1500);
  });
  return element("div", {}, text, button);
}

/** Into the clipboard; pages that are not served securely have only the old way. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = element("textarea", { style: "position: fixed; opacity: 0" });
    box.value = text;
    const focused = document.activeElement;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
    focused?.focus();
  }
}

export default { render };
