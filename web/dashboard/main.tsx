import { render } from 'preact';
import { startLive, takeReturnPath } from './api';
import { loadStrings } from './i18n';
import { navigate, startRouter } from './router';
import { Shell } from './shell/shell';

// Pages are files of their own and import everything that they share from here: see `build.mjs`.
export * from './shared';

const app = document.getElementById('app');

// Not awaited here: languages and pages import from this module, which is complete only once it has run to its end.
async function start(root: HTMLElement): Promise<void> {
  await loadStrings();
  startRouter();
  const back = takeReturnPath();
  if (back) navigate(back, { replace: true });
  startLive();
  root.replaceChildren();
  render(<Shell />, root);
}

if (app) void start(app);
