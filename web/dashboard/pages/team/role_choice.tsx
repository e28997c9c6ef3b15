import { RadioGroup } from '../../components';
import { t } from '../../i18n';
import type { Role } from './documents';
import { ROLES, manages } from './documents';

export const RoleChoice = ({ value, onChange }: { value: Role; onChange: (role: Role) => void }) => (
  <RadioGroup label={t.team.role} value={value} onChange={onChange} options={ROLES.map((role) => ({
    value: role, label: t.words.role[role], hint: manages(role) ? t.team.roleHint[role] : t.team.ownersOnly, disabled: !manages(role),
  }))} />
);
