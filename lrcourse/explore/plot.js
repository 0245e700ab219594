// The explorer's controls and its drawing. No formula of a schedule is here: Python sends the
// rates of every curve as float64, and this file scales and draws them, once per screen frame.

const SVG = "http://www.w3.org/2000/svg";
const LETTER = 7.4; // pixels, about the width of a letter at 13 px

// ---- numbers ------------------------------------------------------------------------------

const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

/** A number as short as six digits allow. */
function short(x) {
  const rounded = Number(x.toPrecision(6));
  return rounded !== 0 && Math.abs(rounded) < 1e-4 ? rounded.toExponential() : String(rounded);
}

const powerOfTen = (k) => "10" + String(k).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);

/** The next number up with one of these first digits, times a power of ten. */
function roundedUp(x, digits) {
  const power = 10 ** Math.floor(Math.log10(x));
  return power * digits.find((digit) => digit * power >= x * (1 - 1e-9));
}

const niceLimit = (x) => roundedUp(x, [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]);

function niceTicks(low, high, count) {
  const step = roundedUp((high - low) / count, [1, 2, 2.5, 5, 10]);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
}

// ---- scales: from a rate to a height in [0, 1], and its ticks -------------------------------

function linearScale(rates, count) {
  const top = Math.max(...rates, 0);
  const bottom = Math.min(...rates, 0);
  const high = top > 0 ? niceLimit(top) : bottom < 0 ? 0 : 1;
  const low = bottom < 0 ? -niceLimit(-bottom) : 0;
  const ticks = niceTicks(low, high, count).map((rate) => ({ rate, label: short(rate) }));
  return { of: (rate) => (rate - low) / (high - low), ticks };
}

function logScale(rates, count) {
  const positive = rates.filter((rate) => rate > 0);
  const high = positive.length ? Math.ceil(Math.log10(Math.max(...positive)) - 1e-9) : 0;
  const wanted = positive.length ? Math.floor(Math.log10(Math.min(...positive)) + 1e-9) : -5;
  const low = clamp(wanted, high - 10, high - 1); // below ten decades nothing is learned
  const every = Math.ceil((high - low) / count);
  const ticks = [];
  for (let k = high; k >= low; k -= every) ticks.push({ rate: 10 ** k, label: powerOfTen(k) });
  const of = (rate) => (rate > 0 ? (Math.log10(rate) - low) / (high - low) : NaN);
  return { of, ticks, hidesZero: positive.length < rates.length };
}

// ---- drawing ------------------------------------------------------------------------------

