import { useSignal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { List } from '../../api';
import { ApiError } from '../../api';
import type { Column } from '../../components';
import { Button, Card, Empty, Menu, SelectionBar, Status, Table } from '../../components';

type Person = { id: string; name: string; email: string; active: boolean };

const PAGE = 50;
const TOTAL = 10_000;

const people = Array.from({ length: TOTAL }, (_, index): Person => ({
  id: `person-${index}`, name: `Person ${index + 1}`, email: `person${index + 1}@example.com`, active: index % 3 === 0,
}));

const nothing = () => undefined;

const COLUMNS: readonly Column<Person>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, width: '2fr' },
  { id: 'email', header: 'Email', cell: ({ email }) => email, width: '2fr', hideBelow: 'tablet' },
  { id: 'status', header: 'Status', cell: ({ active }) => <Status tone={active ? 'good' : 'none'}>{active ? 'Active' : 'Invited'}</Status> },
  { id: 'more', header: '', width: '4rem', align: 'end', cell: ({ name }) => <Menu label={`Actions for ${name}`} items={[{ id: 'open', label: 'Open', onSelect: nothing }]} /> },
];

const still = (change: Partial<List<Person>>): List<Person> => ({
  rows: [], total: 0, loading: false, error: undefined, hasMore: false, loadMore: nothing, fresh: 0, showFresh: nothing, refresh: nothing, reload: nothing,
  ...change,
});

export function Lists() {
  const [loaded, setLoaded] = useState(PAGE);
  const [fresh, setFresh] = useState(3);
  const [rows, setRows] = useState(() => people.slice(0, PAGE));
  const ids = useSignal(new Set<string>());
  const all = useSignal(false);
  const loadMore = () => {
    const next = Math.min(loaded + PAGE, TOTAL);
    setLoaded(next);
    setRows(people.slice(0, next));
  };
  const clear = () => {
    ids.value = new Set();
    all.value = false;
  };
  const list = still({ rows, total: TOTAL, hasMore: loaded < TOTAL, loadMore, fresh, showFresh: () => setFresh(0) });
  const common = { columns: COLUMNS, rowLabel: ({ name }: Person) => name, empty: <Empty icon="people" title="No contacts yet" /> };
  return (
    <>
      <Card title="Other states of a list">
        <Table {...common} label="Loading" list={still({ loading: true })} />
        <Table {...common} label="Failed" list={still({ error: new ApiError('The server didn’t respond.', 'NETWORK') })} />
        <Table {...common} label="Empty" list={still({})} />
      </Card>
      <Table {...common} label="People" list={list} href={({ id }) => `#${id}`} selection={{ ids, all }} />
      <SelectionBar count={all.value ? TOTAL : ids.value.size} onClear={clear}><Button size="small" icon="invite">Invite</Button></SelectionBar>
    </>
  );
}
