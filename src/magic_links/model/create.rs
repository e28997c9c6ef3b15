//! Creating links: their rows when they are requested, their secrets when they are shown or emailed.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{LinkOrigin, MagicLink, Purpose};
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Requester;
use crate::base::clock::Moment;
use crate::base::db::schema::magic_links;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId, MagicLinkId};
use crate::base::pairs::paired;
use crate::base::secrets::{PlainSecret, SecretKind};

/// A link to create.
#[derive(Clone, Debug)]
pub(crate) struct NewLink {
    pub contact: ContactId,
    pub purpose: Purpose,
    pub section: PortalSection,
    pub resource_id: Option<String>,
    pub limit_to_section: bool,
    pub staff_seen: bool,
    /// The address that it is emailed to, if any.
    pub email_key: Option<String>,
    pub invitation: Option<InvitationId>,
    pub lifetime: TimeDelta,
    /// Set if it doesn't follow from the lifetime.
    pub expires_at: Option<DateTime<Utc>>,
}

impl NewLink {
    pub(crate) fn new(contact: ContactId, purpose: Purpose, section: PortalSection) -> Self {
        Self {
            contact,
            purpose,
            section,
            resource_id: None,
            limit_to_section: false,
            staff_seen: false,
            email_key: None,
            invitation: None,
            lifetime: purpose.lifetime(),
            expires_at: None,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = magic_links)]
struct NewRow<'a> {
    account_id: AccountId,
    id: MagicLinkId,
    contact_id: ContactId,
    purpose: Purpose,
    origin: LinkOrigin,
    section: PortalSection,
    resource_id: Option<&'a str>,
    limit_to_section: bool,
    staff_seen: bool,
    email_key: Option<&'a str>,
    invitation_id: Option<InvitationId>,
    created_by: &'a str,
    created_at: DateTime<Utc>,
    lifetime_seconds: i32,
    expires_at: DateTime<Utc>,
}

/// The statement takes one array per column, so that it is the same for any number of rows and PostgreSQL parses it once.
async fn insert(conn: &mut Conn, rows: &[NewRow<'_>]) -> Result<Vec<MagicLink>> {
    if let [row] = rows {
        let query = diesel::insert_into(magic_links::table).values(row);
        return Ok(query
            .returning(MagicLink::as_returning())
            .get_results(conn)
            .await?);
    }
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let query = sql::statement(
        "insert into magic_links (account_id, purpose, origin, created_by, created_at, id, contact_id, section, resource_id, \
             limit_to_section, staff_seen, email_key, invitation_id, lifetime_seconds, expires_at) \
         select ?, ?, ?, ?, ?, l.* from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) as l returning *",
    )
    .bind::<SqlUuid, _>(first.account_id)
    .bind::<Text, _>(first.purpose)
    .bind::<Text, _>(first.origin)
    .bind::<Text, _>(first.created_by)
    .bind::<Timestamptz, _>(first.created_at)
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.contact_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.section).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.resource_id).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(rows.iter().map(|row| row.limit_to_section).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(rows.iter().map(|row| row.staff_seen).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.email_key).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.invitation_id).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(rows.iter().map(|row| row.lifetime_seconds).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(rows.iter().map(|row| row.expires_at).collect::<Vec<_>>());
    Ok(query.load(conn).await?)
}

impl MagicLink {
    /// Creates links for contacts whose rows are locked and returns them in the order of `new`. Each supersedes the older links
    /// of the same contact, purpose and origin. All links of one call share their purpose.
    pub(crate) async fn create_many(
        conn: &mut Conn,
        account: AccountId,
        requester: &Requester,
        new: &[NewLink],
        moment: &Moment,
    ) -> Result<Vec<Self>> {
        let Some(purpose) = new.first().map(|link| link.purpose) else {
            return Ok(Vec::new());
        };
        let origin = LinkOrigin::of(requester.actor, purpose);
        let contacts: Vec<ContactId> = new.iter().map(|link| link.contact).collect();
        Self::supersede(conn, account, &contacts, purpose, origin, moment.now).await?;
        let created_by = requester.actor.to_string();
        let rows: Vec<NewRow<'_>> = new
            .iter()
            .map(|link| NewRow {
                account_id: account,
                id: MagicLinkId::new(moment),
                contact_id: link.contact,
                purpose,
                origin,
                section: link.section,
                resource_id: link.resource_id.as_deref(),
                limit_to_section: link.limit_to_section,
                staff_seen: link.staff_seen,
                email_key: link.email_key.as_deref(),
                invitation_id: link.invitation,
                created_by: &created_by,
                created_at: moment.now,
                lifetime_seconds: i32::try_from(link.lifetime.num_seconds()).unwrap_or(i32::MAX),
                expires_at: link.expires_at.unwrap_or(moment.now + link.lifetime),
            })
            .collect();
        insert(conn, &rows).await
    }

    /// Generates a new secret for each link. Older secrets of the link stay valid. The plain secrets are given only to their
    /// recipients.
    pub(crate) async fn mint(conn: &mut Conn, links: &[&Self], moment: &Moment) -> Result<Vec<PlainSecret>> {
        let secrets: Vec<PlainSecret> = links
            .iter()
            .map(|link| PlainSecret::generate(SecretKind::MagicLink, link.account_id, moment))
            .collect();
        // One array per column: the statement is the same for any number of rows.
        sql::statement(
            "insert into magic_link_secrets (account_id, secret_hash, magic_link_id, created_at) \
             select s.account_id, s.secret_hash, s.link_id, ? \
             from unnest(?, ?, ?) as s (account_id, secret_hash, link_id)",
        )
        .bind::<Timestamptz, _>(moment.now)
        .bind::<Array<SqlUuid>, _>(links.iter().map(|link| link.account_id).collect::<Vec<_>>())
        .bind::<Array<Binary>, _>(secrets.iter().map(PlainSecret::hash).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(links.iter().map(|link| link.id).collect::<Vec<_>>())
        .execute(conn)
        .await?;
        Ok(secrets)
    }

    /// Whether its lifetime begins when it is sent instead of when it is requested.
    pub(crate) fn expires_from_sending(&self) -> bool {
        matches!(self.purpose, Purpose::LoginEmail | Purpose::Message)
    }

    /// Starts the lifetime of links that waited in the queue and are sent now.
    pub(crate) async fn start_lifetime(conn: &mut Conn, links: &[&Self], now: DateTime<Utc>) -> Result<()> {
        let mut by_lifetime: BTreeMap<i32, Vec<&Self>> = BTreeMap::new();
        for link in links {
            by_lifetime.entry(link.lifetime_seconds).or_default().push(link);
        }
        for (seconds, links) in by_lifetime {
            let keys = links.iter().map(|link| (link.account_id, link.id));
            diesel::update(magic_links::table)
                .filter(paired!(keys))
                .set(magic_links::expires_at.eq(now + TimeDelta::seconds(seconds.into())))
                .execute(conn)
                .await?;
        }
        Ok(())
    }
}
