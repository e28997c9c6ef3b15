import { t } from '../../i18n';
import { IconButton } from '../button';
import { Icon } from '../icon';
import type { PickedRecipient, PickedState } from './picked';

const TONES = {
  CHECKING: 'none', NEW: 'busy', NOT_INVITED: 'none', INVITED: 'warn', ACTIVE: 'good', REVOKED: 'bad', SUPPRESSED: 'bad', INVALID: 'bad',
  DUPLICATE: 'warn',
} as const satisfies Record<PickedState, string>;

type ChipProps = {
  recipient: PickedRecipient;
  allowNew: boolean;
  /** In the tab order: one chip of the list. */
  tabStop: boolean;
  onRemove: () => void;
  onEdit: () => void;
};

export function Chip({ recipient, allowNew, tabStop, onRemove, onEdit }: ChipProps) {
  const { email, name, state } = recipient;
  const unknown = state === 'NEW' && !allowNew;
  const label = t.components.picker.state[unknown ? 'UNKNOWN' : state];
  const invalid = state === 'INVALID';
  return (
    <li class="chip" data-state={state} data-tone={unknown ? 'bad' : TONES[state]} data-key={recipient.key} tabIndex={tabStop ? 0 : -1}
      aria-label={`${name ? `${name}, ` : ''}${email}, ${label}`} title={name ? email : undefined}>
      {(TONES[state] === 'bad' || unknown) && <Icon name="alert" />}
      {invalid
        ? <button type="button" class="chip-edit" tabIndex={-1} aria-label={t.components.picker.edit(email)} onClick={onEdit}>{email}</button>
        : <span class="chip-name">{name ?? email}</span>}
      <span class="chip-state">{label}</span>
      <IconButton icon="close" tabIndex={-1} label={t.components.remove(email)} onClick={onRemove} />
    </li>
  );
}
