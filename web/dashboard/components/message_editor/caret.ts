// Where the reader writes: merge fields are put there, and problems lead there.
import type { Part } from './documents';

type Control = HTMLInputElement | HTMLTextAreaElement;

const control = (part: Part): Control | null => document.querySelector<Control>(`[data-part="${part}"] :is(input, textarea)`);

/** The index in `text` of a line and column, each from 1 on; columns are characters, as people count them. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const at = Math.min(line, lines.length) - 1;
  const before = lines.slice(0, at).reduce((sum, each) => sum + each.length + 1, 0);
  return before + Array.from(lines[at] ?? '').slice(0, column - 1).join('').length;
}

export function moveTo(part: Part, start: number, end = start): void {
  // A text part may have to be shown first.
  control(part)?.closest('details')?.setAttribute('open', '');
  requestAnimationFrame(() => {
    const field = control(part);
    field?.focus();
    field?.setSelectionRange(start, end);
  });
}

/** Replaces what is selected. A default's text is left to be typed: the caret is between its quotes. */
export function insertField(part: Part, text: string, name: string, mayBeEmpty: boolean): string {
  const field = control(part);
  const [start, end] = [field?.selectionStart ?? text.length, field?.selectionEnd ?? text.length];
  const written = mayBeEmpty ? `{{ ${name} | default("") }}` : `{{ ${name} }}`;
  moveTo(part, start + (mayBeEmpty ? written.length - '") }}'.length : written.length));
  return text.slice(0, start) + written + text.slice(end);
}
