import type { PageStrings } from './en_pages';
import { accessReport } from './fr/access_report';
import { actions } from './fr/actions';
import { affiliates } from './fr/affiliates';
import { apiKeys } from './fr/api_keys';
import { audit } from './fr/audit';
import { communities } from './fr/communities';
import { compose } from './fr/compose';
import { contact } from './fr/contact';
import { contacts } from './fr/contacts';
import { courses } from './fr/courses';
import { developers } from './fr/developers';
import { invitations } from './fr/invitations';
import { jobs } from './fr/jobs';
import { links } from './fr/links';
import { menu } from './fr/menu';
import { messageEditor } from './fr/message_editor';
import { messages } from './fr/messages';
import { offers } from './fr/offers';
import { settings } from './fr/settings';
import { smartLists } from './fr/smart_lists';
import { systemEmails } from './fr/system_emails';
import { team } from './fr/team';
import { templates } from './fr/templates';
import { workflowRuns } from './fr/workflow_runs';
import { workflows } from './fr/workflows';

const strings: PageStrings = {
  accessReport, actions, affiliates, apiKeys, audit, communities, compose, contact, contacts, courses, developers, invitations, jobs, links, menu,
  messageEditor, messages, offers, settings, smartLists, systemEmails, team, templates, workflowRuns, workflows,
};

export default strings;
