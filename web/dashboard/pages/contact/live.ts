import { useEffect, useRef } from 'preact/hooks';
import { useActivity } from '../../api';

const PAUSE_MS = 300;

/** Calls `refresh` soon after something happened to the contact, once for many events. */
export function useContactActivity(contactId: string, refresh: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(refresh);
  latest.current = refresh;
  useActivity((event) => {
    if (event.contactId !== contactId) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(), PAUSE_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}
