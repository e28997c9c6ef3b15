import { boot } from '../../api';
import { ButtonLink, PageHeader } from '../../components';
import { t } from '../../i18n';
import { AccessCard, OriginsCard, SchemaCard } from './about';
import { EndpointsCard } from './endpoints';
import { ExamplesCard } from './examples';
import { HealthCard } from './health';

const playgroundHref = (): string => `/graphiql?account=${encodeURIComponent(boot.account)}`;

export default function Developers() {
  return (
    <>
      <PageHeader title={t.shell.developers} description={t.developers.lead}>
        <ButtonLink icon="play" href={playgroundHref()} target="_blank" rel="noopener">{t.developers.playground}</ButtonLink>
      </PageHeader>
      <div class="developers-columns">
        <div class="developers-column">
          <EndpointsCard />
          <ExamplesCard />
        </div>
        <div class="developers-column">
          <AccessCard />
          <SchemaCard playground={playgroundHref()} />
          <HealthCard />
          <OriginsCard />
        </div>
      </div>
    </>
  );
}
