//! A template, saved or not, that a team member sends to themselves. The row is read when the message is sent.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::test_messages;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId, TeamMemberId, TestMessageId};
use crate::team::model::TeamMember;
use crate::templates::model::version::{TemplateContent, TemplateFormat};

/// The most test messages of a member in an hour.
pub(crate) const MAX_PER_HOUR: i64 = 10;
const WINDOW: TimeDelta = TimeDelta::hours(1);

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = test_messages)]
pub(crate) struct TestMessage {
    pub format: TemplateFormat,
    pub subject: String,
    pub body: String,
    pub text_part: Option<String>,
    pub contact_id: Option<ContactId>,
}

impl TestMessage {
    /// The member's row must be locked, so that the limit holds.
    pub(crate) async fn create(
        conn: &mut Conn,
        member: &TeamMember,
        content: &TemplateContent,
        contact: Option<ContactId>,
        moment: &Moment,
    ) -> Result<TestMessageId> {
        Self::check_limit(conn, member, moment.now).await?;
        let id = TestMessageId::new(moment);
        diesel::insert_into(test_messages::table)
            .values((
                test_messages::account_id.eq(member.account_id),
                test_messages::id.eq(id),
                test_messages::team_member_id.eq(member.id),
                test_messages::format.eq(content.format),
                test_messages::subject.eq(content.subject.as_deref().unwrap_or_default()),
                test_messages::body.eq(&content.body),
                test_messages::text_part.eq(&content.text_part),
                test_messages::contact_id.eq(contact),
                test_messages::created_at.eq(moment.now),
            ))
            .execute(conn)
            .await?;
        Ok(id)
    }

    async fn check_limit(conn: &mut Conn, member: &TeamMember, now: DateTime<Utc>) -> Result<()> {
        let recent = Self::times(conn, member.account_id, member.id, now - WINDOW).await?;
        let Some(oldest) = recent.get(usize::try_from(MAX_PER_HOUR - 1).unwrap_or_default()) else {
            return Ok(());
        };
        let wait = (*oldest + WINDOW - now).num_seconds().max(1).unsigned_abs();
        let message = format!("You can send {MAX_PER_HOUR} test messages in an hour.");
        Err(Error::rate_limited(message, wait))
    }

    /// Newest first, as many as the limit.
    async fn times(
        conn: &mut Conn,
        account: AccountId,
        member: TeamMemberId,
        since: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>> {
        Ok(test_messages::table
            .filter(test_messages::account_id.eq(account))
            .filter(test_messages::team_member_id.eq(member))
            .filter(test_messages::created_at.gt(since))
            .order(test_messages::created_at.desc())
            .limit(MAX_PER_HOUR)
            .select(test_messages::created_at)
            .load(conn)
            .await?)
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: TestMessageId) -> Result<Option<Self>> {
        Ok(test_messages::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) fn content(self) -> TemplateContent {
        TemplateContent {
            format: self.format,
            subject: Some(self.subject),
            body: self.body,
            text_part: self.text_part,
        }
    }
}
