import type { ResultOf } from '../../api';
import { boot, graphql, may } from '../../api';
import { LANGUAGES, t } from '../../i18n';

export const SYSTEM_EMAILS = graphql(`
  query SystemEmails {
    systemEmails { kind language custom updatedAt problems { severity } }
  }
`);

export type SystemEmailRow = NonNullable<ResultOf<typeof SYSTEM_EMAILS>['systemEmails']>[number];
export type Kind = SystemEmailRow['kind'];
export type EmailLanguage = SystemEmailRow['language'];

/** The kinds, by what makes the system send them. */
export const GROUPS = {
  STAFF: ['INVITATION', 'LOGIN_EMAIL', 'MAGIC_LINK'],
  REQUESTED: ['REQUESTED_LOGIN', 'LOGIN_CODE', 'SIGN_UP_CODE', 'PASSWORD_RESET'],
  NOTICE: ['PASSWORD_CHANGED', 'NEW_DEVICE', 'ADDRESS_CHANGED', 'CONTACTS_MERGED'],
  TEAM: ['STAFF_LOGIN', 'TEAM_INVITATION'],
} as const satisfies Record<string, readonly Kind[]>;

export const GROUP_NAMES = Object.keys(GROUPS) as (keyof typeof GROUPS)[];

/** How addresses name the languages. */
export const LANGUAGE_CODES = { ENGLISH: 'en', SPANISH: 'es', GERMAN: 'de', FRENCH: 'fr' } as const satisfies Record<EmailLanguage, string>;

export const EMAIL_LANGUAGES = Object.keys(LANGUAGE_CODES) as EmailLanguage[];

export const languageName = (language: EmailLanguage): string => LANGUAGES[LANGUAGE_CODES[language]];

/** How addresses name a kind: `login-code`. */
export const slugOf = (kind: Kind): string => kind.toLowerCase().replaceAll('_', '-');

export const kindOf = (slug: string): Kind | undefined => Object.values(GROUPS).flat().find((kind) => slugOf(kind) === slug);

/** Why this member can't read or write the texts. */
export const noWriting = (): string | undefined => (may('ADMIN') ? undefined : t.common.noRole(t.words.role[boot.role]));
