// What stands on the screen after each animation frame, for tests/benchmarks/explorers.py.
//
// A picture is told apart by its pixels (an <img> or a <canvas>, as drawImage gives them) or by
// the paths of its curves (an <svg>); one without a curve is "". A frame is looked at in the first
// task after it: everything that this frame has painted is there, whoever painted it.
(() => {
  const sheet = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const mix = (sum, number) => (Math.imul(sum, 31) + number) | 0;

  const ofPaths = (svg) => {
    const paths = [...svg.querySelectorAll("path.curve")].map((path) => path.getAttribute("d")).join("");
    if (!paths) return "";
    let sum = 0;
    for (let k = 0; k < paths.length; k++) sum = mix(sum, paths.charCodeAt(k));
    return String(sum);
  };
  const ofPixels = (node) => {
    const [width, height] = [node.naturalWidth ?? node.width, node.naturalHeight ?? node.height];
    if (!width || node.complete === false) return "";
    Object.assign(sheet.canvas, { width, height });
    sheet.drawImage(node, 0, 0);
    const pixels = new Uint32Array(sheet.getImageData(0, 0, width, height).data.buffer);
    let [sum, ink] = [0, 0];
    for (const pixel of pixels) {
      sum = mix(sum, pixel);
      const [red, green, blue] = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
      if (Math.abs(red - green) + Math.abs(green - blue) > 60) ink += 1; // only curves have colours
    }
    return ink > 100 ? String(sum) : "";
  };
  const picture = (selector) => {
    const node = [...document.querySelectorAll(selector)].find((n) => n.getBoundingClientRect().width > 100);
    if (!node) return "";
    return node.tagName === "svg" ? ofPaths(node) : ofPixels(node);
  };

  let run = 0;
  /** From now on, note each change of the picture, and when the last key and mouse move came. */
  const watch = (selector) => {
    const mine = ++run;
    const before = picture(selector);
    const seen = { before, last: before, changes: [], frames: 0, blank: 0, cost: 0, key: null, move: null };
    const after = new MessageChannel();
    const look = () => {
      const now = performance.now();
      const shown = picture(selector);
      seen.frames += 1;
      seen.cost += performance.now() - now;
      if (shown === "") seen.blank += 1;
      if (shown !== seen.last) seen.changes.push([now, shown]);
      seen.last = shown;
      if (mine === run) requestAnimationFrame(() => after.port2.postMessage(0));
      else after.port1.close();
    };
    after.port1.onmessage = look;
    requestAnimationFrame(() => after.port2.postMessage(0));
    window.seen = seen;
  };
  document.addEventListener("keydown", (event) => { if (window.seen) window.seen.key = event.timeStamp; }, true);
  document.addEventListener("pointermove", (event) => { if (window.seen) window.seen.move = event.timeStamp; }, true);
  window.probe = { watch, stop: () => { run += 1; }, origin: performance.timeOrigin };
})();