function element(tag, attributes = {}, ...children) {
  const node = tag.startsWith("svg:")
    ? document.createElementNS(SVG, tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const svg = (tag, attributes, ...children) => element("svg:" + tag, attributes, ...children);

/** Each rate held until the next update: rates exist at whole t only. */
function staircase(rates, x, y) {
  let path = "";
  let before = NaN;
  rates.forEach((rate, t) => {
    const height = clamp(y(rate), -1e4, 1e4); // NaN stays NaN: a gap
    if (Number.isFinite(height) && height !== before) {
      const [left, up] = [x(t).toFixed(1), height.toFixed(1)];
      path += Number.isFinite(before) ? `H${left}V${up}` : `M${left} ${up}`;
    } else if (!Number.isFinite(height) && Number.isFinite(before)) {
      path += `H${x(t).toFixed(1)}`;
    }
    before = height;
  });
  return Number.isFinite(before) ? path + `H${x(rates.length).toFixed(1)}` : path;
}

/** Heights moved apart, so that no label lies on another. */
function spread(heights, gap, lowest) {
  const order = heights.map((_, k) => k).sort((a, b) => heights[b] - heights[a] || b - a);
  const placed = [];
  let free = lowest;
  for (const k of order) {
    placed[k] = Math.min(heights[k], free);
    free = placed[k] - gap;
  }
  return placed;
}

/** Draws into `plot`; returns the update t under a horizontal position. */
function draw(plot, curves, { look, isLog, words }) {
  const width = plot.clientWidth;
  const height = clamp(Math.round(width * 0.55), 230, 380);
  const updates = curves[0].rates.length;
  const all = curves.flatMap((curve) => [...curve.rates].filter(Number.isFinite));
  const scale = (isLog ? logScale : linearScale)(all, Math.round(height / 60));
  const longest = (texts) => LETTER * Math.max(...texts.map((text) => text.length));
  const left = 14 + longest(scale.ticks.map((tick) => (isLog ? "10⁻³" : tick.label)));
  const reachesEnd = (curve) => curve.rates.length === updates;
  const labelled = curves.length > 1 ? curves : []; // one curve needs no name
  const right = width - 20 - longest(["", ...labelled.filter(reachesEnd).map((curve) => curve.label)]);
  const [top, bottom] = [34, height - 46];
  const x = (t) => left + ((right - left) * t) / updates;
  const y = (rate) => bottom - (bottom - top) * scale.of(rate);

  const nodes = [];
  const text = (at, height, anchor, name, words) =>
    nodes.push(svg("text", { x: at, y: height, "text-anchor": anchor, class: name }, words));
  for (const tick of scale.ticks) {
    nodes.push(svg("path", { d: `M${left} ${y(tick.rate)}H${right}`, class: "grid" }));
    text(left - 7, y(tick.rate) + 4.5, "end", "tick", tick.label);
  }
  for (const t of niceTicks(0, updates, clamp(Math.round((right - left) / 75), 2, 10))) {
    nodes.push(svg("path", { d: `M${x(t)} ${bottom}v5`, class: "axis" }));
    text(x(t), bottom + 20, "middle", "tick", short(t));
  }
  nodes.push(svg("path", { d: `M${left} ${top - 6}V${bottom}H${right}`, class: "axis" }));
  text((left + right) / 2, height - 6, "middle", "name", words.time);
  text(4, 16, "start", "name", words.rate);
  if (scale.hidesZero) text(right, 16, "end", "tick", words.no_zero);

  // An inner <svg> cuts off what leaves the axes, with room for the width of the lines.
  const area = { x: 0, y: top - 3, width: right + 2, height: bottom - top + 6 };
  const inside = svg("svg", { ...area, viewBox: `0 ${area.y} ${area.width} ${area.height}` });
  inside.append(svg("path", { d: `M${x(look)} ${top}V${bottom}`, class: "cursor" }));
  curves.forEach(({ rates }, k) => {
    inside.append(svg("path", { d: staircase(rates, x, y), class: `curve curve${k}` }));
  });
  nodes.push(inside);
  curves.forEach(({ rates }, k) => {
    const height = y(rates[look]);
    if (height >= top - 1 && height <= bottom + 1) {
      nodes.push(svg("circle", { cx: x(look), cy: height, r: k ? 7 : 4, class: `dot dot${k}` }));
    }
  });
  const ends = labelled.map(({ rates }) => clamp(y(rates.at(-1)) || bottom, top, bottom));
  spread(ends, 17, bottom).forEach((height, k) => {
    const { label, rates } = curves[k];
    const [stop, room] = [x(rates.length) + 2, LETTER * (label.length + 2)];
    if (reachesEnd(curves[k])) text(right + 8, height + 4, "start", `label label${k}`, label);
    else text(Math.min(stop, right - room), ends[k] - 9, "start", `label label${k}`, `✕ ${label}`);
  });

  plot.setAttribute("viewBox", `0 0 ${width} ${height}`);
  plot.setAttribute("height", height);
  plot.replaceChildren(...nodes);
  return (at) => Math.floor((updates * (at - left)) / (right - left));
}

// ---- controls -----------------------------------------------------------------------------

let count = 0; // ids connect labels with boxes; several explorers live on one page

/** A slider over `stops` and a number box. `changed(value)` is called with null for an empty box. */
function numberControl({ name, meaning, stops, first, whole, optional }, changed) {
  const id = `lrcourse-${count++}`;
  const slider = element("input", {
    type: "range", min: 0, max: stops.length - 1, "aria-label": meaning ? `${name} (${meaning})` : name,
  });
  const box = element("input", { type: "number", id, placeholder: "None" });
  const given = element("input", { type: "checkbox", "aria-label": `${name}: give a value` });
  const nearest = (value) =>
    stops.reduce((best, stop, k) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? k : best), 0);
  const showSlider = (value) => {
    const missing = value === null || value === undefined;
    given.checked = !missing;
    slider.hidden = missing && optional;
    if (!missing) slider.value = nearest(value);
    slider.setAttribute("aria-valuetext", missing ? "None" : short(value));
  };
  const showBox = (value) => {
    box.value = value ?? "";
    // Up and down in the box change the second digit of a small number, not its whole.
    box.step = whole || !value ? 1 : 10 ** (Math.floor(Math.log10(Math.abs(value)) + 1e-9) - 1);
  };
  slider.addEventListener("input", () => {
    const value = stops[slider.value];
    slider.setAttribute("aria-valuetext", short(value));
    showBox(value);
    changed(value);
  });
  box.addEventListener("input", () => {
    const value = box.value === "" ? null : box.valueAsNumber;
    showSlider(value);
    changed(value);
  });
  given.addEventListener("change", () => {
    const value = given.checked ? first : null;
    show(value);
    changed(value);
  });
  const show = (value) => {
    showSlider(value);
    if (document.activeElement !== box) showBox(value); // never under the typing hand
  };
  const label = element("label", { for: id }, name);
  const head = element("div", { class: "head" }, ...(optional ? [given] : []), label, box);
  if (meaning) label.after(element("span", { class: "meaning" }, meaning));
  return { node: element("div", { class: "control" }, head, slider), show, slider, box };
}

/** A box for a list such as "60, 120, 160"; up and down move the number at the caret. */
function listControl({ name, meaning }, changed) {
  const id = `lrcourse-${count++}`;
  const box = element("input", { type: "text", id, spellcheck: "false", autocomplete: "off" });
  box.addEventListener("input", () => changed(box.value));
  box.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    const caret = box.selectionStart;
    const step = direction * (event.shiftKey ? 10 : 1);
    box.value = box.value.replace(/\d+/g, (digits, at) =>
      at <= caret && caret <= at + digits.length ? Math.max(1, Number(digits) + step) : digits);
    box.setSelectionRange(caret, caret);
    changed(box.value);
  });
  const show = (value) => {
    if (document.activeElement !== box) box.value = value;
  };
  const label = element("label", { for: id }, name);
  const head = element("div", { class: "head" }, label, element("span", { class: "meaning" }, meaning));
  return { node: element("div", { class: "control" }, head, box), show };
}

