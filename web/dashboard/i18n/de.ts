import type { Strings } from './en';
import { accessReport } from './de/access_report';
import { actions } from './de/actions';
import { affiliates } from './de/affiliates';
import { apiKeys } from './de/api_keys';
import { audit } from './de/audit';
import { common } from './de/common';
import { components } from './de/components';
import { contact } from './de/contact';
import { contacts } from './de/contacts';
import { courses } from './de/courses';
import { developers } from './de/developers';
import { invitations } from './de/invitations';
import { jobs } from './de/jobs';
import { links } from './de/links';
import { menu } from './de/menu';
import { messages } from './de/messages';
import { overview } from './de/overview';
import { settings } from './de/settings';
import { shell } from './de/shell';
import { team } from './de/team';
import { words } from './de/words';

const strings: Strings = {
  accessReport, affiliates, menu,
  actions, apiKeys, audit, common, components, contact, contacts, courses, developers, invitations, jobs, links, messages,
  overview, settings, shell, team, words,
};

export default strings;
