// The server's rules for an account's colours (src/accounts/brand.rs): text on and in the first has a WCAG 2 contrast of at least 4.5:1, and
// buttons in it stand out from the bar above the portal's pages by 3:1 (WCAG 2.2, 1.4.11).

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
const DARK_SURFACE: Rgb = [0x17, 0x1b, 0x22];

export const TEXT_RATIO = 4.5;
export const FILL_RATIO = 3;
const STEPS = 20;

export type Palette = { fill: string; onFill: string; text: string; ratio: number };

/** `#rrggbb` of `#rgb`, `rrggbb` or `#rrggbb`; null if it is no colour. */
export function parseColor(typed: string): string | null {
  const digits = typed.trim().toLowerCase().replace(/^#/, '');
  if (/^[0-9a-f]{6}$/.test(digits)) return `#${digits}`;
  if (/^[0-9a-f]{3}$/.test(digits)) return `#${digits.replace(/./g, '$&$&')}`;
  return null;
}

function rgb(color: string): Rgb {
  const channel = (at: number) => parseInt(color.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

const hex = (color: Rgb): string => `#${color.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;

function luminance(color: Rgb): number {
  const linear = color.map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function contrast(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** The colour, moved towards white or black until it stands out from the background by the ratio. */
function readable(color: Rgb, background: Rgb, ratio: number): Rgb {
  const target = luminance(background) > 0.5 ? 0 : 255;
  for (let step = 0; step <= STEPS; step += 1) {
    const mixed = color.map((channel) => Math.trunc((channel * (STEPS - step) + target * step) / STEPS)) as unknown as Rgb;
    if (contrast(mixed, background) >= ratio) return mixed;
  }
  return [target, target, target];
}

function palette(fill: Rgb, text: Rgb): Palette {
  const onFill = contrast(fill, WHITE) >= Math.min(contrast(fill, BLACK), TEXT_RATIO) ? WHITE : BLACK;
  return { fill: hex(fill), onFill: hex(onFill), text: hex(text), ratio: contrast(fill, onFill) };
}

/** How much the one stands out from the other, 1 to 21. */
export const contrastOf = (one: string, other: string): number => contrast(rgb(one), rgb(other));

/** Text on a bar of a color, and its contrast. */
export function onBar(color: string): Pick<Palette, 'onFill' | 'ratio'> {
  const { onFill, ratio } = palette(rgb(color), rgb(color));
  return { onFill, ratio };
}

/** On white. */
export const onLight = (color: string): Palette => palette(rgb(color), readable(rgb(color), WHITE, TEXT_RATIO));

/** On a dark surface. */
export const onDark = (color: string): Palette =>
  palette(readable(rgb(color), DARK_SURFACE, FILL_RATIO), readable(rgb(color), DARK_SURFACE, TEXT_RATIO));
