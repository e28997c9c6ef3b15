import { may } from '../../api';
import { ButtonLink, Card } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { CodeLine } from './code';

export const AccessCard = () => (
  <Card title={t.developers.accessTitle}>
    <p class="hint">{t.developers.access}</p>
    <CodeLine code="Authorization: Bearer apikey_…" />
    {may('TEAM')
      ? <ButtonLink kind="quiet" size="small" icon="key" href={link('api-keys')}>{t.developers.manageKeys}</ButtonLink>
      : <p class="hint">{t.developers.askForKey}</p>}
  </Card>
);

export const SchemaCard = ({ playground }: { playground: string }) => (
  <Card title={t.developers.schemaTitle}>
    <p class="hint">{t.developers.schema}</p>
    <CodeLine code={`${location.origin}/schema.graphql`} copy={t.developers.schemaAddress} />
    <ButtonLink kind="quiet" size="small" icon="download" href="/schema.graphql" download>{t.developers.downloadSchema}</ButtonLink>
    <ButtonLink kind="quiet" size="small" icon="search" href={playground} target="_blank" rel="noopener">{t.developers.browseSchema}</ButtonLink>
  </Card>
);

export const OriginsCard = () => (
  <Card title={t.developers.originsTitle}>
    <p class="hint">{t.developers.origins}</p>
    <CodeLine code="VESTIBULE_ALLOWED_ORIGINS=https://app.example.com" copy={t.developers.originsSetting} />
    <p class="hint">{t.developers.originsRestart}</p>
  </Card>
);
