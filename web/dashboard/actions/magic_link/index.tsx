import { useState } from 'preact/hooks';
import type { DialogProps } from '../../actions';
import { useReopening } from '../../actions';
import { boot, may, useQuery } from '../../api';
import { Button, Dialog, Tabs } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { CustomMenuLinks } from '../custom_menu';
import { draftName, useRecipients } from '../recipients';
import { asSection } from '../section_field';
import { mailable, usable } from './contact_field';
import { useEarlier } from './earlier';
import type { LinkForm } from './form';
import { LinkFields } from './form';
import { GeneratedLink } from './generated_link';
import { DEFAULT_LIFETIME, minutesOf } from './lifetime';
import type { Generated, GenerateInput } from './request';
import { generate, PORTAL } from './request';

type Tab = 'contact' | 'menu';

export default function MagicLinkDialog(props: DialogProps) {
  return <MagicLink key={draftName('link', props.start)} {...props} />;
}

function useLinkForm({ start }: DialogProps) {
  const draft = draftName('link', start);
  const empty: LinkForm = {
    section: asSection(start.section), lifetime: DEFAULT_LIFETIME, minutes: '', limit: null, replace: true, email: false,
  };
  const picked = useRecipients(draft, start);
  const typed = useDraft(`${draft}.typed`, '');
  const form = useDraft(`${draft}.form`, empty);
  const limitByDefault = useQuery(PORTAL, {}).data?.portal.limitCopiedLinks ?? false;
  const contact = picked.value[0];
  const earlier = useEarlier(contact?.contactId);
  const input = (): GenerateInput | undefined => {
    const { section, lifetime, minutes, limit, replace, email } = form.peek();
    const expiresInMinutes = minutesOf(lifetime, minutes);
    if (!usable(contact) || expiresInMinutes === undefined) return undefined;
    return {
      ...(contact.contactId ? { contactId: contact.contactId } : { email: contact.email }),
      section, expiresInMinutes,
      ...(section !== 'HOME' && { limitToSection: limit ?? limitByDefault }),
      ...(replace && earlier.newest && { replaces: earlier.newest.id }),
      ...(email && mailable(contact) && { sendBy: 'EMAIL' as const }),
    };
  };
  const forget = () => {
    forgetDraft(`${draft}.recipients`);
    forgetDraft(`${draft}.typed`);
    forgetDraft(`${draft}.form`);
  };
  const startOver = () => {
    picked.value = [];
    typed.value = '';
    form.value = empty;
    forget();
  };
  return { picked, typed, form, earlier, limitByDefault, input, forget, startOver };
}

function useGenerating(input: () => GenerateInput | undefined, onDone: () => void) {
  const [state, setState] = useState<{ busy?: boolean; tried?: boolean; error?: unknown; generated?: Generated; sent?: GenerateInput }>({});
  const submit = async () => {
    const sent = input();
    if (state.busy) return;
    if (!sent) return setState({ tried: true });
    setState({ busy: true });
    try {
      setState({ generated: await generate(sent), sent });
      onDone();
    } catch (error) {
      setState({ error });
    }
  };
  const emailIt = async () => {
    if (!state.sent || !state.generated) return;
    const sent: GenerateInput = { ...state.sent, replaces: state.generated.magicLink.id, sendBy: 'EMAIL' };
    setState({ generated: await generate(sent), sent });
  };
  return { ...state, submit, emailIt, again: () => setState({}) };
}

function MagicLink(props: DialogProps) {
  const { onClose } = props;
  const [tab, setTab] = useState<Tab>('contact');
  const { picked, typed, form, earlier, limitByDefault, input, forget, startOver } = useLinkForm(props);
  const { generated, sent, error, busy, tried, submit, emailIt, again } = useGenerating(input, forget);
  useReopening(generated !== undefined);
  const title = t.actions.magic.title;
  if (generated) {
    return (
      <Dialog open onClose={onClose} title={title} footer={
        <>
          <Button kind="quiet" onClick={again}>{t.actions.magic.another}</Button>
          <Button onClick={onClose}>{t.actions.done}</Button>
        </>
      }>
        <GeneratedLink generated={generated} onEmail={!sent?.sendBy && mailable(picked.value[0]) ? emailIt : undefined} />
      </Dialog>
    );
  }
  const dirty = picked.value.length > 0;
  const missing = may('LINKS') ? undefined : t.common.noRole(t.words.role[boot.role]);
  return (
    <Dialog open onClose={onClose} title={title} dirty={dirty} form={{ onSubmit: tab === 'contact' ? submit : () => undefined }} footer={tab === 'contact' && (
      <>
        {dirty && <Button kind="plain" class="start-over" onClick={startOver}>{t.actions.startOver}</Button>}
        <Button type="submit" busy={busy ?? false} disabledReason={missing}>{t.actions.magic.generate}</Button>
      </>
    )}>
      <Tabs label={t.actions.magic.tabs} current={tab} onChange={setTab} tabs={[
        { id: 'contact', label: t.actions.magic.tabContact }, { id: 'menu', label: t.actions.magic.tabMenu },
      ]} />
      <div class="action-panel" role="tabpanel" aria-label={tab === 'contact' ? t.actions.magic.tabContact : t.actions.magic.tabMenu}>
        {tab === 'contact'
          ? <LinkFields picked={picked} typed={typed} form={form} earlier={earlier} limitByDefault={limitByDefault} error={error} tried={tried ?? false} />
          : <CustomMenuLinks />}
      </div>
    </Dialog>
  );
}
