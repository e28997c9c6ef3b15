import { access } from './en/access';
import { actions } from './en/actions';
import { apiKeys } from './en/api_keys';
import { audit } from './en/audit';
import { common } from './en/common';
import { communities } from './en/communities';
import { components } from './en/components';
import { contact } from './en/contact';
import { contacts } from './en/contacts';
import { courses } from './en/courses';
import { developers } from './en/developers';
import { invitations } from './en/invitations';
import { jobs } from './en/jobs';
import { links } from './en/links';
import { messages } from './en/messages';
import { offers } from './en/offers';
import { overview } from './en/overview';
import { settings } from './en/settings';
import { shell } from './en/shell';
import { team } from './en/team';
import { words } from './en/words';

const strings = {
  access, actions, apiKeys, audit, common, communities, components, contact, contacts, courses, developers, invitations, jobs, links, messages, offers,
  overview, settings, shell, team, words,
};

export type Strings = typeof strings;

export default strings;
