import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';

const two = (value: number) => String(value).padStart(2, '0');

function clock(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const left = (until: string) => Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000));

export function Countdown({ until, onEnd }: { until: string; onEnd?: () => void }) {
  const [seconds, setSeconds] = useState(() => left(until));
  const end = useRef(onEnd);
  end.current = onEnd;

  useEffect(() => {
    setSeconds(left(until));
    if (left(until) === 0) return;
    const timer = setInterval(() => {
      const rest = left(until);
      setSeconds(rest);
      if (rest > 0) return;
      clearInterval(timer);
      end.current?.();
    }, 1000);
    return () => clearInterval(timer);
  }, [until]);

  return (
    <span class="countdown" role="timer" aria-live="off">
      {seconds > 0 ? t.components.expiresIn(clock(seconds)) : t.components.expired}
    </span>
  );
}
