// The files of this folder are read as one module, in the order in which explorer.py names them.
// No formula of a schedule is here: Python sends numbers, and these files scale and draw them.

// ---- numbers: limits, ticks, and how they are written ------------------------------------------

const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

/** A number as short as six digits allow. */
function short(x) {
  if (!Number.isFinite(x)) return "–";
  const rounded = Number(x.toPrecision(6));
  return rounded !== 0 && Math.abs(rounded) < 1e-4 ? rounded.toExponential() : String(rounded);
}

/** A tick: 20000000000 takes too much room. */
const tickLabel = (x) =>
  Math.abs(x) >= 1e6 ? x.toExponential().replace("e+", "e") : short(x).replace("-", "−");

const powerOfTen = (k) => "10" + String(k).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);

/** The next number up with one of these first digits, times a power of ten. */
function roundedUp(x, digits) {
  const power = 10 ** Math.floor(Math.log10(x));
  const digit = digits.find((each) => each * power >= x * (1 - 1e-9));
  return Number((digit * power).toPrecision(12)); // 3 * 0.1 is not 0.3
}

const niceLimit = (x) => roundedUp(x, [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]);

function niceTicks(low, high, count) {
  const step = roundedUp((high - low) / count, [1, 2, 2.5, 5, 10]);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** [least, largest] of the finite numbers that pass; Infinity and -Infinity where there are none. */
function extent(lists, passes = () => true) {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    for (const x of list) {
      if (Number.isFinite(x) && passes(x)) {
        if (x < low) low = x;
        if (x > high) high = x;
      }
    }
  }
  return [low, high];
}

/** The number of entries of a rising list that are at most x. */
function countUpTo(list, x) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
