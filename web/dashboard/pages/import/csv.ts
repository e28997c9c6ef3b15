// Reading and writing CSV as RFC 4180 says, with comma, semicolon or tab. Large files are read in slices, so that the page stays responsive.
import { unguarded } from '../../csv';

export const MAX_BYTES = 64 * 1024 * 1024;
const MAX_ROWS = 1_000_000;
const MAX_CELL = 64 * 1024;
const SLICE_MS = 25;

type FileProblemCode = 'EMPTY' | 'TOO_LARGE' | 'TOO_MANY' | 'SPREADSHEET' | 'BINARY' | 'NO_ADDRESS' | 'UNREADABLE';

export class FileProblem extends Error {
  constructor(readonly code: FileProblemCode) {
    super(code);
  }
}

/** Lets the browser paint and handle input, if the present slice has lasted long enough. */
export function slices(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < SLICE_MS) return undefined;
    return new Promise((resolve) => setTimeout(() => {
      since = performance.now();
      resolve();
    }));
  };
}

type Decoded = { text: string; utf8: boolean };

const startsWith = (bytes: Uint8Array, ...prefix: number[]) => prefix.every((byte, index) => bytes[index] === byte);

function decodeBytes(bytes: Uint8Array): Decoded {
  if (startsWith(bytes, 0xff, 0xfe)) return { text: new TextDecoder('utf-16le').decode(bytes), utf8: true };
  if (startsWith(bytes, 0xfe, 0xff)) return { text: new TextDecoder('utf-16be').decode(bytes), utf8: true };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), utf8: true };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), utf8: false };
  }
}

/** The text of the file, without a byte order mark. */
export async function decode(file: Blob): Promise<Decoded> {
  if (file.size > MAX_BYTES) throw new FileProblem('TOO_LARGE');
  const bytes = new Uint8Array(await file.arrayBuffer().catch(() => {
    throw new FileProblem('UNREADABLE');
  }));
  if (startsWith(bytes, 0x50, 0x4b, 3, 4) || startsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0)) throw new FileProblem('SPREADSHEET');
  const decoded = decodeBytes(bytes);
  if (decoded.text.includes('\0') || decoded.text.startsWith('%PDF-')) throw new FileProblem('BINARY');
  if (!decoded.text.trim()) throw new FileProblem('EMPTY');
  return decoded;
}

/** The character that separates the cells of the first line. */
function delimiterOf(text: string): string {
  const line = /^[^\r\n]*/.exec(text.trimStart())?.[0].replace(/"[^"]*"/g, '') ?? '';
  const count = (delimiter: string) => line.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, each) => (count(each) > count(best) ? each : best));
}

function quoted(text: string, at: number): { cell: string; end: number } | null {
  let cell = '';
  let from = at + 1;
  for (;;) {
    const close = text.indexOf('"', from);
    // An unclosed quote is a character like others: it doesn't swallow the rest of the file.
    if (close < 0 || close - at > MAX_CELL) return null;
    cell += text.slice(from, close);
    if (text[close + 1] !== '"') return { cell, end: close + 1 };
    cell += '"';
    from = close + 2;
  }
}

function* records(text: string, delimiter: string): Generator<string[]> {
  const plain = new RegExp(`[^${delimiter}\r\n]*`, 'y');
  let cells: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const inQuotes = text[at] === '"' ? quoted(text, at) : null;
    plain.lastIndex = inQuotes?.end ?? at;
    cells.push(unguarded(((inQuotes?.cell ?? '') + (plain.exec(text)?.[0] ?? '')).trim()));
    at = plain.lastIndex;
    if (text[at] === delimiter) continue;
    yield cells;
    cells = [];
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
  }
  if (cells.length) yield cells;
}

/** The rows that are not blank. */
export async function readRows(text: string, onProgress: (rows: number) => void): Promise<string[][]> {
  const rows: string[][] = [];
  const pause = slices();
  for (const cells of records(text, delimiterOf(text))) {
    if (cells.some(Boolean)) rows.push(cells);
    if (rows.length > MAX_ROWS + 1) throw new FileProblem('TOO_MANY');
    if (rows.length % 500) continue;
    const paused = pause();
    if (!paused) continue;
    onProgress(rows.length);
    await paused;
  }
  return rows;
}

/** A row as a line: each row is one line, so that the server's line numbers are ours. */
export const csvLine = (cells: readonly string[]): string =>
  cells.map((cell) => {
    const text = cell.replace(/[\r\n]+/g, ' ');
    return /[",;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }).join(',');

export function saveFile(name: string, lines: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([`\ufeff${lines.join('\r\n')}\r\n`], { type: 'text/csv;charset=utf-8' }));
  const anchor = Object.assign(document.createElement('a'), { href: url, download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url));
}
