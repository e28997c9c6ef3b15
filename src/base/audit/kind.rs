//! The kinds of audit events.

use crate::base::text_enum::text_enum;

text_enum! {
    /// The kind of an audit event. More kinds will be added.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "AuditEventKind")]
    EventKind {
        /// The account was created.
        AccountCreated = "ACCOUNT_CREATED",
        /// An API key was created.
        ApiKeyCreated = "API_KEY_CREATED",
        /// A sign-in link for a team member was created by the command line.
        StaffLinkCreated = "STAFF_LINK_CREATED",
        /// A team member signed in.
        StaffSignedIn = "STAFF_SIGNED_IN",
        /// A team member signed out.
        StaffSignedOut = "STAFF_SIGNED_OUT",
        /// A contact was added.
        ContactCreated = "CONTACT_CREATED",
        /// A contact's details or tags were changed: `details` names the fields.
        ContactUpdated = "CONTACT_UPDATED",
        /// Contacts were exported as CSV: `details` names the conditions of the filter.
        ContactsExported = "CONTACTS_EXPORTED",
        /// What is stored about one contact was exported.
        ContactExported = "CONTACT_EXPORTED",
        /// A contact was erased, with everything personal in the audit log.
        ContactErased = "CONTACT_ERASED",
        /// A contact was deleted.
        ContactDeleted = "CONTACT_DELETED",
        /// Two contacts became one: the subject is the id of the deleted one, and `details` has both addresses, masked.
        ContactMerged = "CONTACT_MERGED",
        /// A contact got another address: their links, codes, resets, sessions, Google accounts and password ended with the old
        /// one. `details` has both addresses, masked.
        AddressChanged = "ADDRESS_CHANGED",
        /// A contact was invited.
        Invited = "INVITED",
        /// An invitation was sent again.
        InvitationResent = "INVITATION_RESENT",
        /// An invitation was cancelled.
        InvitationCancelled = "INVITATION_CANCELLED",
        /// A contact signed in to the portal for the first time.
        Joined = "JOINED",
        /// A visitor signed up to the portal and became a contact.
        NewSignUp = "NEW_SIGN_UP",
        /// A login email was queued by staff or a server.
        LoginEmailQueued = "LOGIN_EMAIL_QUEUED",
        /// A message that staff or a server wrote was queued.
        MessageQueued = "MESSAGE_QUEUED",
        /// A contact requested a login email or a code.
        LoginRequested = "LOGIN_REQUESTED",
        /// A magic link was created.
        LinkCreated = "LINK_CREATED",
        /// A contact signed in by a link.
        LinkUsed = "LINK_USED",
        /// An attempt to redeem a link was refused: `outcome` says why.
        LinkRefused = "LINK_REFUSED",
        /// The page of a link was opened by something that is probably a mail scanner or a link preview. At most once an hour for a
        /// link.
        LinkScanned = "LINK_SCANNED",
        /// A link was used, probably by a mail scanner: its session was never used, and the contact used the link again.
        LinkUsedByScanner = "LINK_USED_BY_SCANNER",
        /// A magic link was revoked.
        LinkRevoked = "LINK_REVOKED",
        /// A contact signed in another way than by a link.
        SignedIn = "SIGNED_IN",
        /// An attempt to sign in to the portal failed: `outcome` says why.
        SignInRefused = "SIGN_IN_REFUSED",
        /// An attempt to sign in to the dashboard failed: `outcome` says why.
        StaffSignInRefused = "STAFF_SIGN_IN_REFUSED",
        /// A sign-in was confirmed on another device than the requesting device.
        SignInConfirmed = "SIGN_IN_CONFIRMED",
        /// The reader of an email reported that they had not requested it.
        SignInDenied = "SIGN_IN_DENIED",
        /// A signed-in person gave a fresh proof (step-up).
        SteppedUp = "STEPPED_UP",
        /// A contact signed out.
        SignedOut = "SIGNED_OUT",
        /// A session was ended: by its holder, or because its refresh token was used twice.
        SessionEnded = "SESSION_ENDED",
        /// A first password was set.
        PasswordSet = "PASSWORD_SET",
        /// A password was changed.
        PasswordChanged = "PASSWORD_CHANGED",
        /// A password was disabled: after too many failed attempts, by a change of address, or because its owner said that
        /// someone else knew it.
        PasswordDisabled = "PASSWORD_DISABLED",
        /// A password reset by email was requested.
        PasswordResetRequested = "PASSWORD_RESET_REQUESTED",
        /// A password was reset by email.
        PasswordReset = "PASSWORD_RESET",
        /// A Google account was linked.
        GoogleLinked = "GOOGLE_LINKED",
        /// A contact's access to the portal was revoked.
        AccessRevoked = "ACCESS_REVOKED",
        /// A contact's access to the portal was restored.
        AccessRestored = "ACCESS_RESTORED",
        /// Email to an address was paused: the reader of an email had not requested it.
        MailPaused = "MAIL_PAUSED",
        /// Email to an address was resumed.
        MailResumed = "MAIL_RESUMED",
        /// The owner of a phone number answered STOP: no text message is sent to it until they answer START.
        SmsStopped = "SMS_STOPPED",
        /// Text messages to a phone number are sent again: its owner answered START, or staff resumed them after a failure.
        SmsResumed = "SMS_RESUMED",
        /// A contact, or staff for them, unsubscribed from marketing emails.
        Unsubscribed = "UNSUBSCRIBED",
        /// A contact, or staff for them, subscribed to marketing emails again.
        Resubscribed = "RESUBSCRIBED",
        /// A team member was invited.
        MemberInvited = "MEMBER_INVITED",
        /// A team member's invitation was sent again.
        MemberInvitationResent = "MEMBER_INVITATION_RESENT",
        /// A team member's role or name was changed.
        MemberChanged = "MEMBER_CHANGED",
        /// A team member was removed.
        MemberRemoved = "MEMBER_REMOVED",
        /// An API key was revoked.
        ApiKeyRevoked = "API_KEY_REVOKED",
        /// Settings of the account were changed: `details` names them.
        SettingsChanged = "SETTINGS_CHANGED",
        /// The account's sending domain was set: `details` names it.
        SendingDomainSet = "SENDING_DOMAIN_SET",
        /// The DNS records of the sending domain were verified: emails are sent from it.
        SendingDomainVerified = "SENDING_DOMAIN_VERIFIED",
        /// The DNS records of the sending domain were not found, or are gone: emails are sent from the server's domain. `details`
        /// says what is wrong.
        SendingDomainFailed = "SENDING_DOMAIN_FAILED",
        /// The sending domain was removed.
        SendingDomainRemoved = "SENDING_DOMAIN_REMOVED",
        /// A signing key was created.
        SigningKeyMade = "SIGNING_KEY_MADE",
        /// The mail server or the SMS provider accepted a message.
        MessageSent = "MESSAGE_SENT",
        /// A message was kept on this server: no mail server is configured.
        MessageKept = "MESSAGE_KEPT",
        /// An address or phone number can't receive messages.
        MessageBounced = "MESSAGE_BOUNCED",
        /// A message failed and will not be retried.
        MessageFailed = "MESSAGE_FAILED",
        /// A message was not sent: its address bounced before, or its owner reported an email or answered STOP.
        MessageSuppressed = "MESSAGE_SUPPRESSED",
        /// A mail server reported that it could not deliver a message yet.
        MessageDelayed = "MESSAGE_DELAYED",
        /// The recipient of a message reported it as spam: email to the address is suppressed.
        MessageComplained = "MESSAGE_COMPLAINED",
        /// A bulk job was created.
        JobCreated = "JOB_CREATED",
        /// A bulk job was paused.
        JobPaused = "JOB_PAUSED",
        /// A bulk job was resumed.
        JobResumed = "JOB_RESUMED",
        /// A bulk job was cancelled.
        JobCancelled = "JOB_CANCELLED",
        /// A bulk job finished.
        JobFinished = "JOB_FINISHED",
        /// A course was created.
        CourseCreated = "COURSE_CREATED",
        /// A course, one of its modules or lessons, or their order was changed.
        CourseUpdated = "COURSE_UPDATED",
        /// A community was created.
        CommunityCreated = "COMMUNITY_CREATED",
        /// A community or one of its announcements was changed.
        CommunityUpdated = "COMMUNITY_UPDATED",
        /// An announcement was published.
        AnnouncementPublished = "ANNOUNCEMENT_PUBLISHED",
        /// An offer was created.
        OfferCreated = "OFFER_CREATED",
        /// An offer or its contents were changed.
        OfferUpdated = "OFFER_UPDATED",
        /// A contact was granted an offer.
        OfferAccessGranted = "OFFER_ACCESS_GRANTED",
        /// An offer was revoked for a contact.
        OfferAccessRevoked = "OFFER_ACCESS_REVOKED",
        /// A contact was granted a course.
        CourseAssigned = "COURSE_ASSIGNED",
        /// A course was revoked for a contact. An offer may still open it.
        CourseRevoked = "COURSE_REVOKED",
        /// A contact was granted a community.
        CommunityAccessGranted = "COMMUNITY_ACCESS_GRANTED",
        /// A community was revoked for a contact. An offer may still open it.
        CommunityAccessRevoked = "COMMUNITY_ACCESS_REVOKED",
        /// A contact opened the first lesson of a course.
        CourseStarted = "COURSE_STARTED",
        /// A contact completed a lesson.
        LessonCompleted = "LESSON_COMPLETED",
        /// A contact completed all lessons of a module.
        ModuleCompleted = "MODULE_COMPLETED",
        /// A contact completed all lessons of a course.
        CourseCompleted = "COURSE_COMPLETED",
        /// A contact became an affiliate.
        AffiliateEnrolled = "AFFILIATE_ENROLLED",
        /// An affiliate's code, target or status was changed: `details` names them.
        AffiliateUpdated = "AFFILIATE_UPDATED",
        /// A sale of an affiliate was recorded.
        AffiliateSale = "AFFILIATE_SALE",
        /// The status of an affiliate's sale was changed: `details` has both.
        AffiliateSaleUpdated = "AFFILIATE_SALE_UPDATED",
        /// A menu item was created.
        MenuItemCreated = "MENU_ITEM_CREATED",
        /// A menu item was changed.
        MenuItemUpdated = "MENU_ITEM_UPDATED",
        /// A menu item was deleted: `details` has its title.
        MenuItemDeleted = "MENU_ITEM_DELETED",
        /// The items of a menu were put in another order.
        MenuReordered = "MENU_REORDERED",
        /// A smart list was saved.
        SmartListCreated = "SMART_LIST_CREATED",
        /// A smart list was changed.
        SmartListUpdated = "SMART_LIST_UPDATED",
        /// A smart list was deleted: `details` has its name.
        SmartListDeleted = "SMART_LIST_DELETED",
        /// A team member got a link to view the portal as a contact.
        PortalViewCreated = "PORTAL_VIEW_CREATED",
        /// A team member began to view the portal as a contact.
        PortalViewStarted = "PORTAL_VIEW_STARTED",
        /// A team member ended their view of the portal as a contact before its time.
        PortalViewEnded = "PORTAL_VIEW_ENDED",
        /// A template was created.
        TemplateCreated = "TEMPLATE_CREATED",
        /// A template was renamed or got a new version: `details` has the version.
        TemplateUpdated = "TEMPLATE_UPDATED",
        /// A template was archived.
        TemplateArchived = "TEMPLATE_ARCHIVED",
        /// A template was taken out of the archive.
        TemplateUnarchived = "TEMPLATE_UNARCHIVED",
        /// A team member sent a template, saved or not, to themselves.
        TemplateTested = "TEMPLATE_TESTED",
        /// The account's own text of a system email was written or changed: `details` has its kind and its language.
        SystemEmailChanged = "SYSTEM_EMAIL_CHANGED",
        /// A system email got its built-in text back: `details` has its kind and its language.
        SystemEmailReset = "SYSTEM_EMAIL_RESET",
        /// A workflow was created: for a copy, `details` has the id of the original.
        WorkflowCreated = "WORKFLOW_CREATED",
        /// The draft or the name of a workflow was changed.
        WorkflowUpdated = "WORKFLOW_UPDATED",
        /// A workflow was published: `details` has the version, and what happened to its runs.
        WorkflowPublished = "WORKFLOW_PUBLISHED",
        /// A workflow was paused.
        WorkflowPaused = "WORKFLOW_PAUSED",
        /// A workflow was resumed.
        WorkflowResumed = "WORKFLOW_RESUMED",
        /// A workflow was archived.
        WorkflowArchived = "WORKFLOW_ARCHIVED",
        /// Runs of a workflow were stopped: `details` has their number.
        WorkflowRunsStopped = "WORKFLOW_RUNS_STOPPED",
    }
}

