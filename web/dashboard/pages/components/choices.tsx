import { useState } from 'preact/hooks';
import { Card, CheckField, FilterChips, RadioGroup, SearchField, SelectField, SwitchField, Tabs, TextField } from '../../components';

const SECTIONS = [{ value: 'HOME', label: 'Home' }, { value: 'INVOICES', label: 'Invoices' }] as const;

const STATUS = {
  id: 'status', label: 'Status', multiple: true,
  options: [{ value: 'ACTIVE', label: 'Active', count: 812 }, { value: 'INVITED', label: 'Invited', count: 1234 }],
};
const TAG = { id: 'tag', label: 'Tag', multiple: false, options: [{ value: 'parents', label: 'Parents' }, { value: 'staff', label: 'Staff' }] };

export function Choices() {
  const [text, setText] = useState('Anna Smith');
  const [search, setSearch] = useState('');
  const [section, setSection] = useState<'HOME' | 'INVOICES'>('HOME');
  const [checked, setChecked] = useState(true);
  const [tab, setTab] = useState<'all' | 'failed'>('all');
  const [filters, setFilters] = useState<Record<string, string[]>>({ status: ['ACTIVE'] });
  return (
    <>
      <Card title="Fields">
        <TextField label="Name" value={text} onInput={setText} optional />
        <TextField label="Email" type="email" value="anna@" onInput={setText} error="Enter an email address." />
        <TextField label="Note" multiline={3} value="" onInput={setText} hint="Plain text, at most 1,000 characters." placeholder="A personal note" />
        <SelectField label="Opens" value={section} onChange={setSection} options={SECTIONS} />
        <CheckField label="Send a reminder" checked={checked} onChange={setChecked} hint="After three days." />
        <SwitchField label="Sign-in by link" checked={checked} onChange={setChecked} />
        <SwitchField label="Sign-in by passkey" checked={!checked} onChange={(on) => setChecked(!on)} hint="Needs https." />
        <RadioGroup label="Opens in" value={section} onChange={setSection} options={[...SECTIONS]} />
      </Card>
      <Card title="Search and filters">
        <SearchField label="Search contacts" value={search} onInput={setSearch} />
        <FilterChips chips={[STATUS, TAG]} value={filters} onChange={setFilters} />
        <Tabs label="Messages" current={tab} onChange={setTab} tabs={[{ id: 'all', label: 'All', count: 1234 }, { id: 'failed', label: 'Failed', count: 3 }]} />
        <div role="tabpanel" aria-label={tab}>{tab}</div>
      </Card>
    </>
  );
}
