import { render } from 'preact';
import { startLive, takeReturnPath } from './api';
import { loadStrings } from './i18n';
import { navigate, startRouter } from './router';
import { Shell } from './shell/shell';

// Pages are files of their own and import everything that they share from here: see `build.mjs`.
export * from './shared';

async function start(app: HTMLElement): Promise<void> {
  await loadStrings();
  startRouter();
  const back = takeReturnPath();
  if (back) navigate(back, { replace: true });
  startLive();
  app.replaceChildren();
  render(<Shell />, app);
}

// Not awaited: the files that it loads import this one.
const app = document.getElementById('app');
if (app) void start(app);
