// What the server makes of the colors so that text stays readable, in words.
import { Icon } from '../../components';
import { language, t } from '../../i18n';
import { FILL_RATIO, TEXT_RATIO, contrastOf, onBar, onDark, onLight } from './accent';

const ratio = (value: number): string =>
  `${new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(Math.floor(value * 10) / 10)}:1`;

const WHITE = '#ffffff';

const Lines = ({ lines }: { lines: { text: string; wrong?: boolean }[] }) => (
  <ul class="settings-contrast" aria-live="polite">
    {lines.map(({ text, wrong }) => <li key={text} data-wrong={wrong || undefined}><Icon name={wrong ? 'alert' : 'check'} />{text}</li>)}
  </ul>
);

export function AccentContrast({ color }: { color: string }) {
  const [light, dark] = [onLight(color), onDark(color)];
  return (
    <Lines lines={[
      { text: t.settings.onButtons(light.onFill === WHITE, ratio(light.ratio)) },
      { text: light.text === color ? t.settings.linksAsChosen : t.settings.linksDarker(light.text, ratio(TEXT_RATIO)) },
      { text: dark.fill === color && dark.text === color ? t.settings.darkAsChosen : t.settings.darkLighter(dark.fill) },
    ]} />
  );
}

/** Why the two colors can't be together. */
export function barProblem(accent: string | null, bar: string | null): string | undefined {
  if (!accent || !bar || contrastOf(accent, bar) >= FILL_RATIO) return undefined;
  return t.settings.barTooClose(ratio(contrastOf(accent, bar)), ratio(FILL_RATIO));
}

export function BarContrast({ accent, bar }: { accent: string; bar: string }) {
  const { onFill, ratio: text } = onBar(bar);
  const problem = barProblem(accent, bar);
  return (
    <Lines lines={[
      { text: t.settings.onBar(onFill === WHITE, ratio(text)) },
      problem ? { text: problem, wrong: true } : { text: t.settings.barStandsOut(ratio(contrastOf(accent, bar))) },
    ]} />
  );
}
