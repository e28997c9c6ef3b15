import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { boot } from '../api/boot';
import { t } from '../i18n';
import { moves } from '../router';
import { Icon } from './icon';

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

let announced = 0;

/** On another page its heading has the focus, so that a screen reader says where the reader is. */
function useHeading(title: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${boot.accountName}`;
  }, [title]);
  useEffect(() => {
    // Later than a dialog that closes with the page and returns the focus. The heading of a page that was loading may be another one.
    const frame = requestAnimationFrame(() => {
      if (moves === 0 || (moves === announced && document.activeElement !== document.body)) return;
      announced = moves;
      heading.current?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  return heading;
}

export function PageHeader({ title, children, back, description }: PageHeaderProps) {
  const heading = useHeading(title);
  return (
    <header class="page-header">
      {back && <a class="page-header-back" href={back.href} aria-label={t.components.back(back.label)}><Icon name="arrow-left" />{back.label}</a>}
      <div class="page-header-row">
        <div class="page-header-title">
          <h1 tabIndex={-1} ref={heading}>{title}</h1>
          {description && <p class="lead">{description}</p>}
        </div>
        {children && <div class="page-header-actions">{children}</div>}
      </div>
    </header>
  );
}

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
