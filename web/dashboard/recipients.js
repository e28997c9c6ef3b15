/**
 * Splits a text into recipients, as typed: at commas, semicolons, tabs and line breaks outside quotes and angle brackets, and at
 * spaces between bare addresses. The server parses each one: `Anna Smith <anna@example.com>` or an address.
 */
export function recipients(text) {
  return text.split(/[\r\n]+/).flatMap(inLine).flatMap(bySpaces);
}

// An unclosed quote or bracket extends to the end of its line; the server reports it as unreadable.
function inLine(line) {
  const parts = line.match(/(?:"(?:\\.|[^"\\])*(?:"|\\?$)|<[^<>]*(?:>|$)|[^",;\t<]|<)+/g) ?? [];
  return parts.map((part) => part.trim()).filter(Boolean);
}

function bySpaces(part) {
  const words = part.split(/\s+/);
  return words.every((word) => /^[^\s<>"]+@[^\s<>"]+$/.test(word)) ? words : [part];
}
