import { accessReport } from './en/access_report';
import { actions } from './en/actions';
import { affiliates } from './en/affiliates';
import { apiKeys } from './en/api_keys';
import { audit } from './en/audit';
import { communities } from './en/communities';
import { compose } from './en/compose';
import { contact } from './en/contact';
import { contacts } from './en/contacts';
import { courses } from './en/courses';
import { developers } from './en/developers';
import { invitations } from './en/invitations';
import { jobs } from './en/jobs';
import { links } from './en/links';
import { menu } from './en/menu';
import { messageEditor } from './en/message_editor';
import { messages } from './en/messages';
import { offers } from './en/offers';
import { settings } from './en/settings';
import { smartLists } from './en/smart_lists';
import { systemEmails } from './en/system_emails';
import { team } from './en/team';
import { templates } from './en/templates';
import { workflowRuns } from './en/workflow_runs';
import { workflows } from './en/workflows';

const strings = {
  accessReport, actions, affiliates, apiKeys, audit, communities, compose, contact, contacts, courses, developers, invitations, jobs, links, menu,
  messageEditor, messages, offers, settings, smartLists, systemEmails, team, templates, workflowRuns, workflows,
};

export type PageStrings = typeof strings;

export default strings;
