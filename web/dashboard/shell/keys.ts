// Keys that work on every page: Ctrl or ⌘ K opens the palette, / goes to the search field.
import { shortcuts } from '../components';
import { openPalette } from './palette';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openPalette();
  } else if (event.key === '/' && shortcuts.value && !event.ctrlKey && !event.metaKey && !isTyping(event.target) && !document.querySelector('dialog[open]')) {
    const search = document.querySelector<HTMLInputElement>('#main [data-search]');
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  }
}

export function startKeys(): () => void {
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}
