import { ACTIONS, startAction } from '../../actions';
import { boot, may } from '../../api';
import { Button } from '../../components';
import { t } from '../../i18n';

const ID = 'ASSIGN_COURSES';

/** Starts the dialog that assigns courses to contacts, with this course. */
export function AssignButton({ courseId, kind }: { courseId: string; kind?: 'quiet' }) {
  const action = ACTIONS.find(({ id }) => id === ID);
  if (!action) return null;
  const start = startAction as (name: string, from: object) => void;
  return (
    <Button icon="people" {...(kind && { kind })} onClick={() => start(ID, { courseId })}
      disabledReason={may(action.needs) ? undefined : t.common.noRole(t.words.role[boot.role])}>
      {t.courses.assign}
    </Button>
  );
}
