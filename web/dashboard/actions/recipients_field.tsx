import type { Signal } from '@preact/signals';
import { ContactPicker } from '../components/contact_picker/contact_picker';
import type { PickedRecipient } from '../components/contact_picker/picked';

export type RecipientsFieldProps = { label: string; allowNew: boolean; value: Signal<PickedRecipient[]>; error: string | undefined };

/** The picker, in a form: Enter adds what is typed, and never sends. */
export const RecipientsField = ({ error, ...picker }: RecipientsFieldProps) => (
  <div class="recipients-field" onKeyDown={(event) => {
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement) event.preventDefault();
  }}>
    <ContactPicker {...picker} />
    {error && <p class="error" role="alert">{error}</p>}
  </div>
);
