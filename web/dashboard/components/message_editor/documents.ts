import type { ResultOf, VariablesOf } from '../../api';
import { graphql } from '../../api';

export const FIELDS = graphql(`
  query MergeFields($channel: Channel!, $triggers: [WorkflowTrigger!]) {
    mergeFields(channel: $channel, triggers: $triggers) { name label group example mayBeEmpty available reason }
  }
`);

export const PREVIEW = graphql(`
  query PreviewTemplate($input: PreviewTemplateInput!) {
    previewTemplate(input: $input) {
      subject html text
      segments { encoding units count }
      problems { message field line column severity }
    }
  }
`);

export type MergeField = ResultOf<typeof FIELDS>['mergeFields'][number];
export type Preview = ResultOf<typeof PREVIEW>['previewTemplate'];
export type PreviewInput = VariablesOf<typeof PREVIEW>['input'];
export type Problem = Preview['problems'][number];
export type Channel = PreviewInput['channel'];
export type Trigger = NonNullable<PreviewInput['triggers']>[number];
export type Format = PreviewInput['format'];

/** What is written. */
export type Content = { format: Format; subject: string; body: string; text: string };

/** The parts of a content that merge fields can be put into. */
export type Part = Exclude<keyof Content, 'format'>;

export const EMPTY: Record<Channel, Content> = {
  EMAIL: { format: 'MARKDOWN', subject: '', body: '', text: '' },
  SMS: { format: 'TEXT', subject: '', body: '', text: '' },
};
