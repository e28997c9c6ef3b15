import { useQuery, useRefreshOnReturn } from '../../api';
import { ButtonLink, Empty, ErrorNotice, PageHeader, Skeleton, Tabs } from '../../components';
import { PreviewCard, useLivePreview } from '../../components/message_editor/preview';
import { t } from '../../i18n';
import { link, params, setParams } from '../../router';
import type { EmailLanguage, Kind } from '../system_emails/documents';
import { EMAIL_LANGUAGES, LANGUAGE_CODES, SYSTEM_EMAILS, kindOf, languageName, noWriting } from '../system_emails/documents';
import type { SystemEmail } from './documents';
import { PREVIEW, SYSTEM_EMAIL } from './documents';
import { useEditing } from './editing';
import { Editor } from './editor';

const back = () => ({ href: link('emails'), label: t.shell.systemEmails });

export default function SystemEmailPage({ id }: { id: string }) {
  const kind = kindOf(id);
  const refused = noWriting();
  if (!kind) return <Missing />;
  return (
    <>
      <PageHeader title={t.systemEmails.kind[kind]} back={back()} description={`${t.systemEmails.when[kind]} ${t.systemEmails.to[kind]}`} />
      {refused ? <Empty icon="lock" title={t.systemEmails.notYours}><p>{refused}</p></Empty> : <Texts kind={kind} />}
    </>
  );
}

const Missing = () => (
  <>
    <PageHeader title={t.common.notFound} back={back()} />
    <Empty icon="mail" title={t.systemEmails.missing}>
      <p>{t.common.notFoundHint}</p>
      <ButtonLink kind="quiet" href={link('emails')}>{t.shell.systemEmails}</ButtonLink>
    </Empty>
  </>
);

/** The text in each language. */
function Texts({ kind }: { kind: Kind }) {
  const chosen = params.value.get('language');
  const language = EMAIL_LANGUAGES.find((name) => LANGUAGE_CODES[name] === chosen) ?? 'ENGLISH';
  const all = useQuery(SYSTEM_EMAILS, {});
  const { data, error, reload } = useQuery(SYSTEM_EMAIL, { kind, language });
  useRefreshOnReturn(() => {
    all.reload();
    reload();
  });
  const hasOwn = (name: EmailLanguage) => all.data?.systemEmails?.some((email) => email.kind === kind && email.language === name && email.custom);
  const email = data?.systemEmail;
  return (
    <>
      <Tabs label={t.shell.language} current={language} onChange={(name) => setParams({ language: LANGUAGE_CODES[name] })}
        tabs={EMAIL_LANGUAGES.map((name) => ({ id: name, label: hasOwn(name) ? t.systemEmails.ownIn(languageName(name)) : languageName(name) }))} />
      <div role="tabpanel" aria-label={languageName(language)}>
        {error && !email && <ErrorNotice error={error} retry={reload} />}
        {!email && !error && <Skeleton rows={6} />}
        {email && <Text key={`${kind}.${language}`} email={email} reload={reload} />}
      </div>
    </>
  );
}

function Text({ email, reload }: { email: SystemEmail; reload: () => void }) {
  const editing = useEditing(email, reload);
  const input = { kind: email.kind, locale: email.language, ...editing.values };
  const state = useLivePreview(PREVIEW, { input }, ({ previewSystemEmail }) => previewSystemEmail, (settled) => !settled.input.body.trim());
  return (
    <div class="editor-page">
      <Editor email={email} editing={editing} problems={state.problems} />
      <PreviewCard channel="EMAIL" state={state} hint={t.systemEmails.previewHint} />
    </div>
  );
}
