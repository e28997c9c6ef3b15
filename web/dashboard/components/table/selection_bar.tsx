import type { ComponentChildren } from 'preact';
import { t } from '../../i18n';
import { IconButton } from '../button';
import { useRoom } from '../place';

type SelectionBarProps = { count: number; onClear: () => void; children: ComponentChildren };

export const SelectionBar = ({ count, onClear, children }: SelectionBarProps) => (
  <div class="selection-bar" role="region" aria-label={t.components.selectionActions} hidden={count === 0} ref={useRoom('--selection-room', count > 0)}>
    <IconButton icon="close" label={t.components.clearSelection} onClick={onClear} />
    <strong class="selection-bar-count" aria-live="polite">{t.components.selected(count)}</strong>
    <div class="selection-bar-actions">{children}</div>
  </div>
);
