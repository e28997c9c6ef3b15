import { accessReport } from './en/access_report';
import { actions } from './en/actions';
import { affiliates } from './en/affiliates';
import { apiKeys } from './en/api_keys';
import { audit } from './en/audit';
import { common } from './en/common';
import { components } from './en/components';
import { contact } from './en/contact';
import { contacts } from './en/contacts';
import { courses } from './en/courses';
import { developers } from './en/developers';
import { invitations } from './en/invitations';
import { jobs } from './en/jobs';
import { links } from './en/links';
import { menu } from './en/menu';
import { messages } from './en/messages';
import { overview } from './en/overview';
import { settings } from './en/settings';
import { shell } from './en/shell';
import { team } from './en/team';
import { words } from './en/words';

const strings = {
  accessReport, affiliates, menu,
  actions, apiKeys, audit, common, components, contact, contacts, courses, developers, invitations, jobs, links, messages,
  overview, settings, shell, team, words,
};

export type Strings = typeof strings;

export default strings;
