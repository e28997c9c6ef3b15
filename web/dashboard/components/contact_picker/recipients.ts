/**
 * Splits a text into recipients, as typed: at commas, semicolons, tabs and line breaks outside quotes and angle brackets, and at
 * spaces between bare addresses. The server parses each one: `Anna Smith <anna@example.com>` or an address.
 */
export const recipients = (text: string): string[] => text.split(/[\r\n]+/).flatMap(inLine).flatMap(bySpaces);

// An unclosed quote or bracket extends to the end of its line; the server reports it as unreadable.
function inLine(line: string): string[] {
  const parts = line.match(/(?:"(?:\\.|[^"\\])*(?:"|\\?$)|<[^<>]*(?:>|$)|[^",;\t<]|<)+/g) ?? [];
  return parts.map((part) => part.trim()).filter(Boolean);
}

function bySpaces(part: string): string[] {
  const words = part.split(/\s+/);
  return words.every((word) => /^[^\s<>"]+@[^\s<>"]+$/.test(word)) ? words : [part];
}

/** A row of a file is one recipient if it has one address: a single other cell is the name. Rows without an address are headings. */
export function fileRecipients(text: string): string[] {
  return text.split(/[\r\n]+/).flatMap((line, index) => {
    const cells = recipients(line);
    const addresses = cells.filter((cell) => cell.includes('@'));
    if (addresses.length === 0) return index === 0 ? [] : cells;
    const [other, ...more] = cells.filter((cell) => !cell.includes('@'));
    if (addresses.length > 1 || !other || more.length > 0 || addresses[0]?.includes('<')) return addresses;
    const name = other.replaceAll('"', '');
    return [`"${name}" <${(addresses[0] ?? '').replaceAll('"', '')}>`];
  });
}
