// Cells of CSV files that spreadsheets would run as formulas (CWE-1236). Some separate cells by semicolons, so that each piece counts.

/** For files that are opened in a spreadsheet: with an apostrophe before each piece that begins like a formula. */
export const guarded = (cell: string): string => cell.replace(/(^|[;\n])(?=[ "]*[=+\-@\t\r])/g, "$1'");

/** What a program wrote with such apostrophes, without them. */
export const unguarded = (cell: string): string => cell.replace(/(^|[;\n])'(?=[ "]*[=+\-@\t\r])/g, '$1');
