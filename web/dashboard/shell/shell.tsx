import { useEffect } from 'preact/hooks';
import { boot } from '../api';
import { Toaster } from '../components';
import { t } from '../i18n';
import { path } from '../router';
import { ActionDialog } from './action_dialog';
import { Banners } from './banners';
import { JobTray } from './job_tray';
import { startKeys } from './keys';
import { PageView } from './page_view';
import { Palette } from './palette';
import { drawerOpen, Rail } from './rail';
import { TopBar } from './top_bar';

export function Shell() {
  useEffect(startKeys, []);
  useEffect(() => {
    drawerOpen.value = false;
  }, [path.value]);
  return (
    <div class="shell">
      <a class="skip" href="#main">{t.shell.skip}</a>
      <Rail />
      <div class="shell-column">
        <TopBar />
        <Banners />
        <main id="main" class="shell-main" tabIndex={-1} aria-label={boot.accountName}>
          <PageView />
        </main>
      </div>
      <JobTray />
      <ActionDialog />
      <Palette />
      <Toaster />
    </div>
  );
}
