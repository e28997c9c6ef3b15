import { useEffect, useRef } from 'preact/hooks';
import type { List } from '../../api';
import { Button, Empty, ErrorNotice, Skeleton } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import type { AuditEvent } from './documents';
import { Entry } from './entry';
import type { Names } from './sentences';
import { FILTER_PARAMS, NO_FILTER } from './state';

function More({ loaded, loadMore }: { loaded: number; loadMore: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) loadMore();
    }, { rootMargin: '600px' });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [loaded, loadMore]);
  return <div class="table-more" ref={end}><Button kind="quiet" size="small" onClick={loadMore}>{t.components.loadMore}</Button></div>;
}

const Nothing = () => FILTER_PARAMS.some((name) => params.value.has(name))
  ? <Empty icon="filter" title={t.audit.noMatch}><Button kind="quiet" onClick={() => setParams(NO_FILTER)}>{t.components.clearFilters}</Button></Empty>
  : <Empty icon="audit" title={t.audit.empty} />;

export function Events({ list, names }: { list: List<AuditEvent>; names: Names }) {
  const { rows, loading, error, fresh, hasMore } = list;
  return (
    <div class="table-area">
      <div class="table-fresh" aria-live="polite">
        {fresh > 0 && <Button size="small" onClick={list.showFresh}>{t.components.fresh(fresh)}</Button>}
      </div>
      {error && <ErrorNotice error={error} retry={list.reload} />}
      {(loading || !error || rows.length > 0) && (
        <div class="table-frame">
          {loading ? <Skeleton rows={8} /> : rows.length === 0 ? <Nothing /> : (
            <ol class="audit-list" aria-label={t.audit.title}>{rows.map((event) => <Entry key={event.id} event={event} names={names} />)}</ol>
          )}
        </div>
      )}
      {hasMore && !error && <More loaded={rows.length} loadMore={list.loadMore} />}
    </div>
  );
}
