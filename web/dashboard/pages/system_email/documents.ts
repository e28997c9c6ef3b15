import type { ResultOf } from '../../api';
import { graphql } from '../../api';

export const SYSTEM_EMAIL = graphql(`
  query SystemEmail($kind: SystemEmailKind!, $language: Language!) {
    systemEmail(kind: $kind, language: $language) { kind language subject body custom updatedAt updatedBy problems { severity } }
  }
`);

export const SET = graphql(`
  mutation SetSystemEmail($input: SetSystemEmailInput!) {
    setSystemEmail(input: $input) { systemEmail { kind language subject body custom updatedAt updatedBy problems { severity } } }
  }
`);

export const RESET = graphql(`
  mutation ResetSystemEmail($input: ResetSystemEmailInput!) {
    resetSystemEmail(input: $input) { systemEmail { kind language subject body custom updatedAt updatedBy problems { severity } } }
  }
`);

export const PREVIEW = graphql(`
  query PreviewSystemEmail($input: PreviewSystemEmailInput!) {
    previewSystemEmail(input: $input) {
      subject html text
      segments { encoding units count }
      problems { message field line column severity }
    }
  }
`);

export const FIELDS = graphql(`
  query SystemEmailFields($kind: SystemEmailKind!) {
    mergeFields(channel: EMAIL, systemEmail: $kind) { name label group example mayBeEmpty available reason }
  }
`);

export type SystemEmail = NonNullable<ResultOf<typeof SYSTEM_EMAIL>['systemEmail']>;
