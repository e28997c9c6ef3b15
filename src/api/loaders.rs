//! Batched look-ups of nested fields: what twenty rows need becomes one statement.
//!
//! Loaders are created for each request with the viewer's account inside, so batching can't bypass authorisation. async-graphql
//! drops the future of a field when a sibling fails, so no field may run what others wait for: each batch runs in a task of its
//! own, and the field that dispatched it waits like the others.
//!
//! A batch collects keys until the executor has polled all sibling fields once, and while the previous batch runs. So a
//! single look-up runs at once, and many are combined. Results are not cached after a batch: a subscription runs for
//! hours, and a document may contain several mutations.
//!
//! To add a loader: a unit struct with [`BatchLoad`] in [`records`], and a field of [`Loaders`]. For a list that belongs to a row,
//! see [`lists`].

mod affiliates;
mod contents;
pub(crate) mod lists;
mod lookup;
mod records;
mod workflows;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::OnceLock;

use crate::base::db::replica::Reader;
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::base::ids::AccountId;
pub(crate) use affiliates::{
    AffiliateById, AffiliateOfContact, ClickCountOfAffiliate, ClicksOfAffiliate, CommissionOfAffiliate,
    SlugOfAccount,
};
pub(crate) use contents::{
    BodyOfLesson, CommunityById, CourseById, CourseProgressOfContact, GrantById, ItemsOfOffer, LessonById,
    LessonCount, MemberCount, OfferById, OfferPathsOfContact, OutlineOfCourse, PathsOfContact,
    ProgressOfContact,
};
use lists::Lists;
pub use lookup::Lookup;
pub use records::ContactById;
use records::{
    InvitationById, InvitationOfContact, KeyById, LinkById, MemberById, MessageById, MessageOfLink,
    OptOutOfContact, RowsOfMessage, SuppressionOfAddress, SuppressionOfContact, SuppressionOfPhone,
    TemplateOfMailing,
};
pub(crate) use workflows::{CountsOfWorkflow, StepsOfRun, TemplateById, VersionOfWorkflow, WorkflowById};

/// Loads the values of many keys at once.
pub trait BatchLoad: Send + Sync + 'static {
    type Key: Clone + Eq + Hash + Send + Sync + std::fmt::Debug + 'static;
    type Value: Clone + Send + Sync + 'static;

    fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[Self::Key],
    ) -> impl Future<Output = Result<HashMap<Self::Key, Self::Value>>> + Send;
}

/// The loaders of one request.
pub struct Loaders {
    pub contacts: Lookup<ContactById>,
    pub invitations: Lookup<InvitationById>,
    pub invitation_of_contact: Lookup<InvitationOfContact>,
    pub links: Lookup<LinkById>,
    pub message_of_link: Lookup<MessageOfLink>,
    pub suppressions: Lookup<SuppressionOfContact>,
    pub sms_suppressions: Lookup<SuppressionOfPhone>,
    pub suppressions_of_addresses: Lookup<SuppressionOfAddress>,
    pub messages: Lookup<MessageById>,
    pub(crate) templates_of_mailings: Lookup<TemplateOfMailing>,
    pub(crate) opt_outs: Lookup<OptOutOfContact>,
    pub message_rows: Lookup<RowsOfMessage>,
    pub members: Lookup<MemberById>,
    pub keys: Lookup<KeyById>,
    pub(crate) courses: Lookup<CourseById>,
    pub(crate) outlines: Lookup<OutlineOfCourse>,
    pub(crate) lessons: Lookup<LessonById>,
    pub(crate) lesson_counts: Lookup<LessonCount>,
    pub(crate) lesson_bodies: Lookup<BodyOfLesson>,
    pub(crate) lesson_progress: Lookup<ProgressOfContact>,
    pub(crate) communities: Lookup<CommunityById>,
    pub(crate) offers: Lookup<OfferById>,
    pub(crate) offer_items: Lookup<ItemsOfOffer>,
    pub(crate) course_progress: Lookup<CourseProgressOfContact>,
    pub(crate) access_grants: Lookup<GrantById>,
    pub(crate) paths: Lookup<PathsOfContact>,
    pub(crate) offer_paths: Lookup<OfferPathsOfContact>,
    pub(crate) member_counts: Lookup<MemberCount>,
    pub(crate) slugs: Lookup<SlugOfAccount>,
    pub(crate) affiliates: Lookup<AffiliateById>,
    pub(crate) affiliates_of_contacts: Lookup<AffiliateOfContact>,
    pub(crate) click_counts: Lookup<ClickCountOfAffiliate>,
    pub(crate) click_histories: Lookup<ClicksOfAffiliate>,
    pub(crate) commissions: Lookup<CommissionOfAffiliate>,
    pub(crate) workflows: Lookup<WorkflowById>,
    pub(crate) workflow_versions: Lookup<VersionOfWorkflow>,
    pub(crate) workflow_counts: Lookup<CountsOfWorkflow>,
    pub(crate) run_steps: Lookup<StepsOfRun>,
    pub(crate) templates: Lookup<TemplateById>,
    /// Created on first use.
    lists: OnceLock<Lists>,
    db: Db,
    account: Option<AccountId>,
}

impl Loaders {
    /// What may be a few seconds old comes from `reader`.
    pub(crate) fn new(db: &Db, reader: Reader, account: Option<AccountId>) -> Self {
        Self {
            contacts: Lookup::new(db, account),
            invitations: Lookup::new(db, account),
            invitation_of_contact: Lookup::new(db, account),
            links: Lookup::new(db, account),
            message_of_link: Lookup::new(db, account),
            suppressions: Lookup::new(db, account),
            sms_suppressions: Lookup::new(db, account),
            suppressions_of_addresses: Lookup::new(db, account),
            messages: Lookup::new(db, account),
            templates_of_mailings: Lookup::new(db, account),
            opt_outs: Lookup::new(db, account),
            message_rows: Lookup::new(db, account),
            members: Lookup::new(db, account),
            keys: Lookup::new(db, account),
            courses: Lookup::new(db, account),
            outlines: Lookup::new(db, account),
            lessons: Lookup::new(db, account),
            lesson_counts: Lookup::new(db, account),
            lesson_bodies: Lookup::new(db, account),
            lesson_progress: Lookup::new(db, account),
            communities: Lookup::new(db, account),
            offers: Lookup::new(db, account),
            offer_items: Lookup::new(db, account),
            course_progress: Lookup::new(db, account),
            access_grants: Lookup::new(db, account),
            paths: Lookup::new(db, account),
            offer_paths: Lookup::new(db, account),
            member_counts: Lookup::new(db, account),
            slugs: Lookup::new(db, account),
            affiliates: Lookup::new(db, account),
            affiliates_of_contacts: Lookup::new(db, account),
            click_counts: Lookup::new(db, account),
            click_histories: Lookup::reading(reader, account),
            commissions: Lookup::new(db, account),
            workflows: Lookup::new(db, account),
            workflow_versions: Lookup::new(db, account),
            workflow_counts: Lookup::new(db, account),
            run_steps: Lookup::new(db, account),
            templates: Lookup::new(db, account),
            lists: OnceLock::new(),
            db: db.clone(),
            account,
        }
    }

    pub(crate) fn lists(&self) -> &Lists {
        self.lists.get_or_init(|| Lists::new(&self.db, self.account))
    }
}