/** A native list of words to choose from: arrow keys and first letters work. */
function choiceControl({ name, meaning, words }, changed) {
  const id = `lrcourse-${count++}`;
  const select = element("select", { id }, ...words.map((word) => element("option", { value: word }, word)));
  select.addEventListener("change", () => changed(select.value));
  const show = (value) => {
    select.value = value;
  };
  const label = element("label", { for: id }, name);
  const head = element("div", { class: "head" }, label, element("span", { class: "meaning" }, meaning), select);
  return { node: element("div", { class: "control" }, head), show };
}

const CONTROLS = { number: numberControl, list: listControl, choice: choiceControl };

// ---- the explorer -------------------------------------------------------------------------

/** The rates as numbers; the bytes of a message need not start at a multiple of eight. */
function decoded({ label, code, rates }) {
  const { buffer, byteOffset, byteLength } = rates;
  return { label, code, rates: new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength)) };
}

function render({ model, el }) {
  const words = model.get("words");
  const start = { values: model.get("values"), shown: model.get("shown") };
  const plot = svg("svg", { role: "img", class: "plot" });
  const readout = element("p", { class: "readout" });
  const codes = element("div", { class: "codes" });
  const status = element("p", { class: "status", role: "status", "aria-live": "polite" });
  let curves = [];
  let look = Math.round(start.shown / 4);
  let updateAt = () => 0;

  const send = (name, value) => {
    model.set(name, value);
    model.save_changes(); // the front end merges what a busy kernel has not taken yet
  };
  const fields = model.get("controls").map((control) => {
    const make = CONTROLS[control.kind];
    const changed = (value) => send("values", { ...model.get("values"), [control.name]: value });
    return { name: control.name, ...make(control, changed) };
  });
  const shown = numberControl(
    { name: words.shown, stops: model.get("shown_stops"), whole: true },
    (value) => value >= 2 && value <= 10000 && Number.isInteger(value) && send("shown", value),
  );
  const wholeNumbers = (n) => Array.from({ length: n }, (_, k) => k);
  const lookStops = [];
  const cursor = numberControl({ name: words.look, stops: lookStops, whole: true }, (t) => lookAt(t));
  const log = element("input", { type: "checkbox" });
  const reset = element("button", { type: "button" }, words.reset);

  /** Draw on the next frame; moves that come faster are drawn together. */
  let waiting = false;
  const redraw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (plot.clientWidth && curves.length) updateAt = draw(plot, curves, { look, isLog: log.checked, words });
    });
  };
  const lookAt = (t) => {
    if (t === null) return;
    look = clamp(Math.floor(t), 0, curves[0].rates.length - 1);
    cursor.show(look);
    const numbers = curves.map(({ label, rates }) =>
      `${curves.length > 1 ? label : "η ="} ${look < rates.length ? short(rates[look]) : "–"}`);
    readout.textContent = `at t = ${look}: ${numbers.join(", ")}`;
    redraw();
  };
  const showValues = () => {
    for (const field of fields) field.show(model.get("values")[field.name]);
    shown.show(model.get("shown"));
  };
  const showPicture = () => {
    const picture = model.get("picture");
    curves = picture.curves.map(decoded);
    plot.setAttribute("aria-label", picture.alt);
    status.textContent = picture.status.replaceAll("t = ", "t\u00a0=\u00a0"); // kept on one line
    status.classList.toggle("refused", picture.refused);
    codes.replaceChildren(...curves.map(({ code }, k) => element("code", { class: `code${k}` }, code)));
    lookStops.splice(0, Infinity, ...wholeNumbers(curves[0].rates.length));
    cursor.slider.max = lookStops.length - 1;
    lookAt(look);
  };

  log.addEventListener("change", redraw);
  reset.addEventListener("click", () => {
    log.checked = false;
    look = Math.round(start.shown / 4);
    model.set("values", start.values);
    model.set("shown", start.shown);
    model.save_changes();
    lookAt(look);
  });
  const point = (event) => lookAt(updateAt(event.clientX - plot.getBoundingClientRect().left));
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    point(event);
    cursor.slider.focus({ preventScroll: true }); // the arrow keys go on from here
  });

  const root = element("section", { class: "lrcourse-explorer", "aria-label": `${words.explorer} ${model.get("title")}` });
  // Notebook shortcuts (arrows change the cell, "d d" deletes it) must not see keys meant for us.
  root.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey || event.key === "Escape" || event.key === "Enter")) event.stopPropagation();
  });
  root.append(element("div", { class: "layout" },
    element("div", { class: "picture" }, plot, readout, codes, status),
    element("div", { class: "controls" },
      ...fields.map((field) => field.node),
      ...(fields.length ? [element("hr")] : []),
      shown.node,
      cursor.node,
      element("div", { class: "buttons" }, element("label", {}, log, words.log), reset))));
  el.append(root);

  const resized = new ResizeObserver(redraw);
  resized.observe(plot);
  const watched = { "change:picture": showPicture, "change:values": showValues, "change:shown": showValues };
  for (const [event, handler] of Object.entries(watched)) model.on(event, handler);
  showPicture();
  showValues();
  return () => {
    resized.disconnect();
    for (const [event, handler] of Object.entries(watched)) model.off(event, handler);
  };
}

export default { render };
