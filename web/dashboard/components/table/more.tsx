import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { Button } from '../button';

const AHEAD = '800px';

/** Loads more before the end is in sight. The button is for browsers and readers that never scroll there. */
export function LoadMore({ loaded, loadMore }: { loaded: number; loadMore: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) loadMore();
    }, { rootMargin: AHEAD });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [loaded, loadMore]);
  return (
    <div class="table-more" ref={end}>
      <Button kind="quiet" size="small" onClick={loadMore}>{t.components.loadMore}</Button>
    </div>
  );
}
