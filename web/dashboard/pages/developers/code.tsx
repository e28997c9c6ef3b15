import { CopyButton } from '../../components';
import { t } from '../../i18n';

/** A line of code, with a copy button if `copy` names it. */
export const CodeLine = ({ code, copy }: { code: string; copy?: string }) => (
  <div class="code-line">
    <code class="code" dir="ltr" translate={false}>{code}</code>
    {copy && <CopyButton value={code} label={copy} />}
  </div>
);

export const CodeBlock = ({ code, title }: { code: string; title: string }) => (
  <figure class="snippet">
    <figcaption><h3>{title}</h3><CopyButton value={code} label={t.developers.codeOf(title)} /></figcaption>
    <pre class="code" dir="ltr" translate={false} tabIndex={0} role="region" aria-label={title}><code>{code}</code></pre>
  </figure>
);
