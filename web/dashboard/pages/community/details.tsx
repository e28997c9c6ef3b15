import { mutate } from '../../api';
import { Card, TextField } from '../../components';
import { ContentForm, useContentForm } from '../../components/content/form';
import { t } from '../../i18n';
import type { Community } from './documents';
import { UPDATE } from './documents';

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

/** An emptied field is null. */
const inputOf = ({ name, ...rest }: Partial<Values>) => ({
  ...(name !== undefined && { name: name.trim() }),
  ...Object.fromEntries(Object.entries(rest).map(([field, value]) => [field, value.trim() || null])),
});

export function Details({ community }: { community: Community }) {
  const { id, name, description, coverUrl, joinUrl } = community;
  const saved: Values = { name, description: description ?? '', coverUrl: coverUrl ?? '', joinUrl: joinUrl ?? '' };
  const form = useContentForm(`community.${id}`, saved, (changes) => mutate(UPDATE, { input: { communityId: id, ...inputOf(changes) } }));
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
