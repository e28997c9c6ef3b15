import type { Strings } from './en';
import { access } from './fr/access';
import { actions } from './fr/actions';
import { apiKeys } from './fr/api_keys';
import { audit } from './fr/audit';
import { common } from './fr/common';
import { communities } from './fr/communities';
import { components } from './fr/components';
import { contact } from './fr/contact';
import { contacts } from './fr/contacts';
import { courses } from './fr/courses';
import { developers } from './fr/developers';
import { invitations } from './fr/invitations';
import { jobs } from './fr/jobs';
import { links } from './fr/links';
import { messages } from './fr/messages';
import { offers } from './fr/offers';
import { overview } from './fr/overview';
import { settings } from './fr/settings';
import { shell } from './fr/shell';
import { team } from './fr/team';
import { words } from './fr/words';

const strings: Strings = {
  access, actions, apiKeys, audit, common, communities, components, contact, contacts, courses, developers, invitations, jobs, links, messages, offers,
  overview, settings, shell, team, words,
};

export default strings;
