import { Icon, Marked } from '../../components';
import { t } from '../../i18n';
import { moveTo, offsetOf } from './caret';
import type { Content, Part, Problem } from './documents';
import { triggerWords } from './trigger_words';

const partOf = (problem: Problem): Part => problem.field.toLowerCase() as Part;

/** What is wrong, each with its place: a press moves the caret there. */
export function Problems({ problems, content }: { problems: readonly Problem[]; content: Content }) {
  const errors = problems.some(({ severity }) => severity === 'ERROR');
  return (
    <section class="editor-problems" aria-label={t.messageEditor.problems}>
      <p class="unseen" role="status">{problems.length ? t.messageEditor.problemCount(problems.length) : t.messageEditor.noProblems}</p>
      {problems.length > 0 && (
        <ul>
          {problems.map((problem, index) => {
            const part = partOf(problem);
            const go = () => moveTo(part, offsetOf(content[part], problem.line, problem.column));
            return (
              <li key={index} data-severity={problem.severity}>
                <Icon name="alert" />
                <button type="button" class="editor-place" onClick={go}>{t.messageEditor.place(t.messageEditor.part[problem.field], problem.line, problem.column)}</button>
                <span dir="auto"><Marked text={triggerWords(problem.message)} /></span>
              </li>
            );
          })}
        </ul>
      )}
      {problems.length > 0 && <p class="hint">{errors ? t.messageEditor.errorsHint : t.messageEditor.warningsHint}</p>}
    </section>
  );
}
