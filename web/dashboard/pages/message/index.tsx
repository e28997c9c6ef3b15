import { useActivity, useQuery } from '../../api';
import { ButtonLink, Empty, ErrorNotice, PageHeader, Skeleton } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { useKindText } from '../workflows/makers';
import { Content } from './content';
import { DeliveryCard } from './delivery_card';
import { Details } from './details';
import { MESSAGE } from './message';
import { SendAgain } from './send_again';

export default function MessagePage({ id }: { id: string }) {
  const { data, error, loading, reload } = useQuery(MESSAGE, { id });
  const message = data?.node?.__typename === 'Message' ? data.node : null;
  useActivity(({ subjectId, contactId }) => {
    if (subjectId === id || (contactId && contactId === message?.contact?.id)) reload();
  });
  const kindText = useKindText(message ? [message] : []);
  const back = { href: link('messages'), label: t.messages.title };
  if (!message) {
    return (
      <>
        <PageHeader title={t.messages.message} back={back} />
        {loading && <Skeleton rows={6} />}
        {error && <ErrorNotice error={error} retry={reload} />}
        {!loading && !error && (
          <Empty icon="mail" title={t.common.notFound}>
            <p>{t.common.notFoundHint}</p>
            <ButtonLink kind="quiet" href={back.href}>{back.label}</ButtonLink>
          </Empty>
        )}
      </>
    );
  }
  return (
    <>
      <PageHeader title={message.subject ?? kindText(message)} back={back}>
        <SendAgain message={message} />
      </PageHeader>
      <div class="message-page">
        <div class="message-aside">
          <DeliveryCard message={message} reload={reload} />
          <Details message={message} kind={kindText(message)} />
        </div>
        <Content message={message} sender={data?.portal.name ?? ''} replyTo={data?.portal.replyTo ?? null} />
      </div>
    </>
  );
}
