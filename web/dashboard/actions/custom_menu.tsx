// The links to the sections, for menus. They hold no credential.
import { useEffect, useState } from 'preact/hooks';
import { graphql, may, mutate } from '../api';
import { CopyField, Skeleton } from '../components';
import { t } from '../i18n';
import { ActionError } from './action_error';
import { required } from './outcome';

const GENERATE = graphql(`
  mutation GenerateCustomMenuLink($input: GenerateCustomMenuLinkInput!) {
    generateCustomMenuLink(input: $input) { section url }
  }
`);

const MENU_SECTIONS = ['COURSES', 'COMMUNITIES', 'AFFILIATES'] as const;

type MenuLink = { section: (typeof MENU_SECTIONS)[number]; url: string };

const generateAll = (): Promise<MenuLink[]> => Promise.all(MENU_SECTIONS.map(async (section) => {
  const { generateCustomMenuLink } = await mutate(GENERATE, { input: { section } });
  return { section, url: required(generateCustomMenuLink).url };
}));

export function CustomMenuLinks() {
  const [links, setLinks] = useState<MenuLink[]>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (may('LINKS')) generateAll().then(setLinks, setError);
  }, []);
  return (
    <div class="menu-links">
      <p>{t.actions.menu.explain}</p>
      {!may('LINKS') ? <p class="hint">{t.actions.menu.noRole}</p>
        : error !== undefined ? <ActionError error={error} />
        : !links ? <Skeleton rows={3} />
        : links.map(({ section, url }) => <CopyField key={section} value={url} label={t.actions.menu.label(t.words.section[section])} />)}
    </div>
  );
}
