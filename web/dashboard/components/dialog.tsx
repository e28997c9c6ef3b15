import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useId, useRef } from 'preact/hooks';
import { IconButton } from './button';
import { t } from '../i18n';

export type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ComponentChildren;
  footer?: ComponentChildren;
  size?: 'small' | 'normal' | 'wide';
  /** Wraps body and footer in a form. */
  form?: { onSubmit: () => unknown };
  /** There is unsaved input: a press on the backdrop does not close. */
  dirty?: boolean;
};

const FIRST = '[autofocus], .dialog-body :is(input, select, textarea):not([type="hidden"], :disabled), .dialog-footer button';

export const Dialog = (props: DialogProps) => (props.open ? <OpenDialog {...props} /> : null);

function OpenDialog({ onClose, title, children, footer, size = 'normal', form, dirty }: DialogProps) {
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const pressedOutside = useRef(false);

  useLayoutEffect(() => {
    const opener = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>(FIRST)?.focus();
    return () => {
      element?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);

  const content = (
    <>
      <div class="dialog-body">{children}</div>
      {footer && <div class="dialog-footer">{footer}</div>}
    </>
  );
  return (
    <dialog ref={dialog} class="dialog" data-size={size} aria-labelledby={titleId}
      onCancel={(event) => {
        if (event.target !== dialog.current) return;
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => (pressedOutside.current = event.target === dialog.current)}
      onClick={(event) => {
        if (event.target === dialog.current && pressedOutside.current && !dirty) onClose();
      }}>
      <div class="dialog-frame">
        <header class="dialog-header">
          <h2 class="dialog-title" id={titleId}>{title}</h2>
          <IconButton icon="close" label={t.components.close} onClick={onClose} />
        </header>
        {form
          ? <form class="dialog-form" noValidate onSubmit={(event) => {
              event.preventDefault();
              void form.onSubmit();
            }}>{content}</form>
          : content}
      </div>
    </dialog>
  );
}
