import type { Signal } from '@preact/signals';
import type { TargetedKeyboardEvent } from 'preact';
import { ContactPicker } from '../components/contact_picker/contact_picker';
import { Marked } from '../components';
import type { PickedRecipient } from '../components/contact_picker/picked';

type RecipientsFieldProps = { label: string; allowNew: boolean; value: Signal<PickedRecipient[]>; typed: Signal<string>; error: string | undefined };

/** Enter adds what is typed, and never sends the form. */
const keepForm = (event: TargetedKeyboardEvent<HTMLElement>) => {
  if (event.key === 'Enter' && event.target instanceof HTMLInputElement) event.preventDefault();
};

/** Without open suggestions, Escape is for the dialog: the combobox would take it. */
const leaveEscape = (event: TargetedKeyboardEvent<HTMLElement>) => {
  if (event.key === 'Escape' && !event.currentTarget.querySelector('.layer:popover-open')) event.stopPropagation();
};

/** The contact picker in the form of a dialog. */
export const RecipientsField = ({ error, ...picker }: RecipientsFieldProps) => (
  <div class="recipients-field" onKeyDown={keepForm} onKeyDownCapture={leaveEscape}>
    <ContactPicker {...picker} />
    {error && <p class="error" role="alert"><Marked text={error} /></p>}
  </div>
);
