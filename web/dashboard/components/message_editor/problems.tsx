import { Icon } from '../../components';
import { t } from '../../i18n';
import { moveTo, offsetOf } from './caret';
import type { Problem } from './documents';
import type { Part, Values } from './editing';

const partOf = (problem: Problem): Part => problem.field.toLowerCase() as Part;

/** What is wrong, each with its place: a press moves the caret there. */
export function Problems({ problems, values }: { problems: readonly Problem[]; values: Values }) {
  const errors = problems.filter(({ severity }) => severity === 'ERROR').length;
  return (
    <section class="template-problems" aria-label={t.templates.problems}>
      <p class="unseen" role="status">{problems.length ? t.templates.problemCount(problems.length) : t.templates.noProblems}</p>
      {problems.length > 0 && (
        <ul>
          {problems.map((problem, index) => {
            const part = partOf(problem);
            const go = () => {
              const at = offsetOf(values[part], problem.line, problem.column);
              moveTo(part, at);
            };
            return (
              <li key={index} data-severity={problem.severity}>
                <Icon name="alert" />
                <button type="button" class="template-place" onClick={go}>{t.templates.place(t.templates.part[problem.field], problem.line, problem.column)}</button>
                <span dir="auto">{problem.message}</span>
              </li>
            );
          })}
        </ul>
      )}
      {problems.length > 0 && <p class="hint">{errors ? t.templates.errorsHint : t.templates.warningsHint}</p>}
    </section>
  );
}
