import { useEffect, useRef } from 'preact/hooks';
import { useQuery } from '../../api';
import { Field, ICON_NAMES, MenuIconView, RadioGroup, SelectField, TextField } from '../../components';
import { t } from '../../i18n';
import { webAddress } from '../courses/web_address';
import type { Audience } from './documents';
import { FRAME_HOSTS, TARGETS, mayFrame } from './documents';
import type { Errors, Values } from './values';
import { targetValue } from './values';

const MAX_TITLE = 60;
const SECTIONS = ['HOME', 'COURSES', 'COMMUNITIES', 'AFFILIATES'] as const;
const ROLES = ['READ_ONLY', 'STAFF', 'ADMIN', 'OWNER'] as const;

type FormProps = { audience: Audience; values: Values; errors: Errors; set: (change: Partial<Values>) => void };

function Destination({ values, errors, set }: FormProps) {
  return (
    <>
      <RadioGroup label={t.menu.opens} value={values.opens} onChange={(opens) => set({ opens, ...(opens === 'section' && values.opensIn === 'FRAME' && { opensIn: 'SAME_TAB' }) })}
        options={[{ value: 'url', label: t.menu.aUrl }, { value: 'section', label: t.menu.aSection }]} />
      {values.opens === 'url'
        ? <TextField label={t.menu.url} type="url" autocomplete="off" placeholder="https://" value={values.url} error={errors.url} onInput={(url) => set({ url })} />
        : <SelectField label={t.menu.section} value={values.section} error={errors.url} onChange={(section) => set({ section })}
            options={SECTIONS.map((value) => ({ value, label: t.words.section[value] }))} />}
    </>
  );
}

/** A frame is offered in the portal, for hosts that allow it. */
function OpensIn({ audience, values, errors, set }: FormProps) {
  const { data } = useQuery(FRAME_HOSTS, {});
  const hosts = data?.portal.settings.frameHosts ?? [];
  const inPortal = audience === 'PORTAL';
  const framed = inPortal && values.opens === 'url' && mayFrame(hosts, webAddress(values.url));
  const offered = framed || values.opensIn === 'FRAME' ? ['SAME_TAB', 'NEW_TAB', 'FRAME'] as const : ['SAME_TAB', 'NEW_TAB'] as const;
  return (
    <SelectField label={t.menu.how} hint={inPortal && !framed ? t.menu.frameHint : undefined} value={values.opensIn} error={errors.opensIn} onChange={(opensIn) => set({ opensIn })}
      options={offered.map((value) => ({ value, label: t.menu.opensIn[value] }))} />
  );
}

function Visibility({ audience, values, errors, set }: FormProps) {
  const { data } = useQuery(TARGETS, {}, { pause: audience === 'DASHBOARD' });
  if (audience === 'DASHBOARD') {
    return (
      <SelectField label={t.menu.visibleTo} value={values.minimumRole} error={errors.visibleTo} onChange={(minimumRole) => set({ minimumRole })}
        options={ROLES.map((value) => ({ value, label: value === 'READ_ONLY' ? t.menu.wholeTeam : t.menu.seenFrom(t.words.role[value]) }))} />
    );
  }
  const groups = [
    { kind: 'course' as const, label: t.menu.withCourse, nodes: data?.courses.nodes ?? [] },
    { kind: 'community' as const, label: t.menu.withCommunity, nodes: data?.communities.nodes ?? [] },
    { kind: 'offer' as const, label: t.menu.withOffer, nodes: data?.offers.nodes ?? [] },
  ].filter(({ nodes }) => nodes.length > 0);
  const known = !values.target || groups.some(({ kind, nodes }) => nodes.some(({ id }) => targetValue(kind, id) === values.target));
  return (
    <Field label={t.menu.visibleTo} error={errors.visibleTo}>
      {(props) => (
        <select {...props} value={values.target} onChange={(event) => set({ target: event.currentTarget.value })}>
          <option value="">{t.menu.everyone}</option>
          {!known && <option value={values.target}>{t.menu.asBefore}</option>}
          {groups.map(({ kind, label, nodes }) => (
            <optgroup key={kind} label={label}>{nodes.map(({ id, title }) => <option key={id} value={targetValue(kind, id)}>{title}</option>)}</optgroup>
          ))}
        </select>
      )}
    </Field>
  );
}

const IconChoice = ({ values, set }: FormProps) => (
  <fieldset class="menus-icons">
    <legend>{t.menu.icon}</legend>
    <div>
      {ICON_NAMES.map((name) => (
        <label key={name} title={t.menu.icons[name]}>
          <input type="radio" name="menus-icon" class="unseen" value={name} checked={values.icon === name} onChange={() => set({ icon: name })} />
          <MenuIconView name={name} />
          <span class="unseen">{t.menu.icons[name]}</span>
        </label>
      ))}
    </div>
  </fieldset>
);

export function ItemForm(props: FormProps) {
  const { values, errors, set } = props;
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [errors]);
  return (
    <div class="menus-fields" ref={fields}>
      <TextField label={t.menu.title} autocomplete="off" maxLength={MAX_TITLE} value={values.title} error={errors.title} onInput={(title) => set({ title })} />
      <Destination {...props} />
      <OpensIn {...props} />
      <Visibility {...props} />
      <IconChoice {...props} />
    </div>
  );
}
