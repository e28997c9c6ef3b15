//! Courses, communities and offers, and who may open them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::BatchLoad;
use crate::access::model::Item;
use crate::access::model::grant::AccessGrant;
use crate::access::model::path::{Path, member_counts};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CommunityId, ContactId, CourseId, GrantId, LessonId, OfferId};
use crate::communities::model::Community;
use crate::courses::model::Course;
use crate::courses::model::lesson::Lesson;
use crate::courses::model::outline::{Outline, outlines};
use crate::courses::model::progress::{CourseProgress, LessonProgress};
use crate::offers::model::Offer;

pub(crate) struct CourseById;
pub(crate) struct OutlineOfCourse;
pub(crate) struct LessonById;
pub(crate) struct LessonCount;
/// A lesson's text; a lesson without one is absent.
pub(crate) struct BodyOfLesson;
/// A contact's progress in a lesson.
pub(crate) struct ProgressOfContact;
pub(crate) struct CommunityById;
pub(crate) struct OfferById;
pub(crate) struct ItemsOfOffer;
/// A contact's progress in the courses that they have started.
pub(crate) struct CourseProgressOfContact;
pub(crate) struct GrantById;
pub(crate) struct PathsOfContact;
/// A contact's grants of offers, as paths to them.
pub(crate) struct OfferPathsOfContact;
/// The members of a course or community at a time.
pub(crate) struct MemberCount;

impl BatchLoad for CourseById {
    type Key = CourseId;
    type Value = Course;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[CourseId],
    ) -> Result<HashMap<CourseId, Course>> {
        let found = Course::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl BatchLoad for OutlineOfCourse {
    type Key = CourseId;
    type Value = Outline;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[CourseId],
    ) -> Result<HashMap<CourseId, Outline>> {
        outlines(conn, account, keys).await
    }
}

impl BatchLoad for LessonById {
    type Key = LessonId;
    type Value = Lesson;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[LessonId],
    ) -> Result<HashMap<LessonId, Lesson>> {
        let found = Lesson::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl BatchLoad for LessonCount {
    type Key = CourseId;
    type Value = i64;

    async fn load(conn: &mut Conn, account: AccountId, keys: &[CourseId]) -> Result<HashMap<CourseId, i64>> {
        Lesson::counts(conn, account, keys).await
    }
}

impl BatchLoad for BodyOfLesson {
    type Key = LessonId;
    type Value = Arc<str>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[LessonId],
    ) -> Result<HashMap<LessonId, Arc<str>>> {
        Lesson::bodies(conn, account, keys).await
    }
}

impl BatchLoad for ProgressOfContact {
    type Key = (ContactId, LessonId);
    type Value = LessonProgress;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[Self::Key],
    ) -> Result<HashMap<Self::Key, LessonProgress>> {
        let (contacts, lessons): (Vec<_>, Vec<_>) = keys.iter().copied().unzip();
        let found = LessonProgress::find_many(conn, account, &contacts, &lessons).await?;
        let entry = |(contact, row): (_, LessonProgress)| ((contact, row.lesson_id), row);
        Ok(found.into_iter().map(entry).collect())
    }
}

impl BatchLoad for CommunityById {
    type Key = CommunityId;
    type Value = Community;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[CommunityId],
    ) -> Result<HashMap<CommunityId, Community>> {
        let found = Community::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl BatchLoad for OfferById {
    type Key = OfferId;
    type Value = Offer;

    async fn load(conn: &mut Conn, account: AccountId, keys: &[OfferId]) -> Result<HashMap<OfferId, Offer>> {
        let found = Offer::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl BatchLoad for ItemsOfOffer {
    type Key = OfferId;
    type Value = Vec<Item>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[OfferId],
    ) -> Result<HashMap<OfferId, Vec<Item>>> {
        Offer::items(conn, account, keys).await
    }
}

impl BatchLoad for CourseProgressOfContact {
    type Key = ContactId;
    type Value = Vec<CourseProgress>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Vec<CourseProgress>>> {
        let mut found: HashMap<ContactId, Vec<CourseProgress>> = HashMap::new();
        for progress in CourseProgress::of_contacts(conn, account, keys).await? {
            found.entry(progress.contact_id).or_default().push(progress);
        }
        Ok(found)
    }
}

impl BatchLoad for GrantById {
    type Key = GrantId;
    type Value = AccessGrant;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[GrantId],
    ) -> Result<HashMap<GrantId, AccessGrant>> {
        let found = AccessGrant::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl BatchLoad for PathsOfContact {
    type Key = ContactId;
    type Value = Vec<Path>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Vec<Path>>> {
        Ok(by_contact(Path::of_contacts(conn, account, keys).await?))
    }
}

impl BatchLoad for OfferPathsOfContact {
    type Key = ContactId;
    type Value = Vec<Path>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Vec<Path>>> {
        Ok(by_contact(Path::to_offers(conn, account, keys).await?))
    }
}

fn by_contact(paths: Vec<Path>) -> HashMap<ContactId, Vec<Path>> {
    let mut found: HashMap<ContactId, Vec<Path>> = HashMap::new();
    for path in paths {
        found.entry(path.contact_id).or_default().push(path);
    }
    found
}

impl BatchLoad for MemberCount {
    type Key = (Uuid, DateTime<Utc>);
    type Value = i64;

    /// All at the latest of the times, by one statement.
    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[Self::Key],
    ) -> Result<HashMap<Self::Key, i64>> {
        let Some(now) = keys.iter().map(|(_, at)| *at).max() else {
            return Ok(HashMap::new());
        };
        let items: Vec<Uuid> = keys.iter().map(|(item, _)| *item).collect();
        let counts = member_counts(conn, account, &items, now).await?;
        let count = |key: &Self::Key| Some((*key, *counts.get(&key.0)?));
        Ok(keys.iter().filter_map(count).collect())
    }
}
