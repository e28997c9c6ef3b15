//! What staff wrote: one row for each request to send, read when its messages are sent.

pub(crate) mod audience;
pub(crate) mod batch;
pub(crate) mod counts;
mod links;
pub(crate) mod opt_out;
pub(crate) mod postpone;
pub(crate) mod quiet_hours;
pub(crate) mod send;

use chrono::{DateTime, NaiveTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::accounts::model::Account;
use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::mailings;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MailingId, TemplateId};
use crate::base::pairs::paired;
use crate::contacts::model::Contact;
use crate::mailings::model::quiet_hours::QuietHours;
use crate::messages::model::Channel;
use crate::templates::model::version::{TemplateContent, TemplateFormat};

#[derive(Clone, Debug, Queryable, Selectable)]
pub(crate) struct Mailing {
    pub account_id: AccountId,
    pub id: MailingId,
    pub channel: Channel,
    pub format: TemplateFormat,
    pub subject: Option<String>,
    pub body: String,
    pub text_part: Option<String>,
    pub uses_login_url: bool,
    pub marketing: bool,
    quiet_from: Option<NaiveTime>,
    quiet_until: Option<NaiveTime>,
}

/// A mailing to create.
#[derive(Clone, Debug)]
pub(crate) struct NewMailing {
    pub channel: Channel,
    pub content: TemplateContent,
    /// The template and its version, if the content is that of one.
    pub template: Option<(TemplateId, i32)>,
    pub uses_login_url: bool,
    pub marketing: bool,
    pub quiet_hours: Option<QuietHours>,
}

impl Mailing {
    pub(crate) async fn create(
        conn: &mut Conn,
        account: AccountId,
        new: &NewMailing,
        (author, moment): (Actor, &Moment),
    ) -> Result<Self> {
        let content = &new.content;
        Ok(diesel::insert_into(mailings::table)
            .values((
                mailings::account_id.eq(account),
                mailings::id.eq(MailingId::new(moment)),
                mailings::channel.eq(new.channel),
                mailings::format.eq(content.format),
                mailings::subject.eq(&content.subject),
                mailings::body.eq(&content.body),
                mailings::text_part.eq(&content.text_part),
                mailings::template_id.eq(new.template.map(|(id, _)| id)),
                mailings::template_version.eq(new.template.map(|(_, version)| version)),
                mailings::uses_login_url.eq(new.uses_login_url),
                mailings::marketing.eq(new.marketing),
                mailings::quiet_from.eq(new.quiet_hours.map(|hours| hours.start)),
                mailings::quiet_until.eq(new.quiet_hours.map(|hours| hours.end)),
                mailings::requested_by.eq(author.to_string()),
                mailings::created_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// Deletes it: nobody gets it.
    pub(crate) async fn delete(&self, conn: &mut Conn) -> Result<()> {
        diesel::delete(mailings::table.find((self.account_id, self.id)))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: MailingId) -> Result<Option<Self>> {
        Ok(mailings::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// The templates of those that have one.
    pub(crate) async fn templates(
        conn: &mut Conn,
        account: AccountId,
        ids: &[MailingId],
    ) -> Result<Vec<(MailingId, TemplateId)>> {
        let found: Vec<(MailingId, Option<TemplateId>)> = mailings::table
            .filter(mailings::account_id.eq(account).and(mailings::id.eq_any(ids)))
            .select((mailings::id, mailings::template_id))
            .load(conn)
            .await?;
        let with_template = |(mailing, template): (_, Option<_>)| Some((mailing, template?));
        Ok(found.into_iter().filter_map(with_template).collect())
    }

    /// Those with these ids, each with its account.
    pub(crate) async fn find_pairs(conn: &mut Conn, keys: Vec<(AccountId, uuid::Uuid)>) -> Result<Vec<Self>> {
        Ok(mailings::table
            .filter(paired!(keys.into_iter()))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// The end of the contact's quiet hours, if they have them now.
    pub(crate) fn quiet_until(
        &self,
        account: &Account,
        contact: &Contact,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let (start, end) = (self.quiet_from?, self.quiet_until?);
        let zone = contact.locale(account.locale(None)).zone;
        QuietHours { start, end }.ends_at(now, zone)
    }

    pub(crate) fn content(&self) -> TemplateContent {
        TemplateContent {
            format: self.format,
            subject: self.subject.clone(),
            body: self.body.clone(),
            text_part: self.text_part.clone(),
        }
    }
}
