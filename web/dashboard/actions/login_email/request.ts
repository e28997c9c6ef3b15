import { graphql, mutate } from '../../api';
import { required } from '../outcome';
import type { Section } from '../section_field';
import type { Request } from '../sending';

const SEND = graphql(`
  mutation SendLoginEmails($input: SendLoginEmailsInput!) {
    sendLoginEmails(input: $input) {
      count
      bulkJob { id }
      skipped { contactId email reason }
      messages { id status }
    }
  }
`);

export const sendLoginEmails = (section: Section): Request => async (who, dryRun) => {
  const { sendLoginEmails: payload } = await mutate(SEND, { input: { ...who, section, dryRun } });
  return required(payload);
};
