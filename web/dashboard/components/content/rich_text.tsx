// The HTML that the server makes of Markdown. The server has already cleaned it; only what Markdown makes is rendered here, element by
// element, so that nothing else could run or load, whatever the server sends.
import type { VNode } from 'preact';
import { createElement } from 'preact';
import { useMemo } from 'preact/hooks';

const AS: Record<string, string> = {
  // The page has its own headings above.
  h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6', h6: 'h6',
  ...Object.fromEntries([
    'p', 'ul', 'ol', 'li', 'strong', 'em', 'del', 's', 'code', 'pre', 'blockquote', 'br', 'hr', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'sup', 'sub',
  ].map((name) => [name, name])),
};

type Content = VNode | string | Content[];

const isWebAddress = (href: string): boolean => /^(https?:|mailto:)/i.test(href);

function render(node: Node): Content {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent ?? '';
  const name = node.nodeName.toLowerCase();
  const children = [...node.childNodes].map(render);
  if (name === 'a') {
    const href = (node as Element).getAttribute('href') ?? '';
    return isWebAddress(href) ? <a href={href} target="_blank" rel="noopener noreferrer">{children}</a> : children;
  }
  const tag = AS[name];
  if (!tag) return children;
  const start = name === 'ol' ? Number((node as Element).getAttribute('start')) : 0;
  return start ? <ol start={start}>{children}</ol> : createElement(tag, null, ...children);
}

/** Parsing makes a document without a window: nothing in it runs or loads. */
export function RichText({ html }: { html: string }) {
  const content = useMemo(() => [...new DOMParser().parseFromString(html, 'text/html').body.childNodes].map(render), [html]);
  return <article class="rich-text" dir="auto">{content}</article>;
}
