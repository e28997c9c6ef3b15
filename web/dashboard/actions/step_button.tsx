import { useState } from 'preact/hooks';
import { Button, Icon } from '../components';
import { ActionError } from './action_error';

type StepButtonProps = {
  label: string;
  /** Does it, and says what was done. */
  run: () => Promise<string>;
  disabledReason?: string | undefined;
};

/** A button for a next step; what it did is said in its place. */
export function StepButton({ label, run, disabledReason }: StepButtonProps) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const [error, setError] = useState<unknown>();
  const press = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setSaid(await run());
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="step">
      {!said && <Button kind="quiet" size="small" busy={busy} disabledReason={disabledReason} onClick={() => void press()}>{label}</Button>}
      <p class="step-said" role="status">{said && <><Icon name="check" />{said}</>}</p>
      <ActionError error={error} />
    </div>
  );
}
