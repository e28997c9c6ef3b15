import { boot, graphql, useQuery } from '../../api';
import { t } from '../../i18n';
import type { Section } from '../section_field';

const PORTAL = graphql(`
  query InvitationPreview {
    portal { name invitationDays }
  }
`);

/** As the built-in email says it, which is in English: `templates/invitations/invitation.html`. */
const DESTINATIONS: Record<Section, string> = {
  HOME: 'the portal', COURSES: 'your courses', COMMUNITIES: 'your communities', AFFILIATES: 'your affiliate pages',
};

/** The email as its reader sees it, without the link. */
export function Preview({ section, note }: { section: Section; note: string }) {
  const { data } = useQuery(PORTAL, {});
  const portal = data?.portal.name ?? boot.accountName;
  const expires = new Date(Date.now() + (data?.portal.invitationDays ?? 7) * 86_400_000);
  return (
    <details class="mail-preview">
      <summary>{t.actions.invite.preview}</summary>
      <p class="mail-preview-subject"><span class="hint">{t.actions.preview.subject}:</span> <span lang="en">{portal} invited you to its portal</span></p>
      <div class="mail-preview-body" lang="en">
        <p>Hello,</p>
        <p>{portal} invited you to its portal. Use the button below, then confirm on the page that opens. You don’t need a password.</p>
        {note.trim() && (
          <blockquote>
            <span class="hint">A note from {portal}</span>
            <p dir="auto">{note.trim()}</p>
          </blockquote>
        )}
        <p><span class="mail-preview-button">Open {DESTINATIONS[section]}</span></p>
        <p>
          The invitation expires on <strong>{expires.toLocaleDateString('en', { dateStyle: 'long' })}</strong>. It is only for you: anyone
          who has this email can use it, so please don’t forward it.
        </p>
      </div>
      <p class="hint">{t.actions.preview.language}</p>
    </details>
  );
}
