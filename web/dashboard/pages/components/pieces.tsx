import {
  Avatar, Banner, Button, ButtonLink, Card, CopyField, Countdown, DescriptionList, Empty, ErrorNotice, Icon, ICONS, IconButton, Kbd, Progress,
  Skeleton, Status, Tag, Time,
} from '../../components';
import { Qr, ShareButton } from '../../components/sharing';
import { ApiError } from '../../api';

const MINUTE = 60_000;
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString();
const LINK = 'https://portal.example/a/pr4m3q';
const nothing = () => undefined;

export const Pieces = () => (
  <>
    <Card title="Buttons">
      <div class="gallery-row">
        <Button icon="invite">Invite</Button>
        <Button kind="quiet">Quiet</Button>
        <Button kind="danger" icon="trash">Delete</Button>
        <Button kind="plain">Plain</Button>
        <Button size="small">Small</Button>
        <Button busy>Saving</Button>
        <Button disabled>Disabled</Button>
        <Button disabledReason="Only owners and admins can do this.">Not allowed</Button>
        <ButtonLink href="#buttons" kind="quiet" icon="external">Link</ButtonLink>
        <IconButton icon="refresh" label="Refresh" />
      </div>
    </Card>
    <Card title="Labels">
      <div class="gallery-row">
        <Status tone="good">Active</Status>
        <Status tone="busy">Sending</Status>
        <Status tone="warn">Expires soon</Status>
        <Status tone="bad">Failed</Status>
        <Status tone="none">Not invited</Status>
        <Tag>class of 2026</Tag>
        <Tag onRemove={nothing}>parents</Tag>
        <Kbd>/</Kbd>
        {['Anna Smith', 'Ben Okafor', 'Chloé Durand', 'Dev Patel', 'eva@example.com', 'Faye'].map((name) => <Avatar key={name} name={name} />)}
      </div>
      <div class="gallery-row">
        <Time at={ago(5 * MINUTE)} />
        <Time at={ago(-3 * 24 * 60 * MINUTE)} />
        <Time at={ago(0)} />
        <Time at={ago(0)} style="date" />
        <Time at={ago(0)} style="full" />
        <Time at={null} />
        <Countdown until={ago(-15 * MINUTE)} />
        <Countdown until={ago(MINUTE)} />
      </div>
    </Card>
    <Card title="Icons">
      <ul class="gallery-icons">{ICONS.map((name) => <li key={name}><Icon name={name} />{name}</li>)}</ul>
    </Card>
    <Banner tone="info" onDismiss={nothing}>Emails are kept on this server.</Banner>
    <Banner tone="warn" action={<Button kind="quiet" size="small">Verify</Button>}>The sending domain isn’t verified yet.</Banner>
    <Banner tone="bad">Sending is paused.</Banner>
    <ErrorNotice error={new ApiError('The server didn’t respond. Try again in a moment.', 'NETWORK')} retry={nothing} />
    <ErrorNotice error={new ApiError('`offer.title` is not known here.', 'BAD_USER_INPUT')} />
    <Card title="Progress">
      <Progress value={420} max={1200} label="Inviting" />
      <Skeleton rows={4} />
    </Card>
    <Card flush><Empty icon="people" title="No contacts yet"><p>Invite the first ones.</p><Button icon="invite">Invite</Button></Empty></Card>
    <Card title="Details" action={<Button kind="quiet" size="small">Edit</Button>}>
      <DescriptionList items={[
        { label: 'Name', value: 'Anna Smith' },
        { label: 'Status', value: <Status tone="good">Active</Status> },
        { label: 'Phone', value: null, action: <Button kind="plain" size="small">Add</Button> },
      ]} />
    </Card>
    <Card title="Links">
      <CopyField label="Link" value={LINK} />
      <CopyField label="API key" value="sample" secret />
      <Qr value={LINK} label="Link of Anna Smith" />
      <ShareButton url={LINK} title="Portal" />
    </Card>
  </>
);
