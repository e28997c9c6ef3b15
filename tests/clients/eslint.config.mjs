// The rules that schema.graphql is held to: what @graphql-eslint recommends, its Relay rules, a description on everything.
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
        // @include, @skip and @specifiedBy are GraphQL's own; the engine prints them without their arguments' descriptions.
        ignoredSelectors: ['[type=DirectiveDefinition][name.value=/^(include|skip|specifiedBy)$/] [type=InputValueDefinition]'],
      }],
      '@graphql-eslint/relay-edge-types': ['error', {
        // The contract has short lists that are complete, such as `skipped`, and `nodes` beside `edges`.
        listTypeCanWrapOnlyEdgeType: false,
        // Relay doesn't ask for it, and the rule knows no exceptions: schema.test.mjs has the check and the exception.
        shouldImplementNode: false,
      }],
      '@graphql-eslint/strict-id-in-types': ['error', {
        exceptions: {
          suffixes: ['Connection', 'Edge', 'Payload'],
          // Values that belong to what they are read from: nothing refers to them, so they have no id in the contract.
          types: [
            'BulkItem', 'PageInfo', 'PortalSettings', 'PortalStats', 'PublicPortal', 'SessionTokens', 'SignInConfirmation',
            'SignInRefusal', 'SkippedRecipient', 'Suppression',
          ],
        },
      }],
    },
  },
];
