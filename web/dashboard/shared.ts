// What pages import from `main.js` instead of bringing a copy of their own.
export * from 'preact';
export * from 'preact/hooks';
export { flushSync, memo } from 'preact/compat';
export { jsx, jsxs } from 'preact/jsx-runtime';
export { Signal, batch, computed, effect, signal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
export { ACTIONS, messageStart, startAction, startMessage, useReopening } from './actions';
export * from './api';
export * from './components';
export * from './draft';
export * from './i18n';
export * from './pages';
export * from './router';
export { OWN_ITEMS } from './shell/own_items';
