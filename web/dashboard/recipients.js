/**
 * The recipients in a text, as they were typed: separated by commas, semicolons, tabs and lines, but not inside quotes or
 * angle brackets; addresses alone by spaces too. The server reads each: `Anna Smith <anna@example.com>` as well as an address.
 */
export function recipients(text) {
  return text.split(/[\r\n]+/).flatMap(inLine).flatMap(bySpaces);
}

// A quote or bracket that is not closed reaches to the end of its line, and the server says that it can't be read.
function inLine(line) {
  const parts = line.match(/(?:"(?:\\.|[^"\\])*(?:"|\\?$)|<[^<>]*(?:>|$)|[^",;\t<]|<)+/g) ?? [];
  return parts.map((part) => part.trim()).filter(Boolean);
}

function bySpaces(part) {
  const words = part.split(/\s+/);
  return words.every((word) => /^[^\s<>"]+@[^\s<>"]+$/.test(word)) ? words : [part];
}
