import { ACTIONS } from '../actions';
import { boot, connection, forgetMember, may } from '../api';
import { Avatar, Icon, IconButton, Kbd, Menu, shortcuts } from '../components';
import type { Language } from '../i18n';
import { chooseLanguage, language, LANGUAGES, t } from '../i18n';
import { openPalette } from './palette';
import { drawerOpen } from './rail';

function Connection() {
  const state = connection.value;
  return <p class="connection" role="status" data-state={state} title={t.shell[state]}><span>{t.shell[state]}</span></p>;
}

function ActionsMenu() {
  const items = ACTIONS.map(({ id, label, icon, needs, run }) => ({
    id, label: label(), icon, onSelect: run,
    ...(!may(needs) && { disabledReason: t.common.noRole(t.words.role[boot.role]) }),
  }));
  return (
    <Menu label={t.shell.actions} items={items}
      trigger={<><Icon name="plus" /><span>{t.shell.actions}</span><Icon name="chevron-down" /></>} />
  );
}

function signOut(): void {
  forgetMember();
  const form = document.createElement('form');
  form.method = 'post';
  form.action = boot.signOut.action;
  const token = document.createElement('input');
  token.type = 'hidden';
  token.name = 'form_token';
  token.value = boot.signOut.formToken;
  form.append(token);
  document.body.append(form);
  form.submit();
}

function ProfileMenu() {
  const role = t.words.role[boot.role];
  const languages = Object.entries(LANGUAGES).map(([code, name]) => ({
    id: `language-${code}`,
    label: name,
    icon: code === language ? ('check' as const) : ('globe' as const),
    onSelect: () => chooseLanguage(code as Language),
  }));
  return (
    <Menu label={t.shell.signedInAs(boot.memberName, role)}
      trigger={<><Avatar name={boot.memberName} /><span class="top-who"><span class="name">{boot.memberName}</span><span class="hint">{role}</span></span></>}
      items={[
        { id: 'profile', label: t.shell.profile, icon: 'user', onSelect: () => location.assign(`${boot.base}/profile`) },
        { separator: true },
        ...languages,
        { separator: true },
        { id: 'shortcuts', label: t.shell.shortcuts, checked: shortcuts.value, onSelect: () => (shortcuts.value = !shortcuts.value) },
        { separator: true },
        { id: 'sign-out', label: t.shell.signOut, icon: 'logout', onSelect: signOut },
      ]} />
  );
}

export function TopBar() {
  return (
    <header class="top">
      <span class="top-menu">
        <IconButton icon="menu" label={t.shell.menu} onClick={() => { drawerOpen.value = true; }} />
      </span>
      <button class="top-search quiet" type="button" onClick={openPalette} title={t.shell.palette}>
        <Icon name="search" /><span>{t.shell.search}</span><Kbd>{/Mac|iP/.test(navigator.platform) ? '⌘ K' : 'Ctrl K'}</Kbd>
      </button>
      <Connection />
      <ActionsMenu />
      <ProfileMenu />
    </header>
  );
}
