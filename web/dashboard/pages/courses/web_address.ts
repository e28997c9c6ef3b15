/** What was typed as an address, complete: `example.com/a` is `https://example.com/a`. */
export function webAddress(typed: string): string {
  const text = typed.trim();
  return !text || /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
