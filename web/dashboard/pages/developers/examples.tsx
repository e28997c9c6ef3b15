import { Card, Tabs } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import { CodeBlock } from './code';
import type { Language } from './snippets';
import { LANGUAGES, SNIPPETS } from './snippets';

const isLanguage = (id: string | null): id is Language => LANGUAGES.some((language) => language.id === id);

export function ExamplesCard() {
  const asked = params.value.get('language');
  const language = isLanguage(asked) ? asked : 'curl';
  const { invite, subscribe } = SNIPPETS[language];
  return (
    <Card title={t.developers.examplesTitle}>
      <p class="hint">{t.developers.examples(t.words.scope.READ, t.words.scope.INVITE)}</p>
      <Tabs tabs={LANGUAGES} current={language} label={t.developers.languageLabel}
        onChange={(id) => setParams({ language: id === 'curl' ? '' : id })} />
      <div class="snippets" role="tabpanel" aria-label={LANGUAGES.find(({ id }) => id === language)?.label}>
        <CodeBlock title={t.developers.invite} code={invite} />
        <CodeBlock title={t.developers.subscribe} code={subscribe} />
      </div>
      {language === 'typescript' && <p class="hint">{t.developers.typescriptHint}</p>}
      {language === 'swift' && <p class="hint">{t.developers.swiftHint}</p>}
    </Card>
  );
}
