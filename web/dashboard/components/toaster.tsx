import { useEffect } from 'preact/hooks';
import { loadZag, zag } from './lazy_zag';

export type ToastOptions = {
  text: string;
  tone?: 'good' | 'bad';
  undo?: () => void | Promise<void>;
  action?: { label: string; onSelect: () => unknown };
};

const waiting: ToastOptions[] = [];

/** Says what happened, at the bottom of the page. */
export function toast(options: ToastOptions): void {
  if (zag.value) zag.value.showToast(options);
  else waiting.push(options);
  loadZag();
}

export function Toaster() {
  const loaded = zag.value;
  useEffect(() => {
    if (loaded) for (const options of waiting.splice(0)) loaded.showToast(options);
    else setTimeout(loadZag);
  }, [loaded]);
  return loaded ? <loaded.ToastStack /> : null;
}
