import type { PageStrings } from './en_pages';
import { accessReport } from './es/access_report';
import { actions } from './es/actions';
import { affiliates } from './es/affiliates';
import { apiKeys } from './es/api_keys';
import { audit } from './es/audit';
import { communities } from './es/communities';
import { compose } from './es/compose';
import { contact } from './es/contact';
import { contacts } from './es/contacts';
import { courses } from './es/courses';
import { developers } from './es/developers';
import { invitations } from './es/invitations';
import { jobs } from './es/jobs';
import { links } from './es/links';
import { menu } from './es/menu';
import { messageEditor } from './es/message_editor';
import { messages } from './es/messages';
import { offers } from './es/offers';
import { settings } from './es/settings';
import { smartLists } from './es/smart_lists';
import { systemEmails } from './es/system_emails';
import { team } from './es/team';
import { templates } from './es/templates';
import { workflowRuns } from './es/workflow_runs';
import { workflows } from './es/workflows';

const strings: PageStrings = {
  accessReport, actions, affiliates, apiKeys, audit, communities, compose, contact, contacts, courses, developers, invitations, jobs, links, menu,
  messageEditor, messages, offers, settings, smartLists, systemEmails, team, templates, workflowRuns, workflows,
};

export default strings;
