import type { ButtonHTMLAttributes, ComponentChildren, AnchorHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';
import type { IconName } from './icon';
import { Icon } from './icon';
import { t } from '../i18n';
import { Tooltip } from './tooltip';

type Kind = 'primary' | 'quiet' | 'danger' | 'plain';

type Look = { kind?: Kind; size?: 'small'; icon?: IconName };

export type ButtonProps = Omit<ButtonHTMLAttributes, 'size' | 'icon'> & Look & {
  busy?: boolean;
  /** Why the viewer can't use it: shown on hover and focus, and clicks do nothing. */
  disabledReason?: string;
  children?: ComponentChildren;
};

export type ButtonLinkProps = Omit<AnchorHTMLAttributes, 'size' | 'icon'> & Look & {
  href: string;
  children?: ComponentChildren;
};

const classes = (kind: Kind, size: 'small' | undefined, extra: unknown): string =>
  ['button', kind === 'primary' ? '' : kind, size ?? '', typeof extra === 'string' ? extra : ''].filter(Boolean).join(' ');

export function Button({ kind = 'primary', size, icon, busy, disabledReason, children, onClick, ...rest }: ButtonProps) {
  const reasonId = useId();
  const inactive = Boolean(busy || disabledReason);
  const button = (
    <button type="button" {...rest} class={classes(kind, size, rest.class)}
      aria-disabled={inactive || rest['aria-disabled'] || undefined}
      aria-busy={busy || undefined}
      aria-describedby={disabledReason ? reasonId : rest['aria-describedby']}
      onClick={(event) => {
        if (inactive) {
          event.preventDefault();
          event.stopPropagation();
        } else {
          onClick?.(event);
        }
      }}>
      {busy ? <span class="button-spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
      {busy && <span class="unseen">{t.components.working}</span>}
    </button>
  );
  return disabledReason ? <Tooltip id={reasonId} text={disabledReason}>{button}</Tooltip> : button;
}

export const ButtonLink = ({ kind = 'primary', size, icon, children, ...rest }: ButtonLinkProps) => (
  <a {...(rest as object)} class={classes(kind, size, rest.class)}>
    {icon && <Icon name={icon} />}
    {children}
  </a>
);

export const IconButton = ({ icon, label, ...rest }: Omit<ButtonProps, 'children' | 'icon'> & { icon: IconName; label: string }) => (
  <Button kind="plain" size="small" title={rest.disabledReason ? undefined : label} {...rest} icon={icon}
    class={`icon-button ${typeof rest.class === 'string' ? rest.class : ''}`.trim()}>
    <span class="unseen">{label}</span>
  </Button>
);
