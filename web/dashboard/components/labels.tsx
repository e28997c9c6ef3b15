import type { ComponentChildren } from 'preact';
import { IconButton } from './button';
import { t } from '../i18n';

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'none';

export const Status = ({ tone, children }: { tone: Tone; children: ComponentChildren }) => (
  <span class="pill" data-tone={tone}>{children}</span>
);

export const Tag = ({ children, onRemove }: { children: string; onRemove?: () => void }) => (
  <span class="tag">
    {children}
    {onRemove && <IconButton icon="close" label={t.components.remove(children)} onClick={onRemove} />}
  </span>
);

export const Kbd = ({ children }: { children: ComponentChildren }) => <kbd class="kbd">{children}</kbd>;

const TINTS = 6;

const initials = (name: string): string => {
  const words = name.trim().split(/[\s@.]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => Array.from(word ?? '')[0] ?? '').join('').toUpperCase() || '?';
};

const tint = (name: string): number => Array.from(name).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997, 7) % TINTS;

export const Avatar = ({ name }: { name: string }) => (
  <span class="avatar" data-tint={tint(name)} aria-hidden="true">{initials(name)}</span>
);
