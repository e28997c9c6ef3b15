// The lint rules of schema.graphql: the recommended ones of @graphql-eslint, its Relay rules, and required descriptions.
import graphql from '@graphql-eslint/eslint-plugin';

const schema = new URL('../../schema.graphql', import.meta.url).pathname;

export default [
  {
    files: ['schema.graphql'],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      '@graphql-eslint/require-description': ['error', {
        types: true,
        rootField: true,
        DirectiveDefinition: true,
        EnumValueDefinition: true,
        FieldDefinition: true,
        InputValueDefinition: true,
        // @include, @skip and @specifiedBy are built in; async-graphql prints them without descriptions of their arguments.
        ignoredSelectors: ['[type=DirectiveDefinition][name.value=/^(include|skip|specifiedBy)$/] [type=InputValueDefinition]'],
      }],
      '@graphql-eslint/relay-edge-types': ['error', {
        // The schema has short, complete lists such as `skipped`, and `nodes` beside `edges`.
        listTypeCanWrapOnlyEdgeType: false,
        // Relay doesn't require it, and the rule has no exceptions option: schema.test.mjs checks it with an exception.
        shouldImplementNode: false,
      }],
      '@graphql-eslint/strict-id-in-types': ['error', {
        exceptions: {
          suffixes: ['Connection', 'Edge', 'Payload'],
          // Value types: nothing refers to them, so they have no id.
          types: [
            'AccessReport', 'AccessStep', 'AffiliateClicks', 'BulkItem', 'CourseProgress', 'DnsRecord', 'ImportProblem', 'LessonProgress',
            'ContactConditions', 'CourseProgressCondition', 'MenuItemVisibility', 'MergeField', 'MergedItems', 'Money', 'PageInfo', 'PortalSettings',
            'PortalStats', 'PortalStatsPoint', 'PublicPortal', 'RecipientCheck', 'SectionAccess', 'SendingDomain', 'SessionTokens',
            'SignInConfirmation', 'SignInRefusal', 'SkippedCount', 'SkippedInvitation', 'SkippedRecipient', 'SmsSegments', 'Suppression', 'SystemEmail',
            'TagCount', 'TemplatePreview', 'TemplateProblem', 'TemplateVersion',
            'AddTagsStep', 'AddToCommunityStep', 'AssignCourseStep', 'BranchStep', 'GrantOfferStep', 'RemoveTagsStep', 'RevokeOfferStep',
            'SendEmailStep', 'SendSmsStep', 'StopStep', 'WaitStep', 'WorkflowDuration', 'WorkflowInFlightCounts', 'WorkflowProblem',
            'WorkflowQuietHours', 'WorkflowRunStep', 'WorkflowSettings', 'WorkflowStepCount', 'WorkflowTestStep', 'WorkflowTriggerRule',
          ],
        },
      }],
    },
  },
];
