import type { Strings } from './en';
import { access } from './es/access';
import { actions } from './es/actions';
import { apiKeys } from './es/api_keys';
import { audit } from './es/audit';
import { common } from './es/common';
import { communities } from './es/communities';
import { components } from './es/components';
import { contact } from './es/contact';
import { contacts } from './es/contacts';
import { courses } from './es/courses';
import { developers } from './es/developers';
import { invitations } from './es/invitations';
import { jobs } from './es/jobs';
import { links } from './es/links';
import { messages } from './es/messages';
import { offers } from './es/offers';
import { overview } from './es/overview';
import { settings } from './es/settings';
import { shell } from './es/shell';
import { team } from './es/team';
import { words } from './es/words';

const strings: Strings = {
  access, actions, apiKeys, audit, common, communities, components, contact, contacts, courses, developers, invitations, jobs, links, messages, offers,
  overview, settings, shell, team, words,
};

export default strings;
