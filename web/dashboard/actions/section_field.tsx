import { SelectField } from '../components';
import { t } from '../i18n';

export const SECTIONS = ['HOME', 'COURSES', 'COMMUNITIES', 'AFFILIATES'] as const;

export type Section = (typeof SECTIONS)[number];

export const asSection = (text: string | undefined): Section => SECTIONS.find((section) => section === text) ?? 'HOME';

export const SectionField = ({ value, onChange, hint }: { value: Section; onChange: (section: Section) => void; hint?: string }) => (
  <SelectField label={t.actions.section} value={value} onChange={onChange} hint={hint}
    options={SECTIONS.map((section) => ({ value: section, label: t.words.section[section] }))} />
);
