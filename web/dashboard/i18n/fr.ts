import type { Strings } from './en';
import { accessReport } from './fr/access_report';
import { actions } from './fr/actions';
import { affiliates } from './fr/affiliates';
import { apiKeys } from './fr/api_keys';
import { audit } from './fr/audit';
import { common } from './fr/common';
import { components } from './fr/components';
import { contact } from './fr/contact';
import { contacts } from './fr/contacts';
import { courses } from './fr/courses';
import { developers } from './fr/developers';
import { invitations } from './fr/invitations';
import { jobs } from './fr/jobs';
import { links } from './fr/links';
import { menu } from './fr/menu';
import { messages } from './fr/messages';
import { overview } from './fr/overview';
import { settings } from './fr/settings';
import { shell } from './fr/shell';
import { team } from './fr/team';
import { words } from './fr/words';

const strings: Strings = {
  accessReport, affiliates, menu,
  actions, apiKeys, audit, common, components, contact, contacts, courses, developers, invitations, jobs, links, messages,
  overview, settings, shell, team, words,
};

export default strings;
