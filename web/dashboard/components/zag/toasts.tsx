import * as zag from '@zag-js/toast';
import { normalizeProps } from '@zag-js/preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { errorText } from '../../api/error';
import { t } from '../../i18n';
import { Button, IconButton } from '../button';
import { Icon } from '../icon';
import { Marked } from '../marked';
import type { ToastOptions } from '../toaster';
import { useZag } from './use_zag';

const SHOWN_MS = 6_000;
const SHOWN_WITH_UNDO_MS = 10_000;

const SIDE = '1rem';

const store = zag.createStore({
  placement: 'bottom', gap: 8, max: 4, overlap: false, duration: SHOWN_MS,
  offsets: { top: SIDE, left: SIDE, right: SIDE, bottom: `calc(${SIDE} + var(--toast-room))` },
});

export function showToast({ text, tone = 'good', undo, action }: ToastOptions): void {
  const shown = undo ? { label: t.components.undo, onSelect: undo } : action;
  store.create({
    title: text,
    type: tone === 'bad' ? 'error' : 'success',
    duration: undo ? SHOWN_WITH_UNDO_MS : SHOWN_MS,
    ...(shown && { action: { label: shown.label, onClick: () => void act(shown.onSelect) } }),
  });
}

async function act(call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (failure) {
    showToast({ text: errorText(failure), tone: 'bad' });
  }
}

export function ToastStack() {
  const service = useZag<zag.GroupService>(zag.group.machine, { id: useId(), store });
  const api = zag.group.connect(service, normalizeProps);
  const toasts = api.getToasts();
  const layer = useRef<HTMLDivElement>(null);

  // Shown anew for each toast, so that it is above a dialog that was opened in between.
  useLayoutEffect(() => {
    const element = layer.current;
    if (!element || element.contains(document.activeElement)) return;
    if (element.matches(':popover-open')) element.hidePopover();
    if (toasts.length > 0) element.showPopover();
  }, [toasts.length]);

  return (
    <div class="toaster-layer layer" popover="manual" ref={layer}>
      <div {...api.getGroupProps({ label: t.components.notifications })} class="toaster">
        {toasts.map((actor, index) => <Toast key={actor.id} actor={actor} index={index} parent={service} />)}
      </div>
    </div>
  );
}

type ToastProps = { actor: zag.Options<string>; index: number; parent: zag.GroupService };

function Toast({ actor, index, parent }: ToastProps) {
  const service = useZag<zag.Service>(zag.machine, { ...actor, index, parent });
  const api = zag.connect(service, normalizeProps);
  return (
    <div {...api.getRootProps()} class="toast">
      <Icon name={api.type === 'error' ? 'alert' : 'check'} />
      <p {...api.getTitleProps()} class="toast-text"><Marked text={actor.title ?? ''} /></p>
      {actor.action && <Button kind="quiet" size="small" {...(api.getActionTriggerProps())}>{actor.action.label}</Button>}
      <IconButton icon="close" label={t.components.dismiss} onClick={() => api.dismiss()} />
    </div>
  );
}
