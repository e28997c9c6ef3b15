// HTML that the server made of Markdown, as elements: only those that Markdown has, and no attribute but a link's address.
import type { ComponentChildren } from 'preact';

const ELEMENTS = [
  'p', 'br', 'hr', 'em', 'strong', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td',
] as const;

type Name = (typeof ELEMENTS)[number] | 'h3' | 'h4' | 'h5' | 'h6';

const LEVEL = /^h([1-6])$/;
const FIRST_LEVEL = 3;
const LAST_LEVEL = 6;

/** The element that shows it. The highest heading of the text is below the one of what holds it. */
function nameOf(element: Element, highest: number): Name | undefined {
  const name = element.localName;
  const level = LEVEL.exec(name)?.[1];
  if (level) return `h${Math.min(LAST_LEVEL, Number(level) - highest + FIRST_LEVEL)}` as Name;
  return ELEMENTS.find((known) => known === name);
}

function shown(node: Node, highest: number): ComponentChildren {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const children = [...node.childNodes].map((child) => shown(child, highest));
  const href = node.getAttribute('href') ?? '';
  if (node.localName === 'a' && /^(https?:|mailto:)/i.test(href)) {
    return <a href={href} target="_blank" rel="noopener noreferrer">{children}</a>;
  }
  const Shown = nameOf(node, highest);
  if (!Shown) return children;
  return Shown === 'br' || Shown === 'hr' ? <Shown /> : <Shown>{children}</Shown>;
}

export function RichText({ html }: { html: string }) {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  const levels = [...body.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(({ localName }) => Number(localName.slice(1)));
  return <div class="rich-text" dir="auto">{[...body.childNodes].map((node) => shown(node, Math.min(...levels)))}</div>;
}
