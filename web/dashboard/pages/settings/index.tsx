import { useEffect } from 'preact/hooks';
import { may, useQuery, useRefreshOnReturn } from '../../api';
import { Banner, ErrorNotice, PageHeader, Skeleton, toast } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import { Anchors } from './anchors';
import { Branding } from './branding';
import { Data } from './data';
import { Email } from './email';
import { General } from './general';
import { Links } from './links';
import { Portal } from './portal';
import { noRole } from './section';
import { SETTINGS } from './settings';
import { RENAMED } from './slug';
import { SignIn } from './sign_in';

export default function SettingsPage() {
  const { data, error, loading, reload } = useQuery(SETTINGS, {});
  useRefreshOnReturn(reload);
  const portal = data?.portal;
  useEffect(() => {
    if (!portal || !params.value.has(RENAMED)) return;
    toast({ text: t.settings.renamed });
    setParams({ [RENAMED]: undefined });
  }, [!portal]);
  return (
    <>
      <PageHeader title={t.settings.title} description={t.settings.description} />
      {!may('ADMIN') && <Banner tone="info">{noRole()}</Banner>}
      <div class="settings">
        <Anchors ready={Boolean(portal)} />
        <div class="settings-sections">
          {loading && <Skeleton rows={10} />}
          {error && !portal && <ErrorNotice error={error} retry={reload} />}
          {portal && (
            <>
              <General settings={portal.settings} portal={portal} />
              <Branding settings={portal.settings} />
              <Portal settings={portal.settings} />
              <SignIn settings={portal.settings} />
              <Links settings={portal.settings} />
              <Email settings={portal.settings} />
              <Data settings={portal.settings} />
            </>
          )}
        </div>
      </div>
    </>
  );
}
