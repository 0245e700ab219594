// ---- controls: one native input for each value -------------------------------------------------------

let count = 0; // ids connect labels with boxes; several explorers live on one page

/** The values that a slider visits: a list, or whole numbers. */
const listed = (stops) => ({
  last: stops.length - 1,
  at: (k) => stops[k],
  nearest: (value) =>
    stops.reduce((best, stop, k) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? k : best), 0),
});
const counted = (low, high) => ({
  last: high - low,
  at: (k) => low + Number(k),
  nearest: (value) => clamp(Math.round(value) - low, 0, high - low),
});

/** A name, what it means, the input itself, and room for a sentence about a wrong value. */
function row(control, { before = [], after = [], below = [] }) {
  const problem = element("p", { class: "problem", id: `lrcourse-${count++}` });
  const label = element("label", { for: control.id }, control.name);
  const meaning = control.meaning ? [element("span", { class: "meaning" }, control.meaning)] : [];
  const head = element("div", { class: "head" }, ...before, label, ...meaning, ...after);
  const node = element("div", { class: "control" }, head, ...below, problem);
  if (control.spoken) node.querySelector(`[id="${control.id}"]`)?.setAttribute("aria-label", control.spoken);
  const complain = (sentence) => {
    problem.textContent = sentence;
    for (const input of node.querySelectorAll("input, select")) {
      if (sentence) {
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", problem.id);
      } else {
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
      }
    }
  };
  return { node, complain };
}

/** What the inputs are called for who cannot see where they stand; `spoken` where a name is there twice. */
const nameOf = ({ name, spoken, meaning }, { isLong = false } = {}) =>
  isLong && meaning ? `${spoken ?? name} (${meaning})` : spoken ?? name;

/** Whose value it is: "compare with", or "schedule 2 CosineDecay" for the second part of a composition. */
const ownerOf = ({ path, heading }) => {
  const [argument, ...inside] = path.split(".").slice(0, -1);
  const parts = inside.filter((part) => /^\d+$/.test(part)).map((part) => Number(part) + 1);
  const owner = (argument ?? "").replaceAll("_", " ");
  return [owner, ...parts, heading === owner ? "" : heading].filter((word) => word !== "").join(" ");
};

/** The controls, where some share a name, with one that tells them apart: "peak_lr, compare with". */
function toldApart(controls) {
  const times = (name) => controls.filter((control) => control.name === name).length;
  return controls.map((control) =>
    times(control.name) > 1 && ownerOf(control) ? { ...control, spoken: `${control.name}, ${ownerOf(control)}` } : control);
}

