// ---- drawing: panels of marks as SVG ---------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";
const LETTER = 7.4; // pixels, about the width of a letter at 13 px
const BOLD = 8.3; // and of a bold one
const ALL_HEIGHT = 540; // pixels: what all panels together should need at most
const LABEL_GAP = 17; // pixels between two labels at the ends of curves

function element(tag, attributes = {}, ...children) {
  const node = tag.startsWith("svg:")
    ? document.createElementNS(SVG, tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const svg = (tag, attributes, ...children) => element("svg:" + tag, attributes, ...children);

// Numbers as they come from Python ..................................................................

/** Bytes of a message as float64; they need not start at a multiple of eight. */
function numbers(bytes) {
  const { buffer, byteOffset, byteLength } = bytes;
  return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

function decodedMark(mark) {
  const decoded = { ...mark };
  for (const name of ["y", "low", "high"]) if (mark[name]?.byteLength !== undefined) decoded[name] = numbers(mark[name]);
  if (mark.kind === "rule") return decoded;
  const length = (decoded.y ?? decoded.low).length;
  decoded.x = mark.x ? numbers(mark.x) : Float64Array.from({ length }, (_, k) => k);
  return decoded;
}

const decodedPanel = (panel) => ({ ...panel, marks: panel.marks.map(decodedMark) });

/** Where the last value of a held curve ends. */
function endOf({ x, held }) {
  const last = x.length - 1;
  if (!held || last < 0) return x[last];
  return x[last] + (last > 0 ? x[last] - x[last - 1] : 1);
}

/** What a curve shows at x: the value that holds there, or that of the nearest point. */
function valueAt({ x, y, held }, at) {
  const k = countUpTo(x, at) - 1;
  if (k < 0 || at > endOf({ x, held }) - (held ? 1e-9 : 0)) return NaN;
  if (held || k === x.length - 1) return y[k];
  return at - x[k] <= x[k + 1] - at ? y[k] : y[k + 1];
}

// Marks ...........................................................................................

/** The lowest and the highest point of every half pixel, where there are far more points. */
function thinned(xs, ys, pixels) {
  if (xs.length <= 4 * pixels) return [xs, ys];
  const [keptX, keptY] = [[], []];
  const perBucket = Math.ceil(xs.length / (2 * pixels));
  for (let start = 0; start < xs.length; start += perBucket) {
    let [low, high] = [start, start];
    for (let k = start; k < Math.min(start + perBucket, xs.length); k++) {
      if (ys[k] < ys[low] || Number.isNaN(ys[low])) low = k;
      if (ys[k] > ys[high] || Number.isNaN(ys[high])) high = k;
    }
    for (const k of low < high ? [low, high] : low > high ? [high, low] : [low]) {
      keptX.push(xs[k]);
      keptY.push(ys[k]);
    }
  }
  return [keptX, keptY];
}

const near = (pixel) => clamp(pixel, -1e4, 1e4).toFixed(1); // NaN stays NaN

/** Straight lines through fewer points; they pass every other at a height of `slack` at most. */
function simplified(points, slack = 0.3) {
  const kept = points.slice(0, 1);
  let [steepDown, steepUp] = [-Infinity, Infinity]; // slopes that pass all points since the last kept
  for (let k = 1; k < points.length; k++) {
    const [left, height] = kept.at(-1);
    const [dx, dy] = [points[k][0] - left, points[k][1] - height];
    const isOnward = points[k][0] > points[k - 1][0];
    if (isOnward && dy / dx >= steepDown && dy / dx <= steepUp) {
      steepDown = Math.max(steepDown, (dy - slack) / dx);
      steepUp = Math.min(steepUp, (dy + slack) / dx);
      continue;
    }
    if (kept.at(-1) !== points[k - 1]) {
      kept.push(points[k - 1]);
      k -= 1; // from there once more
    } else {
      kept.push(points[k]);
    }
    [steepDown, steepUp] = [-Infinity, Infinity];
  }
  if (points.length > 1 && kept.at(-1) !== points.at(-1)) kept.push(points.at(-1));
  return kept;
}

/** Straight lines from point to point; NaN is a gap. */
function linesPath(curve, x, y, pixels) {
  const [xs, ys] = curve.faint ? [curve.x, curve.y] : thinned(curve.x, curve.y, pixels);
  let path = "";
  let run = [];
  const draw = () => {
    const points = curve.faint ? run : simplified(run);
    points.forEach(([across, up], k) => (path += `${k ? "L" : "M"}${near(across)} ${Number(near(up))}`));
    run = [];
  };
  for (let k = 0; k < xs.length; k++) {
    const [across, up] = [x(xs[k]), clamp(y(ys[k]), -1e4, 1e4)];
    if (Number.isFinite(across) && Number.isFinite(up)) run.push([across, up]);
    else draw();
  }
  if (curve.held && run.length) run.push([x(endOf(curve)), run.at(-1)[1]]);
  draw();
  return path;
}

/** Each value held until the next; NaN is a gap. */
function stairsPath(curve, x, y) {
  let path = "";
  let before = NaN;
  for (let k = 0; k < curve.x.length; k++) {
    const [across, up] = [near(x(curve.x[k])), Number(near(y(curve.y[k])))];
    if (!Number.isFinite(up) || across === "NaN") {
      if (Number.isFinite(before)) path += `H${across}`;
      before = NaN;
    } else if (!Number.isFinite(before)) {
      path += `M${across} ${up}`;
      before = up;
    } else if (up !== before) {
      path += `H${across}V${up}`;
      before = up;
    }
  }
  return Number.isFinite(before) ? path + `H${near(x(endOf(curve)))}` : path;
}

/** The path of a curve; steps narrower than a pixel and a half are no steps to the eye. */
function curvePath(curve, x, y, pixels) {
  const width = (x(endOf(curve)) - x(curve.x[0])) / curve.x.length;
  return curve.held && !(width < 1.5) ? stairsPath(curve, x, y) : linesPath(curve, x, y, pixels);
}

function bandPath({ x: xs, low, high }, x, y) {
  const there = [...xs.keys()].filter((k) => Number.isFinite(y(low[k])) && Number.isFinite(y(high[k])));
  if (!there.length) return "";
  const side = (heights, order) => order.map((k) => `${near(x(xs[k]))} ${near(y(heights[k]))}`).join("L");
  return `M${side(high, there)}L${side(low, there.reverse())}Z`;
}

const SHAPES = [ // one for each style; 12 pixels wide
  "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0",
  "M-5 -5h10v10h-10z",
  "M0 -6L6 5H-6z",
  "M0 -7L6 0L0 7L-6 0z",
  "M-5 -5L5 5M5 -5L-5 5",
  "M0 -6V6M-6 0H6",
];

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

// Panels ..........................................................................................

const named = (panel) => panel.marks.filter((mark) => mark.kind === "curve" && mark.label && !mark.faint);
const longest = (texts) => LETTER * Math.max(0, ...texts.map((text) => text.length));
const sameAxis = (one, other) => one && other && one.cursor && other.cursor && one.x.label === other.x.label;

const isDrawn = (curve) => curve.y.some(Number.isFinite);

/** `words`, cut where `room` pixels end. */
const fitted = (words, room) => {
  const letters = Math.max(1, Math.floor(room / BOLD));
  return words.length <= letters ? words : `${words.slice(0, letters - 1)}…`;
};

/** The last point of a curve that is a number. */
function lastPoint({ x, y }) {
  let k = y.length - 1;
  while (k > 0 && !Number.isFinite(y[k])) k--;
  return [x[k], y[k]];
}

function valuesOf(panel, which) {
  const lists = [];
  for (const mark of panel.marks) {
    if (which === "x" && mark.kind !== "rule") lists.push(mark.x, mark.kind === "curve" ? [endOf(mark)] : []);
    if (which === "y" && mark.kind === "band") lists.push(mark.low, mark.high);
    if (which === "y" && mark.y instanceof Float64Array) lists.push(mark.y);
    if (which === "y" && mark.kind === "rule" && mark.y !== null) lists.push([mark.y]);
  }
  return lists;
}

/** Where everything of a panel lies: scales, and pixels from the left and the top of the drawing. */
function laidOut(panels, width, isLog) {
  const heights = panels.reduce((sum, panel) => sum + panel.height, 0);
  const usual = clamp(Math.min(width * 0.5, ALL_HEIGHT / heights), 150, 330); // sliders stay in sight
  const scales = panels.map((panel) => {
    const height = Math.round(usual * panel.height);
    const log = (axis) => axis.log ?? isLog;
    return {
      height,
      y: scaleOf(panel.y, valuesOf(panel, "y"), log(panel.y), Math.max(2, Math.round(height / 55))),
      x: scaleOf(panel.x, valuesOf(panel, "x"), log(panel.x), clamp(Math.round(width / 90), 2, 10)),
    };
  });
  const left = 14 + Math.max(...scales.map(({ y }) => longest(y.ticks.map((tick) => (/[⁰-⁹⁻]/.test(tick.label) ? "10⁻³" : tick.label)))));
  const outside = panels.flatMap((panel, k) => {
    const curves = named(panel);
    return curves.length > 1 ? curves.filter((c) => reachesEnd(c, scales[k].x)).map((c) => c.label) : [];
  });
  const right = width - 20 - Math.min((longest(outside) * BOLD) / LETTER, width * 0.3);
  let top = 0;
  return panels.map((panel, k) => {
    const { height, x, y } = scales[k];
    const isLabelled = !sameAxis(panel, panels[k + 1]);
    const box = { left, right, top: top + 30, bottom: top + 30 + height };
    top = box.bottom + (isLabelled ? 48 : 28);
    return {
      ...box, width, panel, isLabelled, xScale: x, yScale: y, end: top,
      x: (value) => left + (right - left) * x.of(value),
      y: (value) => box.bottom - height * y.of(value),
    };
  });
}

/** Whether a curve goes on to the right end, where its name stands outside. */
const reachesEnd = (curve, scale) =>
  !curve.early && scale.of(Math.max(lastPoint(curve)[0] + (endOf(curve) - curve.x.at(-1)), 0)) > 0.98;

function drawAxes(place, words) {
  const { panel, width, left, right, top, bottom, x, y, xScale, yScale } = place;
  const nodes = [];
  const text = (at, height, anchor, name, ...content) =>
    nodes.push(svg("text", { x: at, y: height, "text-anchor": anchor, class: name }, ...content));
  for (const tick of yScale.ticks) {
    nodes.push(svg("path", { d: `M${left} ${y(tick.value)}H${right}`, class: "grid" }));
    text(left - 7, y(tick.value) + 4.5, "end", "tick", tick.label);
  }
  for (const tick of xScale.ticks) {
    nodes.push(svg("path", { d: `M${x(tick.value)} ${bottom}v5`, class: "axis" }));
    text(x(tick.value), bottom + 20, "middle", "tick", tick.label);
  }
  nodes.push(svg("path", { d: `M${left} ${top - 6}V${bottom}H${right}`, class: "axis" }));
  if (place.isLabelled) text((left + right) / 2, bottom + 40, "middle", "name", panel.x.label);
  const title = panel.title ? [svg("tspan", { class: "title" }, panel.title), `  ${panel.y.label}`] : [panel.y.label];
  text(4, top - 14, "start", "name", ...title);
  if (yScale.hidesZero && !panel.title) {
    const isBeside = longest([`${panel.y.label}  ${words.no_zero}`]) < right;
    text(isBeside ? right : width - 4, isBeside ? top - 14 : top + 6, "end", "tick", words.no_zero);
  }
  return nodes;
}

/** Whether the axis has a place for a line; a logarithmic one has none for 0. */
const isThere = (rule, x, y) => Number.isFinite(rule.x !== null ? x(rule.x) : y(rule.y));

/** The marks that stay inside the axes; what leaves them is cut off. */
function drawMarks({ panel, left, right, top, bottom, x, y }) {
  const area = { x: 0, y: top - 4, width: right + 3, height: bottom - top + 8 };
  const inside = svg("svg", { ...area, viewBox: `0 ${area.y} ${area.width} ${area.height}` });
  const of = (kind, faint) => panel.marks.filter((mark) => mark.kind === kind && Boolean(mark.faint) === faint);
  for (const band of of("band", false)) {
    inside.append(svg("path", { d: bandPath(band, x, y), class: `band style${band.style}` }));
  }
  for (const curve of [...of("curve", true), ...of("curve", false)]) {
    const look = curve.faint ? "faint" : `curve style${curve.style}`;
    inside.append(svg("path", { d: curvePath(curve, x, y, right - left), class: look }));
  }
  for (const dots of of("dots", false)) {
    dots.x.forEach((value, k) => {
      const [across, up] = [x(value), y(dots.y[k])];
      if (!Number.isFinite(across) || !Number.isFinite(up)) return;
      const at = `translate(${near(across)} ${near(up)})`;
      inside.append(svg("path", { d: SHAPES[dots.style % 6], transform: at, class: `dots style${dots.style}` }));
    });
  }
  for (const rule of of("rule", false)) {
    if (!isThere(rule, x, y)) continue;
    const d = rule.x !== null ? `M${x(rule.x)} ${top - 6}V${bottom}` : `M${left} ${y(rule.y)}H${right}`;
    inside.append(svg("path", { d, class: `rule style${rule.style}` }));
  }
  return inside;
}

/** How far away the curves stay from this height between two places, in pixels. */
function clearance({ panel, x, y }, from, to, height) {
  let nearest = Infinity;
  for (const curve of panel.marks.filter((mark) => mark.kind === "curve")) {
    for (let k = 0; k < curve.y.length; k++) {
      const across = x(curve.x[k]);
      if (!(across >= from && across <= to) || !Number.isFinite(y(curve.y[k]))) continue;
      nearest = Math.min(nearest, Math.abs(y(curve.y[k]) - height));
    }
  }
  return nearest;
}

function drawLabels(place) {
  const { panel, width, left, right, top, bottom, x, y, xScale } = place;
  const nodes = [];
  const text = (at, height, anchor, style, words) =>
    nodes.push(svg("text", { x: at, y: height, "text-anchor": anchor, class: `label style${style}` }, words));
  const beside = (at, height, style, words) => {
    const room = BOLD * (words.length + 1);
    if (at + room <= right) text(at + 9, height, "start", style, words);
    else if (at >= room) text(at - 9, height, "end", style, words);
    else text(width - 4, height, "end", style, fitted(words, width - 8)); // fits on neither side
  };
  const outside = (height, style, words) => {
    if (BOLD * words.length <= width - right - 8) text(right + 8, height, "start", style, words);
    else text(width - 4, height, "end", style, fitted(words, width - 8)); // over the curves, but whole
  };
  const curves = named(panel).length > 1 ? named(panel).filter(isDrawn) : [];
  const ends = curves.map((curve) => clamp(y(lastPoint(curve)[1]) || bottom, top, bottom));
  spread(ends, LABEL_GAP, bottom).forEach((height, k) => {
    const curve = curves[k];
    if (reachesEnd(curve, xScale)) outside(height + 4, curve.style, curve.label);
    else beside(clamp(x(lastPoint(curve)[0]), left, right), height - 9, curve.style, curve.early ? `✕ ${curve.label}` : curve.label);
  });
  for (const mark of panel.marks) {
    if (mark.kind === "rule" && !isThere(mark, x, y)) continue;
    if (mark.kind === "dots" && mark.label) {
      const [across, up] = [x(mark.x.at(-1)), y(mark.y.at(-1))];
      if (Number.isFinite(across) && Number.isFinite(up)) beside(across, up - 8, mark.style, mark.label);
    } else if (mark.kind === "rule" && mark.label) {
      if (mark.x !== null) {
        const at = clamp(x(mark.x), left, right);
        const free = (height) => clearance(place, at - 4, at + BOLD * (mark.label.length + 1), height);
        beside(at - 4, free(top) < LABEL_GAP && free(bottom) > free(top) ? bottom - 8 : top + 6, mark.style, mark.label);
      } else {
        const third = (right - left) / 3;
        const isLeft = clearance(place, left, left + third, y(mark.y)) > clearance(place, right - third, right, y(mark.y));
        const [at, anchor] = isLeft ? [left + 4, "start"] : [right - 4, "end"];
        text(at, clamp(y(mark.y), top, bottom) - 5, anchor, mark.style, fitted(mark.label, right - 8));
      }
    }
    if (mark.kind === "rule" && mark.moves) {
      const [across, up] = mark.x !== null ? [x(mark.x), top - 6] : [right, y(mark.y)];
      nodes.push(svg("circle", { cx: clamp(across, left, right), cy: up, r: 7, class: `handle style${mark.style}` }));
    }
  }
  return nodes;
}

function drawCursor({ panel, top, bottom, x, y }, look) {
  if (!Number.isFinite(x(look))) return [];
  const nodes = [svg("path", { d: `M${x(look)} ${top}V${bottom}`, class: "cursor" })];
  for (const curve of named(panel)) {
    const height = y(valueAt(curve, look));
    if (height >= top - 1 && height <= bottom + 1) {
      const [radius, hollow] = curve.style % 2 ? [7, "hollow"] : [4, ""];
      nodes.push(svg("circle", { cx: x(look), cy: height, r: radius, class: `dot ${hollow} style${curve.style}` }));
    }
  }
  return nodes;
}

/** Draws all panels into `plot`; returns where each of them lies. */
function draw(plot, panels, { width, look, isLog, words }) {
  const places = laidOut(panels, width, isLog);
  const height = places.at(-1).end;
  const nodes = places.flatMap((place) => [
    ...drawAxes(place, words),
    ...(place.panel.cursor ? drawCursor(place, look).slice(0, 1) : []),
    drawMarks(place),
    ...(place.panel.cursor ? drawCursor(place, look).slice(1) : []),
    ...drawLabels(place),
  ]);
  plot.setAttribute("viewBox", `0 0 ${width} ${height}`);
  plot.setAttribute("height", height);
  plot.replaceChildren(svg("g", { "aria-hidden": "true" }, ...nodes)); // the plot's own words say it
  return places;
}

/** What a hand paints, drawn before Python has answered. */
function showStroke(plot, { panel, x, y, xScale }, heightsOn) {
  const heights = heightsOn(panel.y);
  const at = heights.map((_, k) => xScale.low + ((xScale.high - xScale.low) * k) / (heights.length - 1));
  plot.append(svg("path", { d: curvePath({ x: at, y: heights }, x, y, Infinity), class: "stroke" }));
}

/** The panel under a point of the drawing, and the values there. */
function under(places, across, down) {
  const place = places.find(({ end }) => down <= end) ?? places.at(-1);
  if (!place) return null;
  const share = (at, from, to) => clamp((at - from) / (to - from), 0, 1);
  return {
    place,
    x: place.xScale.back(share(across, place.left, place.right)),
    y: place.yScale.back(share(down, place.bottom, place.top)),
  };
}
