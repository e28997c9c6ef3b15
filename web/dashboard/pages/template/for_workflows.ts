// A template with merge fields that only workflows have is checked and shown as such a workflow would send it.
import type { Channel, Content, Trigger } from '../../components/message_editor/documents';
import { EMPTY } from '../../components/message_editor/documents';
import type { PreviewState } from '../../components/message_editor/preview';
import { usePreview } from '../../components/message_editor/preview';
import { onlyIn } from '../../components/message_editor/trigger_words';

/** `triggers` are those that have all fields; none if the template isn't for workflows. */
export function useTemplatePreview(channel: Channel, content: Content, contactId: string | undefined): PreviewState & { triggers: Trigger[] } {
  const outside = usePreview(channel, content, contactId);
  const [first = [], ...rest] = outside.problems.map(onlyIn).filter((names) => names !== null);
  const triggers = first.filter((name) => rest.every((names) => names.includes(name)));
  // Without triggers it isn't asked.
  const inside = usePreview(channel, triggers.length ? content : EMPTY[channel], contactId, triggers.slice(0, 1));
  if (!triggers.length) return { ...outside, triggers };
  const problems = inside.preview ? inside.problems : outside.problems.filter((problem) => !onlyIn(problem));
  return { ...inside, preview: inside.preview ?? outside.preview, problems, triggers };
}