text_enum! {
    /// What happened in the portal. More kinds will be added.
    #[derive(async_graphql::Enum)]
    PortalEventKind {
        /// A contact was added.
        ContactCreated = "CONTACT_CREATED",
        /// A contact's details or tags were changed: `changedFields` names them.
        ContactUpdated = "CONTACT_UPDATED",
        /// A contact was erased, with everything personal.
        ContactErased = "CONTACT_ERASED",
        /// A contact was deleted.
        ContactDeleted = "CONTACT_DELETED",
        /// Another contact, who was the same person, was merged into them.
        ContactMerged = "CONTACT_MERGED",
        /// A contact was invited.
        Invited = "INVITED",
        /// Their invitation was sent again.
        InvitationResent = "INVITATION_RESENT",
        /// Their invitation was cancelled.
        InvitationCancelled = "INVITATION_CANCELLED",
        /// They signed in to the portal for the first time.
        Joined = "JOINED",
        /// They signed up by themselves and became a contact.
        NewSignUp = "NEW_SIGN_UP",
        /// A login email was queued for them by staff or a server.
        LoginEmailQueued = "LOGIN_EMAIL_QUEUED",
        /// A message that staff or a server wrote was queued for them.
        MessageQueued = "MESSAGE_QUEUED",
        /// They requested a login email.
        LoginRequested = "LOGIN_REQUESTED",
        /// A magic link was created for them.
        LinkCreated = "LINK_CREATED",
        /// They signed in by a link.
        LinkUsed = "LINK_USED",
        /// An attempt to redeem one of their links was refused.
        LinkRefused = "LINK_REFUSED",
        /// One of their magic links was revoked.
        LinkRevoked = "LINK_REVOKED",
        /// They signed in by a code, a password, Google, or a confirmation on another device.
        SignedIn = "SIGNED_IN",
        /// Their access was revoked.
        AccessRevoked = "ACCESS_REVOKED",
        /// Their access was restored.
        AccessRestored = "ACCESS_RESTORED",
        /// They reported that they had not requested an email: email to them is paused for a day.
        MailPaused = "MAIL_PAUSED",
        /// The mail server accepted a message to them.
        MessageSent = "MESSAGE_SENT",
        /// A message to them was kept on this server: no mail server is configured.
        MessageKept = "MESSAGE_KEPT",
        /// Their address can't receive email.
        MessageBounced = "MESSAGE_BOUNCED",
        /// A message to them failed and will not be retried.
        MessageFailed = "MESSAGE_FAILED",
        /// A mail server reported that it could not deliver a message to them yet.
        MessageDelayed = "MESSAGE_DELAYED",
        /// They reported a message as spam: email to their address is suppressed.
        MessageComplained = "MESSAGE_COMPLAINED",
        /// They were granted an offer.
        OfferAccessGranted = "OFFER_ACCESS_GRANTED",
        /// An offer was revoked for them.
        OfferAccessRevoked = "OFFER_ACCESS_REVOKED",
        /// They were granted a course.
        CourseAssigned = "COURSE_ASSIGNED",
        /// A course was revoked for them. An offer may still open it.
        CourseRevoked = "COURSE_REVOKED",
        /// They were granted a community.
        CommunityAccessGranted = "COMMUNITY_ACCESS_GRANTED",
        /// A community was revoked for them. An offer may still open it.
        CommunityAccessRevoked = "COMMUNITY_ACCESS_REVOKED",
        /// They opened the first lesson of a course.
        CourseStarted = "COURSE_STARTED",
        /// They completed a lesson.
        LessonCompleted = "LESSON_COMPLETED",
        /// They completed all lessons of a module.
        ModuleCompleted = "MODULE_COMPLETED",
        /// They completed all lessons of a course.
        CourseCompleted = "COURSE_COMPLETED",
        /// They became an affiliate.
        AffiliateEnrolled = "AFFILIATE_ENROLLED",
        /// A sale of theirs as an affiliate was recorded.
        AffiliateSale = "AFFILIATE_SALE",
    }
}

impl EventKind {
    /// The kind that `portalActivity` shows; `None` if only the audit log shows it.
    pub(crate) fn in_portal(self) -> Option<PortalEventKind> {
        self.as_str().parse().ok()
    }

    /// Whether workflows can listen to it.
    pub(super) fn feeds_workflows(self) -> bool {
        matches!(
            self,
            Self::ContactCreated
                | Self::ContactUpdated
                | Self::Invited
                | Self::Joined
                | Self::NewSignUp
                | Self::LinkUsed
                | Self::SignedIn
                | Self::OfferAccessGranted
                | Self::OfferAccessRevoked
                | Self::CourseAssigned
                | Self::CourseRevoked
                | Self::CourseStarted
                | Self::CourseCompleted
                | Self::ModuleCompleted
                | Self::LessonCompleted
                | Self::CommunityAccessGranted
                | Self::CommunityAccessRevoked
                | Self::AffiliateEnrolled
                | Self::AffiliateSale
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_activity_is_one_of_the_audit_log() {
        for kind in PortalEventKind::ALL {
            let logged: EventKind = kind.as_str().parse().expect("a kind of the audit log");
            assert_eq!(logged.in_portal(), Some(*kind));
        }
    }
}
