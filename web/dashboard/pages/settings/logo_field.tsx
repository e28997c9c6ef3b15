import { Button, TextField } from '../../components';
import { t } from '../../i18n';
import { hostOf, webAddress } from '../courses/web_address';

type LogoFieldProps = {
  value: string | null;
  /** The picture that the portal shows, which the server made of the saved one. */
  image: string | null;
  /** The address is not saved yet. */
  changed: boolean;
  error: string | undefined;
  onInput: (typed: string | null) => void;
};

/** The dashboard's policy shows pictures of its own host only. */
const isOurs = (image: string): boolean => URL.canParse(image, location.href) && new URL(image, location.href).origin === location.origin;

export function LogoField({ value, image, changed, error, onInput }: LogoFieldProps) {
  const complete = webAddress(value ?? '');
  return (
    <div class="settings-logo">
      <TextField label={t.settings.logo} optional type="url" autocomplete="off" placeholder="https://" value={value ?? ''} error={error}
        hint={changed && complete ? t.settings.logoFrom(hostOf(complete)) : t.settings.logoHint} onInput={(typed) => onInput(typed || null)} />
      {image && !changed && (
        <div class="settings-logo-now">
          {isOurs(image)
            ? <img src={image} alt={t.settings.logoNow} />
            : <a href={image} target="_blank" rel="noopener noreferrer">{t.settings.logoNow}</a>}
          <Button kind="quiet" size="small" icon="trash" onClick={() => onInput(null)}>{t.settings.removeLogo}</Button>
        </div>
      )}
    </div>
  );
}
