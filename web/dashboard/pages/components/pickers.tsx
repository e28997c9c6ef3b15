import { useSignal } from '@preact/signals';
import { Card } from '../../components';
import { ContactPicker } from '../../components/contact_picker/contact_picker';
import type { PickedRecipient } from '../../components/contact_picker/picked';

const STATES = ['NEW', 'NOT_INVITED', 'INVITED', 'ACTIVE', 'REVOKED', 'SUPPRESSED', 'INVALID', 'DUPLICATE'] as const;

const sample = (state: (typeof STATES)[number], index: number): PickedRecipient => ({
  key: `sample-${index}`, email: state === 'INVALID' ? `person${index}@` : `person${index}@example.com`, state,
});

const FEW = STATES.map(sample);
const MANY = Array.from({ length: 12_000 }, (_, index) => sample(index % 400 === 0 ? 'INVALID' : index % 30 === 0 ? 'INVITED' : 'NEW', 100 + index));

export function Pickers() {
  const few = useSignal<PickedRecipient[]>(FEW);
  const many = useSignal<PickedRecipient[]>(MANY);
  const contacts = useSignal<PickedRecipient[]>([]);
  return (
    <Card title="Contact picker">
      <ContactPicker label="Invite" value={few} allowNew />
      <ContactPicker label="Invite many" value={many} allowNew />
      <ContactPicker label="Contacts only" value={contacts} allowNew={false} />
    </Card>
  );
}
