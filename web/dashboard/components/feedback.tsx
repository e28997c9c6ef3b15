import type { ComponentChildren } from 'preact';
import { errorText } from '../api/error';
import { t } from '../i18n';
import { Button, IconButton } from './button';
import type { IconName } from './icon';
import { Icon } from './icon';
import { Marked } from './marked';

export const ErrorNotice = ({ error, retry }: { error: unknown; retry?: () => void }) => (
  <div class="banner" data-tone="bad" role="alert">
    <Icon name="alert" />
    <div class="banner-text"><Marked text={errorText(error)} /></div>
    {retry && <Button kind="quiet" size="small" icon="refresh" onClick={retry}>{t.components.tryAgain}</Button>}
  </div>
);

type BannerProps = {
  tone: 'info' | 'warn' | 'bad';
  children: ComponentChildren;
  action?: ComponentChildren;
  onDismiss?: () => void;
};

export const Banner = ({ tone, children, action, onDismiss }: BannerProps) => (
  <div class="banner" data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
    <Icon name={tone === 'info' ? 'bell' : 'alert'} />
    <div class="banner-text">{children}</div>
    {action}
    {onDismiss && <IconButton icon="close" label={t.components.dismiss} onClick={onDismiss} />}
  </div>
);

export const Empty = ({ icon, title, children }: { icon?: IconName; title: string; children?: ComponentChildren }) => (
  <div class="empty-state">
    {icon && <span class="empty-state-icon"><Icon name={icon} /></span>}
    <h2>{title}</h2>
    {children && <div class="empty-state-text">{children}</div>}
  </div>
);

export const Skeleton = ({ rows = 3 }: { rows?: number }) => (
  <div class="skeleton" role="status">
    <span class="unseen">{t.components.loading}</span>
    {Array.from({ length: rows }, (_, index) => <span key={index} class="skeleton-row" aria-hidden="true" />)}
  </div>
);

export const Progress = ({ value, max, label }: { value: number; max: number; label: string }) => (
  <div class="progress">
    <span class="progress-label" aria-hidden="true">
      <span>{label}</span>
      <span class="progress-count">{t.components.progress(value, max)}</span>
    </span>
    <progress value={value} max={Math.max(max, 1)} aria-label={label} aria-valuetext={t.components.progress(value, max)} />
  </div>
);
