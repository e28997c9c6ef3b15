import type { PageStrings } from './en_pages';
import { accessReport } from './de/access_report';
import { actions } from './de/actions';
import { affiliates } from './de/affiliates';
import { apiKeys } from './de/api_keys';
import { audit } from './de/audit';
import { communities } from './de/communities';
import { compose } from './de/compose';
import { contact } from './de/contact';
import { contacts } from './de/contacts';
import { courses } from './de/courses';
import { developers } from './de/developers';
import { invitations } from './de/invitations';
import { jobs } from './de/jobs';
import { links } from './de/links';
import { menu } from './de/menu';
import { messageEditor } from './de/message_editor';
import { messages } from './de/messages';
import { offers } from './de/offers';
import { settings } from './de/settings';
import { smartLists } from './de/smart_lists';
import { systemEmails } from './de/system_emails';
import { team } from './de/team';
import { templates } from './de/templates';
import { workflowRuns } from './de/workflow_runs';
import { workflows } from './de/workflows';

const strings: PageStrings = {
  accessReport, actions, affiliates, apiKeys, audit, communities, compose, contact, contacts, courses, developers, invitations, jobs, links, menu,
  messageEditor, messages, offers, settings, smartLists, systemEmails, team, templates, workflowRuns, workflows,
};

export default strings;
