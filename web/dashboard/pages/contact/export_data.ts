import { graphql, mutate } from '../../api';
import { toast } from '../../components';
import { t } from '../../i18n';
import { download } from '../audit/csv';
import type { Contact } from './contact';
import { nameOf } from './contact';

const EXPORT = graphql(`
  mutation ExportContactData($input: ExportContactDataInput!) {
    exportContactData(input: $input) { fileName content }
  }
`);

/** Saves a file with everything that is known about the person. */
export async function exportData(contact: Contact): Promise<void> {
  const { exportContactData } = await mutate(EXPORT, { input: { contactId: contact.id } });
  if (!exportContactData) return;
  download(new Blob([exportContactData.content], { type: 'application/json' }), exportContactData.fileName);
  toast({ text: t.contact.exported(nameOf(contact)) });
}
