import type { Start } from '../actions';
import { Icon } from '../components';
import { t } from '../i18n';

/** The recipients are all that match a filter or are in a smart list, chosen by the server when it sends. */
export const Matching = ({ filter: { count, smartListId } }: { filter: NonNullable<Start['filter']> }) => (
  <div class="matching">
    <Icon name="filter" />
    <p>
      <strong>{t.actions.matching(count)}</strong>
      <span class="hint">{smartListId ? t.actions.listHint : t.actions.matchingHint}</span>
    </p>
  </div>
);
