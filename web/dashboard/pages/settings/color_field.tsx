import { useState } from 'preact/hooks';
import { Field, Icon } from '../../components';
import { language, t } from '../../i18n';
import { TEXT_RATIO, onDark, onLight, parseColor } from './accent';

const ratio = (value: number): string =>
  `${new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(Math.floor(value * 10) / 10)}:1`;

/** What the server makes of a color so that text on it and in it stays readable. */
function Contrast({ color }: { color: string }) {
  const [light, dark] = [onLight(color), onDark(color)];
  const lines = [
    t.settings.onButtons(light.onFill === '#ffffff', ratio(light.ratio)),
    light.text === color ? t.settings.linksAsChosen : t.settings.linksDarker(light.text, ratio(TEXT_RATIO)),
    dark.fill === color && dark.text === color ? t.settings.darkAsChosen : t.settings.darkLighter(dark.fill),
  ];
  return (
    <ul class="settings-contrast" aria-live="polite">
      {lines.map((line) => <li key={line}><Icon name="check" />{line}</li>)}
    </ul>
  );
}

type ColorFieldProps = {
  label: string;
  pick: string;
  hint: string;
  value: string;
  /** The color that is shown while nothing or no color is typed. */
  fallback: string;
  optional?: boolean;
  error: string | undefined;
  onInput: (typed: string) => void;
};

/** A color by a picker or as `#rrggbb`, and how it is read. */
export function ColorField({ label, pick, hint, value, fallback, optional, error, onInput }: ColorFieldProps) {
  const [left, setLeft] = useState(false);
  const color = parseColor(value);
  const wrong = color || (optional && !value) ? undefined : t.settings.colorFormat;
  return (
    <>
      <Field label={label} hint={hint} optional={optional} error={error ?? (left ? wrong : undefined)}>
        {(props) => (
          <div class="settings-color">
            <input {...{ type: 'color' } as object} aria-label={pick} value={color ?? fallback} onInput={(event) => onInput(event.currentTarget.value)} />
            <input {...props} value={value} maxLength={9} spellcheck={false} autocomplete="off" onBlur={() => setLeft(true)}
              onInput={(event) => onInput(event.currentTarget.value)} />
          </div>
        )}
      </Field>
      {(color || !optional) && <Contrast color={color ?? fallback} />}
    </>
  );
}
