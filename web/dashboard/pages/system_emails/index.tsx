// The emails that the system sends: when, to whom, and in which languages the account has its own text.
import { useQuery, useRefreshOnReturn } from '../../api';
import { Card, Empty, ErrorNotice, Icon, PageHeader, Skeleton } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import type { EmailLanguage, Kind, SystemEmailRow } from './documents';
import { EMAIL_LANGUAGES, GROUPS, GROUP_NAMES, LANGUAGE_CODES, SYSTEM_EMAILS, languageName, noWriting, slugOf } from './documents';

const hrefOf = (kind: Kind, language: EmailLanguage) => link(`emails/${slugOf(kind)}`, { language: LANGUAGE_CODES[language] });

const LanguageLink = ({ kind, language, email }: { kind: Kind; language: EmailLanguage; email: SystemEmailRow | undefined }) => {
  const name = languageName(language);
  const words = email?.problems.length ? t.systemEmails.hasProblems : email?.custom ? t.systemEmails.own : t.systemEmails.builtIn;
  return (
    <a href={hrefOf(kind, language)} class="system-emails-language" data-own={email?.custom || undefined} title={`${name}: ${words}`}>
      {email?.problems.length ? <Icon name="alert" /> : email?.custom && <Icon name="edit" />}
      {name}<span class="unseen">: {t.systemEmails.kind[kind]}, {words}</span>
    </a>
  );
};

function Row({ kind, emails }: { kind: Kind; emails: readonly SystemEmailRow[] }) {
  return (
    <li class="system-emails-row">
      <div>
        <h3><a href={link(`emails/${slugOf(kind)}`)}>{t.systemEmails.kind[kind]}</a></h3>
        <p class="hint">{t.systemEmails.when[kind]} {t.systemEmails.to[kind]}</p>
      </div>
      <div class="system-emails-languages">
        {EMAIL_LANGUAGES.map((language) => (
          <LanguageLink key={language} kind={kind} language={language} email={emails.find((email) => email.kind === kind && email.language === language)} />
        ))}
      </div>
    </li>
  );
}

export default function SystemEmails() {
  const refused = noWriting();
  const { data, error, reload } = useQuery(SYSTEM_EMAILS, {}, { pause: refused !== undefined });
  useRefreshOnReturn(() => refused === undefined && reload());
  const emails = data?.systemEmails;
  return (
    <div class="system-emails">
      <PageHeader title={t.shell.systemEmails} description={t.systemEmails.description} />
      {refused && <Empty icon="lock" title={t.systemEmails.notYours}><p>{refused}</p></Empty>}
      {error && <ErrorNotice error={error} retry={reload} />}
      {!refused && !emails && !error && <Skeleton rows={8} />}
      {emails && GROUP_NAMES.map((group) => (
        <Card key={group} title={t.systemEmails.group[group]} flush>
          <ul class="system-emails-list">{GROUPS[group].map((kind) => <Row key={kind} kind={kind} emails={emails} />)}</ul>
        </Card>
      ))}
    </div>
  );
}
