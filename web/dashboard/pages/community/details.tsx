import { mutate, query } from '../../api';
import { Card, TextField } from '../../components';
import type { Version } from '../../components/content/form';
import { ContentForm, useContentForm } from '../../components/content/form';
import { t } from '../../i18n';
import type { Community } from './documents';
import { COMMUNITY, UPDATE } from './documents';

const MAX_NAME = 200;
const MAX_DESCRIPTION = 10_000;

const hostOf = (url: string): string | null => {
  try {
    return new URL(url).host;
  } catch {
    return null;
  }
};

type Values = { name: string; description: string; coverUrl: string; joinUrl: string };

const versionOf = ({ name, description, coverUrl, joinUrl, updatedAt }: Community): Version<Values> =>
  ({ values: { name, description: description ?? '', coverUrl: coverUrl ?? '', joinUrl: joinUrl ?? '' }, updatedAt });

async function read(id: string): Promise<Version<Values> | null> {
  const { community } = await query(COMMUNITY, { id });
  return community && versionOf(community);
}

/** An emptied field is null. */
const inputOf = ({ name, ...rest }: Partial<Values>) => ({
  ...(name !== undefined && { name: name.trim() }),
  ...Object.fromEntries(Object.entries(rest).map(([field, value]) => [field, value.trim() || null])),
});

export function Details({ community }: { community: Community }) {
  const { id } = community;
  const form = useContentForm<Values>({
    name: `community.${id}`, saved: versionOf(community), read: () => read(id),
    labels: { name: t.communities.name, description: t.access.description, coverUrl: t.communities.coverUrl, joinUrl: t.communities.joinUrl },
    save: (changes, expectedUpdatedAt) => mutate(UPDATE, { input: { communityId: id, expectedUpdatedAt, ...inputOf(changes) } }),
  });
  const { values, set, errorOf } = form;
  const host = hostOf(values.coverUrl);
  return (
    <Card title={t.communities.tabs.details}>
      <ContentForm form={form}>
        <TextField label={t.communities.name} maxLength={MAX_NAME} value={values.name} error={errorOf('name')} onInput={(typed) => set({ name: typed })} />
        <TextField label={t.access.description} hint={t.access.markdown} optional multiline={6} maxLength={MAX_DESCRIPTION} value={values.description}
          error={errorOf('description')} onInput={(typed) => set({ description: typed })} />
        <TextField label={t.communities.joinUrl} hint={t.communities.joinUrlHint} optional type="url" value={values.joinUrl} error={errorOf('joinUrl')}
          onInput={(typed) => set({ joinUrl: typed })} />
        <TextField label={t.communities.coverUrl} hint={host ? t.communities.coverFrom(host) : t.communities.coverUrlHint} optional type="url"
          value={values.coverUrl} error={errorOf('coverUrl')} onInput={(typed) => set({ coverUrl: typed })} />
      </ContentForm>
    </Card>
  );
}
