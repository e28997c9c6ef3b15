import type { Strings } from './en';
import { accessReport } from './es/access_report';
import { actions } from './es/actions';
import { affiliates } from './es/affiliates';
import { apiKeys } from './es/api_keys';
import { audit } from './es/audit';
import { common } from './es/common';
import { components } from './es/components';
import { contact } from './es/contact';
import { contacts } from './es/contacts';
import { courses } from './es/courses';
import { developers } from './es/developers';
import { invitations } from './es/invitations';
import { jobs } from './es/jobs';
import { links } from './es/links';
import { menu } from './es/menu';
import { messages } from './es/messages';
import { overview } from './es/overview';
import { settings } from './es/settings';
import { shell } from './es/shell';
import { team } from './es/team';
import { words } from './es/words';

const strings: Strings = {
  accessReport, affiliates, menu,
  actions, apiKeys, audit, common, components, contact, contacts, courses, developers, invitations, jobs, links, messages,
  overview, settings, shell, team, words,
};

export default strings;
