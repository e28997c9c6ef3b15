import { boot } from '../../api';
import { CopyButton, Icon, Popover } from '../../components';
import { Qr, ShareButton } from '../../components/sharing';
import { t } from '../../i18n';

const withoutScheme = (url: string): string => url.replace(/^https?:\/\//, '').replace(/\/$/, '');

/** The portal's address, to be given to contacts. */
export const PortalAddress = ({ url }: { url: string }) => (
  <div class="portal-address" role="group" aria-label={t.overview.portalAddress}>
    <a class="portal-address-url" href={url} target="_blank" rel="noopener" title={t.overview.openPortal}>
      <span>{withoutScheme(url)}</span><Icon name="external" />
    </a>
    <CopyButton value={url} label={t.overview.portalAddress} />
    <Popover label={t.overview.qrTitle}
      trigger={(props) => <button {...props} class="button quiet small"><Icon name="qr" />{t.overview.qr}</button>}>
      <div class="portal-qr">
        <Qr value={url} label={t.overview.portalAddress} />
        <p class="hint">{t.overview.qrHint}</p>
        <ShareButton url={url} title={boot.accountName} />
      </div>
    </Popover>
  </div>
);
