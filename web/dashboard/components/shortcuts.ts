import { effect, signal } from '@preact/signals';

const CHOICE = 'vestibule.shortcuts';

/** Whether single keys are shortcuts (WCAG 2.1.4). Kept by the browser. */
export const shortcuts = signal(localStorage.getItem(CHOICE) !== 'off');

effect(() => localStorage.setItem(CHOICE, shortcuts.value ? 'on' : 'off'));
