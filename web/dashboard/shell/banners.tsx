import { boot, graphql, useQuery, useRefreshOn } from '../api';
import { Banner } from '../components';
import { number, t } from '../i18n';
import { link } from '../router';

const BOUNCED = graphql(`
  query RecentBounces {
    messages(first: 50) { nodes { id status } }
  }
`);

/** A tenth of the newest emails bounced: something is wrong with the addresses or the sender. */
const MANY = 5;

export function Banners() {
  const { data, reload } = useQuery(BOUNCED, {});
  useRefreshOn(['MESSAGE_BOUNCED', 'MESSAGE_COMPLAINED'], reload);
  const bounced = data?.messages.nodes.filter(({ status }) => status === 'BOUNCED').length ?? 0;
  return (
    <div class="banners">
      {boot.keepsMail && (
        <Banner tone="info" action={boot.outboxHref && <a href={boot.outboxHref}>{t.shell.openOutbox}</a>}>{t.shell.keepsMail}</Banner>
      )}
      {bounced >= MANY && (
        <Banner tone="warn" action={<a href={link('messages', { status: 'BOUNCED' })}>{t.shell.showBounces}</a>}>
          {t.shell.manyBounces(number(bounced))}
        </Banner>
      )}
    </div>
  );
}
