import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { boot, may } from '../api';
import { Icon } from '../components';
import { t } from '../i18n';
import type { Page } from '../pages';
import { PAGES } from '../pages';
import { link, path } from '../router';
import { OwnItems } from './own_items';

/** On narrow screens the navigation is a drawer. */
export const drawerOpen = signal(false);

const GROUPS = ['people', 'content', 'mail', 'account'] as const;

const isCurrent = (page: Page): boolean =>
  page.path === path.value || (page.path !== '' && path.value.startsWith(`${page.path}/`));

function Links() {
  return (
    <nav class="rail-nav" aria-label={t.shell.navigation}>
      {GROUPS.map((group) => (
        <ul key={group}>
          {PAGES.map((page) => page.nav?.group === group && (!page.nav.needs || may(page.nav.needs)) && (
            <li key={page.path}>
              <a href={link(page.path)} aria-current={isCurrent(page) ? 'page' : undefined}>
                <Icon name={page.nav.icon} />
                {page.nav.label()}
              </a>
            </li>
          ))}
        </ul>
      ))}
      <OwnItems />
      <ul class="rail-outside">
        <li><a href={boot.portalUrl}><Icon name="external" />{t.shell.portal}</a></li>
        {boot.outboxHref && <li><a href={boot.outboxHref}><Icon name="eye" />{t.shell.outbox}</a></li>}
      </ul>
    </nav>
  );
}

const Brand = () => (
  <a class="brand rail-brand" href={boot.base}>
    <span class="mark" aria-hidden="true">{String.fromCodePoint(boot.accountName.codePointAt(0) ?? 0)}</span>
    <span class="rail-name">{boot.accountName}</span>
  </a>
);

export function Rail() {
  const drawer = useRef<HTMLDialogElement>(null);
  const open = drawerOpen.value;
  useEffect(() => {
    if (open) drawer.current?.showModal();
    else drawer.current?.close();
  }, [open]);
  const close = () => {
    drawerOpen.value = false;
  };
  return (
    <>
      <div class="rail"><Brand /><Links /></div>
      <dialog class="rail-drawer" ref={drawer} aria-label={t.shell.navigation} onClose={close}
        onClick={(event) => event.target === event.currentTarget && close()}>
        {open && <div class="rail-drawer-body"><Brand /><Links /></div>}
      </dialog>
    </>
  );
}
