// The vertical axis of the chart: whole numbers at round steps.

const SMALLEST_TOP = 4;
const MAX_STEPS = 4;
const ROUND = [1, 2, 5, 10];

/** The value at the top, and the values of the lines: `scaleOf(37)` has lines at 0, 10, 20, 30 and 40. */
export function scaleOf(max: number): { top: number; ticks: number[] } {
  const wanted = Math.max(max, SMALLEST_TOP) / MAX_STEPS;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = (ROUND.find((factor) => factor * power >= wanted) ?? 10) * power;
  const count = Math.ceil(Math.max(max, SMALLEST_TOP) / step);
  return { top: count * step, ticks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}
