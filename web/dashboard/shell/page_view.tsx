import type { ComponentType } from 'preact';
import { Component } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button, PageHeader, Skeleton } from '../components';
import { loadPageStrings, t } from '../i18n';
import type { Page } from '../pages';
import { findPage } from '../pages';
import { path } from '../router';

/** A page that fails leaves the rest of the dashboard as it is. */
class Boundary extends Component<{ name: string }, { failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError = () => ({ failed: true });

  override render() {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  return (
    <PageHeader title={t.shell.failedToLoad} description={t.shell.failedHint}>
      <Button icon="refresh" onClick={() => location.reload()}>{t.shell.reload}</Button>
    </PageHeader>
  );
}

type View = ComponentType<{ id: string }>;

const loaded = new Map<Page, View>();

function useView(page: Page | undefined): View | 'loading' | 'failed' {
  const [, render] = useState({});
  const [failed, setFailed] = useState<Page | null>(null);
  useEffect(() => {
    if (!page || loaded.has(page)) return;
    // The words of the overview are there from the start.
    Promise.all([page.load(), page.path ? loadPageStrings() : undefined]).then(
      ([module]) => {
        loaded.set(page, module.default);
        render({});
      },
      () => setFailed(page),
    );
  }, [page]);
  if (!page || failed === page) return 'failed';
  return loaded.get(page) ?? 'loading';
}

export function PageView() {
  const found = findPage(path.value);
  const View = useView(found?.page);
  if (!found) return <PageHeader title={t.common.notFound} description={t.common.notFoundHint} />;
  if (View === 'loading') return <Skeleton rows={6} />;
  if (View === 'failed') return <Failed />;
  return <Boundary key={path.value} name={path.value}><View id={found.id} /></Boundary>;
}
