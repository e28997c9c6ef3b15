// Chooses one of the templates of a channel. They are searched once there are more than a list holds.
import { useRef, useState } from 'preact/hooks';
import type { ResultOf } from '../../api';
import { graphql, useQuery } from '../../api';
import { ErrorNotice, SearchField, SelectField } from '../../components';
import { number, t } from '../../i18n';
import { link } from '../../router';
import type { Channel } from './documents';

const CHOICES = graphql(`
  query TemplateChoices($channel: Channel!, $search: String) {
    templates(channel: $channel, statuses: [ACTIVE], search: $search, first: 100) {
      nodes { id name }
      pageInfo { hasNextPage }
      totalCount
    }
  }
`);

type Choices = ResultOf<typeof CHOICES>['templates'];

type TemplateSelectProps = {
  channel: Channel;
  value: string;
  /** The name of the chosen one, if it is known. */
  name: string | undefined;
  onChange: (id: string) => void;
  hint?: string;
  error?: string | undefined;
};

/** What was found; what was found before stays until then. `many`: not all of them fit into a list. */
function useChoices(channel: Channel, search: string) {
  const { data, error, reload } = useQuery(CHOICES, { channel, search: search || null });
  const last = useRef<{ channel: Channel; many: boolean; choices?: Choices }>({ channel, many: false });
  if (last.current.channel !== channel) last.current = { channel, many: false };
  if (data) {
    last.current.choices = data.templates;
    if (!search) last.current.many = data.templates.pageInfo.hasNextPage;
  }
  return { ...last.current, error, reload };
}

export function TemplateSelect({ channel, value, name, onChange, hint, error }: TemplateSelectProps) {
  const [search, setSearch] = useState('');
  const { choices, many, error: failure, reload } = useChoices(channel, search.trim());
  const found = choices?.nodes ?? [];
  const chosen = value && !found.some(({ id }) => id === value) ? [{ id: value, name: name ?? t.common.loading }] : [];
  if (failure && !choices) return <ErrorNotice error={failure} retry={reload} />;
  return (
    <>
      {(many || search) && (
        // Enter is not for the form.
        <div class="template-search" onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}>
          <SearchField label={t.templates.search} value={search} onInput={setSearch} />
          <p class="hint" role="status">{choices && t.messageEditor.templatesFound(choices.totalCount, number(found.length))}</p>
        </div>
      )}
      <SelectField label={t.templates.template} hint={hint} error={error} value={value} onChange={onChange} options={[
        { value: '', label: t.compose.noTemplate }, ...[...chosen, ...found].map((template) => ({ value: template.id, label: template.name })),
      ]} />
      {choices && !found.length && !search && <p class="hint">{t.compose.noTemplates} <a href={link('templates')}>{t.shell.templates}</a></p>}
    </>
  );
}
