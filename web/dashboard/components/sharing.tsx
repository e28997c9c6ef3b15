import { useMemo } from 'preact/hooks';
import { encode } from 'uqr';
import { t } from '../i18n';
import { Button } from './button';

const QUIET_ZONE = 4;

/** Dark modules on white in both themes: scanners need the contrast. */
export function Qr({ value, label }: { value: string; label: string }) {
  const { path, size } = useMemo(() => {
    const code = encode(value, { ecc: 'M', border: QUIET_ZONE });
    const dark = code.data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : '')));
    return { path: dark.join(''), size: code.size };
  }, [value]);
  return (
    <svg class="qr" role="img" aria-label={t.components.qr(label)} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

export function ShareButton({ url, title }: { url: string; title: string }) {
  if (!('share' in navigator)) return null;
  // The viewer may close the share sheet: that is no error.
  const share = () => void navigator.share({ url, title }).catch(() => undefined);
  return <Button kind="quiet" size="small" icon="share" onClick={share}>{t.components.share}</Button>;
}
