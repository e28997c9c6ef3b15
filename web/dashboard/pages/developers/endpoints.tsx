import { boot } from '../../api';
import { Card, CopyField } from '../../components';
import { t } from '../../i18n';

const socketUrl = boot.serverUrl.replace(/^http/, 'ws');

export const URLS = {
  http: `${boot.serverUrl}/graphql`,
  socket: `${socketUrl}/graphql`,
  stream: `${boot.serverUrl}/graphql/stream`,
  keys: `${boot.serverUrl}/.well-known/jwks.json`,
} as const;

const NAMES = Object.keys(URLS) as (keyof typeof URLS)[];

export const EndpointsCard = () => (
  <Card title={t.developers.endpointsTitle}>
    <div class="endpoints">
      {NAMES.map((name) => (
        <div key={name} data-endpoint={name}>
          <CopyField label={t.developers.endpoints[name].label} value={URLS[name]} />
          <p class="hint">{t.developers.endpoints[name].hint}</p>
        </div>
      ))}
    </div>
  </Card>
);
