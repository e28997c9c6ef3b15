import { Card, CopyField } from '../../components';
import { t } from '../../i18n';

// The dashboard is a page of the server: its origin is the server's.
const { origin } = location;
const socketOrigin = origin.replace(/^http/, 'ws');

export const URLS = {
  http: `${origin}/graphql`,
  socket: `${socketOrigin}/graphql`,
  stream: `${origin}/graphql/stream`,
  keys: `${origin}/.well-known/jwks.json`,
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
