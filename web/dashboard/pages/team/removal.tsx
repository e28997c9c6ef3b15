import { mutate } from '../../api';
import { Button, Confirm, Dialog, toast } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import type { EndedKey, Member } from './documents';
import { REMOVE, isViewer, nameOf } from './documents';

type RemovalProps = { member: Member; onClose: () => void; onDone: (ended: readonly EndedKey[]) => void };

export function Removal({ member, onClose, onDone }: RemovalProps) {
  const remove = async () => {
    const ended = (await mutate(REMOVE, { input: { teamMemberId: member.id } })).removeTeamMember?.revokedApiKeys ?? [];
    toast({ text: t.team.removed(nameOf(member)) });
    onDone(ended);
  };
  return (
    <Confirm open onClose={onClose} danger title={t.team.removeTitle(nameOf(member))} action={t.common.remove} onConfirm={remove}>
      <p>{t.team.removeConsequence} {isViewer(member) && t.team.thatIsYou}</p>
    </Confirm>
  );
}

/** The API keys that ended with a role or a membership: what used them is refused from now on. */
export const EndedKeys = ({ keys, onClose }: { keys: readonly EndedKey[]; onClose: () => void }) => (
  <Dialog open onClose={onClose} size="small" title={t.team.keysEnded(keys.length)} footer={
    <>
      <a class="button quiet" href={link('api-keys')}>{t.team.openKeys}</a>
      <Button onClick={onClose}>{t.common.close}</Button>
    </>
  }>
    <p>{t.team.keysEndedHint}</p>
    <ul class="team-keys">
      {keys.map(({ id, name, hint }) => <li key={id}><bdi>{name}</bdi>{hint && <code>…{hint}</code>}</li>)}
    </ul>
  </Dialog>
);