/** A slider over `visits` and a number box. `changed(value)` is called with null for an empty box. */
function numberControl(control, changed, words, visits = listed(control.stops)) {
  const { first, whole, optional } = control;
  const id = `lrcourse-${count++}`;
  const slider = element("input", {
    type: "range", min: 0, max: visits.last, "aria-label": nameOf(control, { isLong: true }),
  });
  const box = element("input", { type: "number", id, placeholder: "None" });
  const given = element("input", { type: "checkbox", "aria-label": `${nameOf(control)}: ${words.give}` });
  let now = null;
  const showSlider = (value) => {
    now = value;
    const missing = value === null || value === undefined;
    given.checked = !missing;
    slider.hidden = missing && Boolean(optional);
    if (!missing) slider.value = visits.nearest(value);
    slider.setAttribute("aria-valuetext", missing ? "None" : short(value));
  };
  const showBox = (value) => {
    box.value = value ?? "";
    // Up and down in the box change the second digit of a small number, not its whole.
    box.step = whole || !value ? 1 : 10 ** (Math.floor(Math.log10(Math.abs(value)) + 1e-9) - 1);
  };
  slider.addEventListener("input", () => {
    const value = visits.at(slider.value);
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
  const visit = (low, high) => {
    visits = counted(low, high);
    slider.max = visits.last;
    showSlider(now);
  };
  const stepped = (step) => {
    const copy = box.cloneNode();
    copy[step]();
    return copy.valueAsNumber;
  };
  /** Where the next keys may lead. */
  const near = () => {
    if (document.activeElement === box) return now === null ? [] : [stepped("stepUp"), stepped("stepDown")];
    const places = [1, -1, 2, -2].map((step) => Number(slider.value) + step);
    return slider.hidden ? [] : places.filter((k) => k >= 0 && k <= visits.last).map(visits.at);
  };
  const nearest = (value) => visits.at(visits.nearest(value));
  const parts = { before: optional ? [given] : [], after: [box], below: [slider] };
  return { ...row({ ...control, id }, parts), id, show, visit, slider, near, nearest };
}

/** A box for a list such as "60, 120, 160"; up and down move the number at the caret. */
function listControl(control, changed) {
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
  return { ...row({ ...control, id }, { below: [box] }), show };
}

/** A native list of words to choose from: arrow keys and first letters work. */
function choiceControl(control, changed) {
  const id = `lrcourse-${count++}`;
  const options = control.words.map((word) => element("option", { value: word }, word));
  const select = element("select", { id }, ...options);
  select.addEventListener("change", () => changed(select.value));
  const show = (value) => {
    select.value = value;
  };
  const near = () => [1, -1].map((step) => control.words[select.selectedIndex + step]).filter((word) => word !== undefined);
  return { ...row({ ...control, id }, { after: [select] }), show, near };
}

function switchControl(control, changed) {
  const id = `lrcourse-${count++}`;
  const box = element("input", { type: "checkbox", id });
  box.addEventListener("change", () => changed(box.checked));
  const show = (value) => {
    box.checked = value;
  };
  return { ...row({ ...control, id }, { before: [box] }), show, near: () => [!box.checked] };
}

/** A painted curve: by hand on the plot, and here point for point with two sliders. */
function drawingControl(control, changed, words) {
  const [low, high] = control.ends;
  let heights = [...control.value];
  const height = numberControl(
    { name: words.height, spoken: `${nameOf(control)} ${words.height}`, stops: Array.from({ length: 101 }, (_, k) => Number((low + ((high - low) * k) / 100).toPrecision(4))) },
    (value) => value !== null && set(Number(point.slider.value), value), words,
  );
  const point = numberControl(
    { name: words.point, spoken: `${nameOf(control)} ${words.point}`, whole: true }, (k) => k !== null && height.show(heights[k]), words, counted(0, heights.length - 1),
  );
  const set = (k, value) => {
    heights = heights.with ? heights.with(k, value) : heights.map((old, i) => (i === k ? value : old));
    changed(heights);
  };
  let last = null; // where the hand was
  /** `y` is a value on this axis, whose ends, where it has some, are those of the drawing. */
  const paint = (share, y, axis) => {
    const [bottom, top] = [axis.low ?? low, axis.high ?? high];
    const value = low + ((high - low) * (y - bottom)) / (top - bottom);
    const k = Math.round(share * (heights.length - 1));
    const from = last ?? { k, value };
    heights = heights.map((old, i) => {
      if (i < Math.min(k, from.k) || i > Math.max(k, from.k)) return old;
      const way = k === from.k ? 1 : (i - from.k) / (k - from.k);
      return Number(clamp(from.value + way * (value - from.value), low, high).toPrecision(4));
    });
    last = { k, value };
    point.show(k);
    height.show(heights[k]);
    changed(heights);
  };
  const heightsOn = (axis) => {
    const [bottom, top] = [axis.low ?? low, axis.high ?? high];
    return heights.map((height) => bottom + ((top - bottom) * (height - low)) / (high - low));
  };
  const lift = () => {
    last = null;
  };
  const show = (value) => {
    heights = [...value];
    const k = clamp(Number(point.slider.value) || 0, 0, heights.length - 1);
    point.show(k);
    height.show(heights[k]);
  };
  point.show(0);
  const { node, complain } = row({ ...control, id: point.id }, { below: [point.node, height.node] });
  return { node, complain, show, paint, lift, heightsOn };
}

const CONTROLS = {
  number: numberControl, list: listControl, choice: choiceControl, switch: switchControl, drawing: drawingControl,
};
