import type { ResultOf } from '../../api';
import { graphql } from '../../api';

export const TEMPLATE = graphql(`
  query Template($id: ID!) {
    template(id: $id) { id name channel status version format subject body text updatedAt }
  }
`);

export const CREATE = graphql(`
  mutation CreateTemplate($input: CreateTemplateInput!) {
    createTemplate(input: $input) { template { id name channel status version format subject body text updatedAt } }
  }
`);

export const UPDATE = graphql(`
  mutation UpdateTemplate($input: UpdateTemplateInput!) {
    updateTemplate(input: $input) { template { id name channel status version format subject body text updatedAt } }
  }
`);

export const RESTORE = graphql(`
  mutation RestoreTemplateVersion($input: RestoreTemplateVersionInput!) {
    restoreTemplateVersion(input: $input) { template { id name channel status version format subject body text updatedAt } }
  }
`);

export const VERSIONS = graphql(`
  query TemplateVersions($id: ID!) {
    template(id: $id) {
      id version
      versions(first: 100) { nodes { version format subject body text createdAt createdBy } }
    }
  }
`);

export const TEST = graphql(`
  mutation SendTestMessage($input: SendTestMessageInput!) {
    sendTestMessage(input: $input) { problems { message } }
  }
`);

export type Template = NonNullable<ResultOf<typeof TEMPLATE>['template']>;
export type Version = NonNullable<NonNullable<ResultOf<typeof VERSIONS>['template']>['versions']>['nodes'][number];
