import { useEffect, useRef, useState } from 'preact/hooks';
import { boot } from '../../api';
import { Banner, Button, ErrorNotice, Progress, toast } from '../../components';
import { number, t } from '../../i18n';
import { Export, MAX_ROWS, download } from './csv';
import type { Filter } from './documents';
import type { Names } from './sentences';
import { dayAgo } from './state';

type State = { running: boolean; count: number; cut: boolean; error: unknown };

const IDLE: State = { running: false, count: 0, cut: false, error: undefined };

export function useExport(filter: Filter, names: Names) {
  const [state, setState] = useState<State>(IDLE);
  const current = useRef<Export | null>(null);
  useEffect(() => () => current.current?.stop(), []);
  const run = async (reader: Export) => {
    setState({ ...IDLE, running: true, count: reader.count });
    try {
      const blob = await reader.read((count) => setState((old) => ({ ...old, count })));
      if (!blob) return;
      download(blob, `audit-log-${boot.account}-${dayAgo(0)}.csv`);
      setState({ ...IDLE, cut: reader.cut });
      toast({ text: t.audit.exported(reader.count) });
    } catch (error) {
      setState((old) => ({ ...old, running: false, error }));
    }
  };
  return {
    state,
    start: () => {
      current.current = new Export(filter, names);
      void run(current.current);
    },
    goOn: () => {
      if (current.current) void run(current.current);
    },
    stop: () => {
      current.current?.stop();
      setState(IDLE);
    },
    dismiss: () => setState(IDLE),
  };
}

/** How far an export is, and how it ended. */
export function ExportState({ reader, total }: { reader: ReturnType<typeof useExport>; total: number | undefined }) {
  const { running, count, cut, error } = reader.state;
  if (error !== undefined) return <ErrorNotice error={error} retry={reader.goOn} />;
  if (running) {
    return (
      <div class="audit-export">
        <Progress label={t.audit.exporting} value={count} max={Math.min(total ?? MAX_ROWS, MAX_ROWS)} />
        <Button kind="quiet" size="small" onClick={reader.stop}>{t.common.cancel}</Button>
      </div>
    );
  }
  return cut ? <Banner tone="warn" onDismiss={reader.dismiss}>{t.audit.cut(number(MAX_ROWS))}</Banner> : null;
}
