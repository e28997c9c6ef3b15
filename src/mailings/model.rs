//! What staff wrote: one row for each request to send, read when its messages are sent.

pub(crate) mod batch;
mod links;
pub(crate) mod send;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::mailings;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MailingId, TemplateId};
use crate::base::pairs::paired;
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
}

/// A mailing to create.
#[derive(Clone, Debug)]
pub(crate) struct NewMailing {
    pub channel: Channel,
    pub content: TemplateContent,
    /// The template and its version, if the content is that of one.
    pub template: Option<(TemplateId, i32)>,
    pub uses_login_url: bool,
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
                mailings::requested_by.eq(author.to_string()),
                mailings::created_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: MailingId) -> Result<Option<Self>> {
        Ok(mailings::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Those of several accounts, for the worker.
    async fn find_pairs(conn: &mut Conn, keys: Vec<(AccountId, uuid::Uuid)>) -> Result<Vec<Self>> {
        Ok(mailings::table
            .filter(paired!(keys.into_iter()))
            .select(Self::as_select())
            .load(conn)
            .await?)
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
