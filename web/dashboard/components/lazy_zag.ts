// Zag's machines are a third of the code that the dashboard needs, and nothing of the first view: they are loaded when it is shown.
import { signal } from '@preact/signals';
import type * as Module from './zag';

type Zag = typeof Module;

export const zag = signal<Zag | null>(null);

export function loadZag(): void {
  if (zag.value) return;
  import('./zag').then(
    (loaded) => {
      zag.value = loaded;
    },
    // Without a connection: the next attempt loads it.
    () => undefined,
  );
}
