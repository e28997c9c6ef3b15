import { t } from '../../i18n';
import { Chip } from './chip';
import type { PickedRecipient } from './picked';

type ChipsProps = {
  recipients: readonly PickedRecipient[];
  allowNew: boolean;
  onRemove: (recipient: PickedRecipient) => void;
  onEdit: (recipient: PickedRecipient) => void;
  /** Past the last chip: back to the input. */
  onLeave: () => void;
};

/** One tab stop; arrows move between chips, Delete removes, Enter mends an invalid one. */
export function Chips({ recipients, allowNew, onRemove, onEdit, onLeave }: ChipsProps) {
  const press = (event: KeyboardEvent) => {
    const chip = event.target;
    if (!(chip instanceof HTMLElement) || !chip.matches('.chip')) return;
    const recipient = recipients.find(({ key }) => key === chip.dataset['key']);
    if (!recipient) return;
    const focusOr = (element: Element | null) => {
      if (element instanceof HTMLElement) element.focus();
      else onLeave();
    };
    if (event.key === 'ArrowLeft') focusOr(chip.previousElementSibling ?? chip);
    else if (event.key === 'ArrowRight') focusOr(chip.nextElementSibling);
    else if (event.key === 'Delete' || event.key === 'Backspace') {
      focusOr(chip.nextElementSibling ?? chip.previousElementSibling);
      onRemove(recipient);
    } else if (event.key === 'Enter' && recipient.state === 'INVALID') onEdit(recipient);
    else return;
    event.preventDefault();
  };
  return (
    <ul class="chips" aria-label={t.components.picker.chosen} onKeyDown={press}>
      {recipients.map((recipient, index) => (
        <Chip key={recipient.key} recipient={recipient} allowNew={allowNew} tabStop={index === recipients.length - 1}
          onRemove={() => onRemove(recipient)} onEdit={() => onEdit(recipient)} />
      ))}
    </ul>
  );
}
