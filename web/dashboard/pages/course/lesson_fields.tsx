import type { ResultOf } from '../../api';
import { RadioGroup, TextField } from '../../components';
import { number, t } from '../../i18n';
import type { Lesson } from './documents';
import type { LESSON } from './documents';
import { MAX_TITLE } from './documents';
import type { Editing } from './editing';

export type Saved = Extract<NonNullable<ResultOf<typeof LESSON>['node']>, { __typename: 'Lesson' }>;

export type Fields = { title: string; kind: Lesson['kind']; url: string; body: string; durationMinutes: string };

const MAX_BODY = 100_000;
const KINDS: readonly Lesson['kind'][] = ['TEXT', 'VIDEO', 'LINK'];

export const fieldsOf = ({ title, kind, url, body, durationMinutes }: Saved): Fields =>
  ({ title, kind, url: url ?? '', body: body ?? '', durationMinutes: durationMinutes?.toString() ?? '' });

export function LessonFields({ form: { values, errors, set } }: { form: Editing<Fields> }) {
  const words = t.courses;
  const isText = values.kind === 'TEXT';
  return (
    <>
      <TextField label={words.lessonTitle} autocomplete="off" maxLength={MAX_TITLE} value={values.title} error={errors.title}
        onInput={(title) => set({ title })} />
      <div class="lesson-kind">
        <RadioGroup label={words.kind} value={values.kind} onChange={(kind) => set({ kind })}
          options={KINDS.map((value) => ({ value, label: t.words.lessonKind[value] }))} />
      </div>
      {!isText && (
        <TextField label={values.kind === 'VIDEO' ? words.videoUrl : words.linkUrl} type="url" autocomplete="off" placeholder="https://" hint={words.urlHint}
          value={values.url} error={errors.url} onInput={(url) => set({ url })} />
      )}
      <TextField label={words.body} optional={!isText} multiline={14} maxLength={MAX_BODY} value={values.body} error={errors.body}
        hint={<>{words.markdownHint}{values.body.length > MAX_BODY * 0.9 && <> {words.length(number(values.body.length), number(MAX_BODY))}</>}</>}
        onInput={(body) => set({ body })} />
      <div class="lesson-minutes">
        <TextField label={words.durationMinutes} optional type="number" autocomplete="off" value={values.durationMinutes} error={errors.durationMinutes}
          onInput={(durationMinutes) => set({ durationMinutes })} />
      </div>
    </>
  );
}
