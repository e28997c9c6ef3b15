import { number, t } from '../i18n';
import { Button, IconButton } from './button';
import { CheckField } from './choice';
import { Icon } from './icon';
import { Popover } from './popover';

export type FilterChip = {
  id: string;
  label: string;
  options: readonly { value: string; label: string; count?: number }[];
  multiple?: boolean;
};

type FilterChipsProps = {
  chips: readonly FilterChip[];
  value: Record<string, string[]>;
  onChange: (value: Record<string, string[]>) => void;
};

const without = (value: Record<string, string[]>, id: string) =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key !== id));

export function FilterChips({ chips, value, onChange }: FilterChipsProps) {
  const active = chips.some(({ id }) => value[id]?.length);
  const set = (id: string, chosen: string[]) => onChange(chosen.length ? { ...value, [id]: chosen } : without(value, id));
  return (
    <div class="filters" role="group" aria-label={t.components.filters}>
      {chips.map((chip) => <Chip key={chip.id} chip={chip} chosen={value[chip.id] ?? []} onChange={(chosen) => set(chip.id, chosen)} />)}
      {active && <Button kind="plain" size="small" onClick={() => onChange({})}>{t.components.clearFilters}</Button>}
    </div>
  );
}

function Chip({ chip, chosen, onChange }: { chip: FilterChip; chosen: string[]; onChange: (chosen: string[]) => void }) {
  const names = chip.options.filter((option) => chosen.includes(option.value)).map((option) => option.label);
  const toggle = (option: string, checked: boolean) => {
    const rest = chip.multiple === false ? [] : chosen.filter((other) => other !== option);
    onChange(checked ? [...rest, option] : chosen.filter((other) => other !== option));
  };
  return (
    <span class="filter" data-active={names.length > 0 || undefined}>
      <Popover label={chip.label} trigger={(props) => (
        <button {...props} class="filter-trigger">
          {chip.label}
          {names.length > 0 ? <b class="filter-value">{names.join(', ')}</b> : <Icon name="chevron-down" />}
        </button>
      )}>
        <div class="filter-options">
          {chip.options.map((option) => (
            <CheckField key={option.value} checked={chosen.includes(option.value)} onChange={(checked) => toggle(option.value, checked)}
              label={<>{option.label}{option.count !== undefined && <span class="filter-count">{number(option.count)}</span>}</>} />
          ))}
        </div>
      </Popover>
      {names.length > 0 && <IconButton icon="close" label={t.components.clearFilter(chip.label)} onClick={() => onChange([])} />}
    </span>
  );
}
