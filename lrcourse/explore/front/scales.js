// ---- scales: from a value to a share of the axis in [0, 1] and back, and its ticks ----------------

const LARGEST = 1e307; // the length of an axis must be a number too; a training that diverges goes beyond

function linearScale(axis, values, count) {
  let [least, most] = extent(values);
  if (least > most) [least, most] = [0, 1];
  let low = axis.low ?? (axis.tight ? least : least < 0 ? -niceLimit(-least) : 0);
  let high = axis.high ?? (axis.tight ? most : most > 0 ? niceLimit(most) : least < 0 ? 0 : 1);
  [low, high] = [clamp(low, -LARGEST, LARGEST), clamp(high, -LARGEST, LARGEST)];
  if (!(high > low)) [low, high] = [low - (Math.abs(low) || 1) / 2, low + (Math.abs(low) || 1) / 2];
  const ticks = niceTicks(low, high, count).map((value) => ({ value, label: tickLabel(value) }));
  return { low, high, ticks, of: (x) => (x - low) / (high - low), back: (share) => low + share * (high - low) };
}

function logScale(axis, values, count) {
  const [least, most] = extent(values, (x) => x > 0);
  const isEmpty = least > most;
  let top = isEmpty ? 1 : most;
  let end = isEmpty ? 1e-5 : least;
  if (!axis.tight) [top, end] = [10 ** Math.ceil(Math.log10(top) - 1e-9), 10 ** Math.floor(Math.log10(end) + 1e-9)];
  const high = Math.log10(Math.min(axis.high > 0 ? axis.high : top, LARGEST));
  const wanted = Math.log10(axis.low > 0 ? axis.low : end);
  const low = clamp(wanted, high - 16, high - 0.1); // below sixteen decades nothing is learned
  const of = (x) => (x > 0 ? (Math.log10(x) - low) / (high - low) : NaN);
  const ticks = high - low < 1.5 ? fineTicks(low, high) : decades(low, high, count);
  const hidesZero = values.some((list) => list.some((x) => x <= 0));
  return { low: 10 ** low, high: 10 ** high, ticks, of, back: (share) => 10 ** (low + share * (high - low)), hidesZero };
}

function decades(low, high, count) {
  const every = Math.max(1, Math.ceil((high - low) / count));
  const ticks = [];
  for (let k = Math.floor(high + 1e-9); k >= low - 1e-9; k -= every) {
    ticks.push({ value: 10 ** k, label: k >= 0 && k <= 4 ? String(10 ** k) : powerOfTen(k) });
  }
  return ticks;
}

/** 1, 2, 5 in each decade, for an axis of little more than one. */
function fineTicks(low, high) {
  const ticks = [];
  for (let k = Math.floor(low); k <= high; k++) {
    for (const digit of [1, 2, 5]) {
      const value = Number(`${digit}e${k}`);
      const at = Math.log10(value);
      if (at >= low - 1e-9 && at <= high + 1e-9) ticks.push({ value, label: short(value) });
    }
  }
  return ticks;
}

const scaleOf = (axis, values, isLog, count) => (isLog ? logScale : linearScale)(axis, values, count);
