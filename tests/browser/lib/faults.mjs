// What can be wrong with a page. `cutTexts`, `motion` and `englishLeft` run in the page.

/** Texts that a box cuts off, unless it can be scrolled; and those cut with an ellipsis where all of it has to be read. */
export function cutTexts() {
  const WHOLE = 'h1, h2, h3, label, legend, th, .button, [role="tab"], .rail a';
  const hides = (style, axis) => /hidden|clip/.test(style[`overflow${axis}`]);
  const scrolls = (style) => /auto|scroll/.test(style.overflowX + style.overflowY);
  // For screen readers only; or a person's name, which can have any length.
  const isUnseen = (element) => element.closest('.top-who')
    || (element && element !== document.body && (getComputedStyle(element).clipPath !== 'none' || isUnseen(element.parentElement)));
  const found = new Set();
  const walker = document.createTreeWalker(document.querySelector('dialog[open]') ?? document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const parent = text.parentElement;
    if (!text.data.trim() || !parent.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    if (isUnseen(parent)) continue;
    for (let each = parent; each && each !== document.body; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.position === 'fixed' || scrolls(style)) break;
      if (!hides(style, 'X') && !hides(style, 'Y')) continue;
      const frame = each.getBoundingClientRect();
      const outside = (hides(style, 'X') && (box.right > frame.right + 2 || box.left < frame.left - 2))
        || (hides(style, 'Y') && (box.bottom > frame.bottom + 4 || box.top < frame.top - 4));
      if (!outside) continue;
      const meant = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
      if (!meant || parent.closest(WHOLE)) found.add(`cut: ${text.data.trim().slice(0, 60)}`);
      break;
    }
  }
  return [...found];
}

/** Elements that move. */
export function motion() {
  const found = new Set(document.getAnimations().map((animation) => `animation of ${animation.effect?.target?.className}`));
  const lasts = (durations) => durations.split(',').some((duration) => parseFloat(duration) > 0);
  for (const element of document.querySelectorAll('*')) {
    for (const part of [null, '::before', '::after']) {
      const style = getComputedStyle(element, part);
      if (style.animationName !== 'none') found.add(`${element.className}: animation ${style.animationName}`);
      if (lasts(style.transitionDuration)) found.add(`${element.className}: transition of ${style.transitionProperty}`);
      if (style.scrollBehavior === 'smooth') found.add(`${element.className}: smooth scrolling`);
    }
  }
  return [...found];
}

/** Texts of the English catalogue that the catalogue of `language` doesn't have. */
export async function englishLeft(language) {
  const main = document.querySelector('script[src*="dist/main.js"]').src;
  const words = async (file) => (await import(new URL(`i18n/${file}.js`, main))).default;
  const catalogue = async (code) => ({ ...await words(code), ...await words(`${code}_pages`) });
  const values = (node) => (typeof node === 'string' ? [node] : node && typeof node === 'object' ? Object.values(node).flatMap(values) : []);
  const own = new Set(values(await catalogue(language)));
  const english = new Set(values(await catalogue('en')).filter((text) => !own.has(text)));
  const shown = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (parentElement.closest('[lang]').lang === language) shown.add(data.trim());
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
    for (const name of ['aria-label', 'title', 'placeholder']) shown.add(element.getAttribute(name));
  }
  return [...shown].filter((text) => english.has(text)).map((text) => `English: ${text}`);
}

const LANDMARKS = ['main', 'navigation', 'region', 'complementary', 'form', 'search'];
const CONTROLS = ['button', 'link', 'textbox', 'searchbox', 'combobox', 'checkbox', 'switch', 'radio', 'tab', 'tablist', 'tabpanel', 'menuitem',
  'slider', 'progressbar', 'img', 'image', 'dialog', 'table', 'listbox'];

/** What a screen reader can't make sense of in the accessibility tree. */
export function faultsOfTree(nodes) {
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const role = (node) => node.role?.value;
  const name = (node) => node.name?.value?.trim() ?? '';
  const property = (node, wanted) => node.properties?.find((each) => each.name === wanted)?.value?.value;
  const below = (node) => (node.childIds ?? []).flatMap((id) => (byId.has(id) ? [byId.get(id), ...below(byId.get(id))] : []));
  const shown = nodes.filter((node) => !node.ignored);
  const of = (...roles) => shown.filter((node) => roles.includes(role(node)));
  const faults = [];

  const dialogs = of('dialog').filter((node) => property(node, 'modal'));
  // The nodes come level by level: headings are compared in the order of the document.
  const headings = below(nodes[0]).filter((node) => !node.ignored && role(node) === 'heading');
  const firsts = headings.filter((node) => property(node, 'level') === 1);
  // What is behind a modal dialog is not in the tree.
  if (!dialogs.length && firsts.length !== 1) faults.push(`${firsts.length} headings of level 1`);
  if (!dialogs.length && of('main').length !== 1) faults.push(`${of('main').length} main landmarks`);
  for (const node of headings) if (!name(node)) faults.push('a heading without text');
  for (const node of of(...LANDMARKS, ...CONTROLS)) if (!name(node)) faults.push(`${role(node)} without a name`);
  const landmarks = of(...LANDMARKS).map((node) => `${role(node)} ${name(node)}`);
  for (const each of new Set(landmarks.filter((one, at) => landmarks.indexOf(one) !== at))) faults.push(`two landmarks: ${each}`);
  for (const table of of('table')) {
    const inside = below(table);
    if (!inside.some((node) => role(node) === 'columnheader' || role(node) === 'rowheader')) faults.push(`table ${name(table)} without headers`);
    for (const header of inside.filter((node) => role(node) === 'columnheader')) if (!name(header)) faults.push(`table ${name(table)}: a header without text`);
  }
  let level = 1;
  for (const heading of headings) {
    const next = property(heading, 'level');
    if (!dialogs.length && next > level + 1) faults.push(`heading ${name(heading)} of level ${next} after ${level}`);
    level = next;
  }
  return faults;
}
