import { useState } from 'preact/hooks';
import { useQuery, useRefreshOnReturn } from '../../api';
import { Button, Card, Empty, ErrorNotice, PageHeader, Skeleton, Tabs } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import { ItemDialog, Removal } from './dialog';
import type { Audience, Item } from './documents';
import { AUDIENCES, MAX_ITEMS, MENU, noRole } from './documents';
import { FrameHosts } from './frame_hosts';
import { MenuList } from './list';

type Open = { dialog: 'edit'; item: Item | null } | { dialog: 'remove'; item: Item } | null;

function Items({ audience, items, reload }: { audience: Audience; items: readonly Item[]; reload: () => void }) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const refused = noRole() ?? (items.length >= MAX_ITEMS ? t.menu.full(MAX_ITEMS) : undefined);
  const add = (kind?: 'quiet') => (
    <Button icon="plus" {...(kind && { kind, size: 'small' })} disabledReason={refused} onClick={() => setOpen({ dialog: 'edit', item: null })}>{t.menu.newItem}</Button>
  );
  return (
    <Card title={t.menu.audience[audience]} action={items.length > 0 && add('quiet')}>
      <p class="hint">{t.menu.audienceHint[audience]}</p>
      {items.length === 0 && <Empty icon="menu" title={t.menu.none}><p>{t.menu.noneHint}</p>{add()}</Empty>}
      {items.length > 0 && (
        <MenuList audience={audience} items={items} reload={reload} onEdit={(item) => setOpen({ dialog: 'edit', item })} onRemove={(item) => setOpen({ dialog: 'remove', item })} />
      )}
      {open?.dialog === 'edit' && <ItemDialog audience={audience} item={open.item} onClose={close} onDone={reload} />}
      {open?.dialog === 'remove' && <Removal item={open.item} onClose={close} onDone={reload} />}
    </Card>
  );
}

export default function MenuPage() {
  const audience: Audience = params.value.get('tab') === 'dashboard' ? 'DASHBOARD' : 'PORTAL';
  const { data, error, reload } = useQuery(MENU, { audience });
  useRefreshOnReturn(reload);
  return (
    <div class="menus-page">
      <PageHeader title={t.shell.menuItems} description={t.menu.description} />
      <Tabs label={t.menu.tabList} current={audience} tabs={AUDIENCES.map((id) => ({ id, label: t.menu.tabs[id] }))}
        onChange={(id) => setParams({ tab: id === 'DASHBOARD' ? 'dashboard' : undefined })} />
      <div role="tabpanel" aria-label={t.menu.tabs[audience]} class="menus-panel">
        {error && !data && <ErrorNotice error={error} retry={reload} />}
        {!error && !data && <Skeleton rows={5} />}
        {data && <Items key={audience} audience={audience} items={data.menuItems} reload={reload} />}
      </div>
      <FrameHosts />
    </div>
  );
}
