import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon';
import { t } from '../i18n';

type CardProps = { title?: string; action?: ComponentChildren; children?: ComponentChildren; flush?: boolean };

export function Card({ title, action, children, flush }: CardProps) {
  const id = useId();
  return (
    <section class={`card ${flush ? 'flush' : ''}`.trim()} aria-labelledby={title ? id : undefined}>
      {(title || action) && (
        <header class="card-header">
          {title && <h2 id={id}>{title}</h2>}
          {action}
        </header>
      )}
      {children}
    </section>
  );
}

type PageHeaderProps = {
  title: string;
  children?: ComponentChildren;
  back?: { href: string; label: string };
  description?: ComponentChildren;
};

export const PageHeader = ({ title, children, back, description }: PageHeaderProps) => (
  <header class="page-header">
    {back && <a class="page-header-back" href={back.href} aria-label={t.components.back(back.label)}><Icon name="arrow-left" />{back.label}</a>}
    <div class="page-header-row">
      <h1 tabIndex={-1}>{title}</h1>
      {children && <div class="page-header-actions">{children}</div>}
    </div>
    {description && <p class="lead">{description}</p>}
  </header>
);

export type DescriptionItem = { label: string; value: VNode | string | null; action?: ComponentChildren };

export const DescriptionList = ({ items }: { items: DescriptionItem[] }) => (
  <dl class="description-list">
    {items.map(({ label, value, action }) => (
      <div key={label}>
        <dt>{label}</dt>
        <dd>
          <span class="description-list-value">{value ?? t.components.never}</span>
          {action}
        </dd>
      </div>
    ))}
  </dl>
);
