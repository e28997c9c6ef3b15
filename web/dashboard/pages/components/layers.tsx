import { useState } from 'preact/hooks';
import { Button, Card, Confirm, Dialog, Menu, Popover, TextField, toast } from '../../components';

const later = () => new Promise<void>((resolve) => setTimeout(resolve, 600));
const close = (set: (open: string) => void) => () => set('');

export function Layers() {
  const [open, setOpen] = useState('');
  const [name, setName] = useState('');
  return (
    <Card title="Layers">
      <div class="gallery-row">
        <Button kind="quiet" onClick={() => setOpen('dialog')}>Dialog</Button>
        <Button kind="quiet" onClick={() => setOpen('confirm')}>Confirm</Button>
        <Button kind="quiet" onClick={() => setOpen('delete')}>Type to confirm</Button>
        <Popover label="About" trigger={(props) => <button {...props} class="button quiet">Popover</button>}><p>Closes on Esc and outside press.</p></Popover>
        <Menu label="Actions for Anna Smith" items={[
          { id: 'link', label: 'Create a link', icon: 'link', onSelect: () => toast({ text: 'Link created.' }) },
          { id: 'role', label: 'Change role', icon: 'user', disabledReason: 'Only owners can do this.', onSelect: later },
          { separator: true },
          { id: 'revoke', label: 'Revoke access', icon: 'stop', danger: true, onSelect: () => toast({ text: 'Access revoked.', undo: later }) },
        ]} />
        <Menu label="Export" trigger="Export" icon="download" items={[{ id: 'csv', label: 'CSV', onSelect: later }]} />
        <Button kind="quiet" onClick={() => toast({ text: 'Saved.' })}>Toast</Button>
        <Button kind="quiet" onClick={() => toast({ text: 'The server didn’t respond.', tone: 'bad' })}>Failure</Button>
        <Button kind="quiet" onClick={() => toast({ text: 'Contact deleted.', undo: later })}>With undo</Button>
      </div>
      <Dialog open={open === 'dialog'} onClose={close(setOpen)} title="Edit contact" dirty={name !== ''} form={{ onSubmit: close(setOpen) }}
        footer={<Button type="submit">Save</Button>}>
        <TextField label="Name" value={name} onInput={setName} />
      </Dialog>
      <Confirm open={open === 'confirm'} onClose={close(setOpen)} title="Send 12 invitations?" action="Send" onConfirm={later} />
      <Confirm open={open === 'delete'} onClose={close(setOpen)} title="Delete Anna Smith?" action="Delete" danger typeToConfirm="delete"
        onConfirm={async () => {
          await later();
          throw new Error('The contact is being invited. Try again in a moment.');
        }}>
        <p>Links and sessions of this contact end at once.</p>
      </Confirm>
    </Card>
  );
}
