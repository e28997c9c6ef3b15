import { t } from '../../i18n';
import { Button } from '../button';
import type { PickedRecipient, PickedState } from './picked';
import { countStates } from './picked';

const ORDER: readonly PickedState[] = ['NEW', 'NOT_INVITED', 'INVITED', 'ACTIVE', 'REVOKED', 'SUPPRESSED', 'DUPLICATE', 'INVALID', 'CHECKING'];

type SummaryProps = {
  recipients: readonly PickedRecipient[];
  allowNew: boolean;
  /** Too many to show each: offers to show the invalid ones. */
  collapsed: boolean;
  showInvalid: boolean;
  onShowInvalid: (show: boolean) => void;
  onRemoveInvalid: () => void;
  onClear: () => void;
};

export function Summary({ recipients, allowNew, collapsed, showInvalid, onShowInvalid, onRemoveInvalid, onClear }: SummaryProps) {
  const words = t.components.picker;
  const counts = countStates(recipients);
  const parts = ORDER.flatMap((state) => {
    const count = counts[state];
    return count ? [words.count[state === 'NEW' && !allowNew ? 'UNKNOWN' : state](count)] : [];
  });
  const invalid = counts.INVALID ?? 0;
  return (
    <div class="picker-summary">
      <span aria-live="polite">
        {recipients.length > 0 && `${words.addresses(recipients.length)}: ${parts.join(', ')}`}
      </span>
      {collapsed && invalid > 0 && (
        <Button kind="quiet" size="small" aria-expanded={showInvalid} onClick={() => onShowInvalid(!showInvalid)}>
          {showInvalid ? words.hideInvalid : words.showInvalid(invalid)}
        </Button>
      )}
      {invalid > 1 && <Button kind="plain" size="small" onClick={onRemoveInvalid}>{words.removeInvalid}</Button>}
      {recipients.length > 1 && <Button kind="plain" size="small" onClick={onClear}>{words.clearAll}</Button>}
    </div>
  );
}
