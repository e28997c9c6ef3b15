import { Icon } from '../components';
import { t } from '../i18n';

/** The recipients are all that match a filter, chosen by the server when it sends. */
export const Matching = ({ count }: { count: number }) => (
  <div class="matching">
    <Icon name="filter" />
    <p>
      <strong>{t.actions.matching(count)}</strong>
      <span class="hint">{t.actions.matchingHint}</span>
    </p>
  </div>
);
