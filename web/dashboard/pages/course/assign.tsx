import { startAction } from '../../actions';
import { boot, may } from '../../api';
import { Button } from '../../components';
import { t } from '../../i18n';

/** Starts the dialog that assigns courses to contacts, with this course. */
export function AssignButton({ courseId, kind }: { courseId: string; kind?: 'quiet' }) {
  return (
    <Button icon="people" {...(kind && { kind })} onClick={() => startAction('ASSIGN_COURSES', { courseId })}
      disabledReason={may('CONTACTS') ? undefined : t.common.noRole(t.words.role[boot.role])}>
      {t.courses.assign}
    </Button>
  );
}
