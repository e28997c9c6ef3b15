import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Button } from './button';
import { toast } from './toaster';
import { t } from '../i18n';

const SAID_MS = 2_000;

type CopyButtonProps = { value: string; label: string; kind?: 'primary' | 'quiet' | 'plain' };

export function CopyButton({ value, label, kind = 'quiet' }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      toast({ text: t.components.copyFailed, tone: 'bad' });
    }
  };
  return (
    <>
      <Button kind={kind} size="small" class="copy-button" icon={copied ? 'check' : 'copy'} aria-label={copied ? undefined : t.components.copyNamed(label)} onClick={() => void copy()}>
        {copied ? t.components.copied : t.components.copy}
      </Button>
      <span class="unseen" aria-live="polite">{copied ? t.components.copied : ''}</span>
    </>
  );
}

export function CopyField({ value, label, secret }: { value: string; label: string; secret?: boolean }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [hidden, setHidden] = useState(secret ?? false);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="copy-field">
        <input id={id} ref={input} readOnly {...{ type: hidden ? 'password' : 'text' } as object} value={value} autocomplete="off" spellcheck={false}
          onFocus={() => input.current?.select()} />
        {secret && (
          <Button kind="quiet" size="small" icon="eye" aria-pressed={!hidden} onClick={() => setHidden(!hidden)}>
            {hidden ? t.components.showValue : t.components.hideValue}
          </Button>
        )}
        <CopyButton value={value} label={label} />
      </div>
    </div>
  );
}
