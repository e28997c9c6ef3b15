//! What starts a workflow, as far as templates depend on it.

use crate::base::text_enum::text_enum;

text_enum! {
    /// What starts a workflow. More will be added.
    #[derive(async_graphql::Enum, serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    WorkflowTrigger {
        /// A contact was granted an offer.
        OfferAccessGranted = "OFFER_ACCESS_GRANTED",
        /// An offer was revoked for a contact.
        OfferAccessRevoked = "OFFER_ACCESS_REVOKED",
        /// A person signed up to the portal.
        NewSignUp = "NEW_SIGN_UP",
        /// A contact was invited.
        ContactInvited = "CONTACT_INVITED",
        /// A contact signed in to the portal for the first time.
        ContactJoined = "CONTACT_JOINED",
        /// A contact signed in to the portal.
        PortalSignIn = "PORTAL_SIGN_IN",
        /// An invitation was not answered for some time.
        InvitationUnanswered = "INVITATION_UNANSWERED",
        /// A contact did not visit the portal for some time.
        ContactInactive = "CONTACT_INACTIVE",
        /// A contact was granted a course.
        CourseAssigned = "COURSE_ASSIGNED",
        /// A course was revoked for a contact.
        CourseRevoked = "COURSE_REVOKED",
        /// A contact opened the first lesson of a course.
        CourseStarted = "COURSE_STARTED",
        /// A contact completed a course.
        CourseCompleted = "COURSE_COMPLETED",
        /// A contact completed a module of a course.
        ModuleCompleted = "MODULE_COMPLETED",
        /// A contact completed a lesson.
        LessonCompleted = "LESSON_COMPLETED",
        /// A contact was granted a community.
        CommunityAccessGranted = "COMMUNITY_ACCESS_GRANTED",
        /// A community was revoked for a contact.
        CommunityAccessRevoked = "COMMUNITY_ACCESS_REVOKED",
        /// A contact became an affiliate.
        AffiliateEnrolled = "AFFILIATE_ENROLLED",
        /// A sale of an affiliate was recorded.
        AffiliateSale = "AFFILIATE_SALE",
        /// A contact was added.
        ContactCreated = "CONTACT_CREATED",
        /// A contact got a tag.
        TagAdded = "TAG_ADDED",
        /// A contact lost a tag.
        TagRemoved = "TAG_REMOVED",
        /// A contact sent a message.
        MessageReceived = "MESSAGE_RECEIVED",
    }
}

impl WorkflowTrigger {
    /// Whether it is about the portal, so that its messages may hold a login link.
    pub(crate) fn belongs_to_portal(self) -> bool {
        match self {
            Self::OfferAccessGranted
            | Self::OfferAccessRevoked
            | Self::NewSignUp
            | Self::ContactInvited
            | Self::ContactJoined
            | Self::PortalSignIn
            | Self::InvitationUnanswered
            | Self::ContactInactive
            | Self::CourseAssigned
            | Self::CourseRevoked
            | Self::CourseStarted
            | Self::CourseCompleted
            | Self::ModuleCompleted
            | Self::LessonCompleted
            | Self::CommunityAccessGranted
            | Self::CommunityAccessRevoked
            | Self::AffiliateEnrolled
            | Self::AffiliateSale => true,
            Self::ContactCreated | Self::TagAdded | Self::TagRemoved | Self::MessageReceived => false,
        }
    }

    /// The merge fields that its event always has a value for.
    pub(crate) fn provides(self) -> &'static [&'static str] {
        match self {
            Self::OfferAccessGranted => &["offer.title", "contact.email"],
            Self::OfferAccessRevoked => &["offer.title"],
            Self::NewSignUp | Self::ContactInvited | Self::InvitationUnanswered => &["contact.email"],
            Self::CourseAssigned
            | Self::CourseRevoked
            | Self::CourseStarted
            | Self::CourseCompleted
            | Self::ModuleCompleted
            | Self::LessonCompleted => &["course.title"],
            Self::CommunityAccessGranted | Self::CommunityAccessRevoked => &["community.name"],
            Self::AffiliateEnrolled | Self::AffiliateSale => &["affiliate.code", "affiliate.link"],
            Self::ContactJoined
            | Self::PortalSignIn
            | Self::ContactInactive
            | Self::ContactCreated
            | Self::TagAdded
            | Self::TagRemoved
            | Self::MessageReceived => &[],
        }
    }
}
