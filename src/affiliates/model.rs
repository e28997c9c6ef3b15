//! An affiliate: a contact with a code, whose link leads to a target.

pub(crate) mod click;
pub(crate) mod code;
mod leave;
mod list;
mod merge;
pub(crate) mod sale;
pub(crate) mod target;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::json;

pub(crate) use list::AffiliateFilter;

use crate::affiliates::model::target::changed_hosts;
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::{affiliate_codes, affiliates};
use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, AffiliateId, ContactId};
use crate::base::text_enum::text_enum;
use crate::contacts::model::Contact;
use code::{Code, taken};

text_enum! {
    /// Whether an affiliate's link works.
    #[derive(async_graphql::Enum)]
    AffiliateStatus {
        /// The link leads to its target, and clicks are counted.
        Active = "ACTIVE",
        /// The link leads to the portal, and clicks are not counted.
        Paused = "PAUSED",
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub(crate) struct Affiliate {
    pub account_id: AccountId,
    pub id: AffiliateId,
    /// None if the contact was erased.
    pub contact_id: Option<ContactId>,
    #[diesel(embed)]
    pub details: AffiliateDetails,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What staff set, validated.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = affiliates, treat_none_as_null = true)]
pub(crate) struct AffiliateDetails {
    pub code: Code,
    /// `None`: the account's target.
    pub target_url: Option<String>,
    pub status: AffiliateStatus,
}

/// What a new affiliate gets, or an affiliate gets anew; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct AffiliateChanges {
    pub code: Option<Code>,
    pub target_url: Option<Option<String>>,
    pub status: Option<AffiliateStatus>,
}

impl Affiliate {
    /// Makes a contact, whose row is locked, an affiliate. Without a code they get one that is made from their name.
    pub(crate) async fn enroll(
        conn: &mut Conn,
        contact: &Contact,
        wanted: &AffiliateChanges,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Self> {
        let (account, id) = (contact.account_id, AffiliateId::new(moment));
        let code = match &wanted.code {
            Some(code) if code.claim(conn, account, id, moment.now).await? => code.clone(),
            Some(_) => return Err(taken()),
            None => Code::claim_new(conn, contact, id, moment).await?,
        };
        let details = AffiliateDetails {
            code,
            target_url: wanted.target_url.clone().flatten(),
            status: wanted.status.unwrap_or(AffiliateStatus::Active),
        };
        let created = diesel::insert_into(affiliates::table)
            .values((
                affiliates::account_id.eq(account),
                affiliates::id.eq(id),
                affiliates::contact_id.eq(contact.id),
                &details,
                affiliates::created_at.eq(moment.now),
                affiliates::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        let event = NewEvent::for_contact(EventKind::AffiliateEnrolled, contact.id).on(id);
        let event = event.with(json!({"code": details.code.as_str()}));
        record(conn, account, requester, &[event], moment).await?;
        Ok(created)
    }

    /// Changes an affiliate, whose contact's row is locked. An earlier code still works.
    pub(crate) async fn change(
        self,
        conn: &mut Conn,
        wanted: &AffiliateChanges,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Self> {
        let before = self.details.clone();
        let details = AffiliateDetails {
            code: wanted.code.clone().unwrap_or(before.code),
            target_url: wanted.target_url.clone().unwrap_or(before.target_url),
            status: wanted.status.unwrap_or(before.status),
        };
        let changed = details.changed_names(&self.details);
        if changed.is_empty() {
            return Ok(self);
        }
        if details.code != self.details.code
            && !details
                .code
                .claim(conn, self.account_id, self.id, moment.now)
                .await?
        {
            return Err(taken());
        }
        let row = diesel::update(affiliates::table.find((self.account_id, self.id)))
            .set((&details, affiliates::updated_at.eq(moment.now)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        let event = self.event(EventKind::AffiliateUpdated).on(self.id);
        let mut detail = json!({"changed": changed, "status": details.status.as_str()});
        if changed.contains(&"targetUrl") {
            let (before, after) = (&self.details.target_url, &details.target_url);
            detail["targetHost"] = changed_hosts(before.as_deref(), after.as_deref());
        }
        let event = event.with(detail);
        record(conn, self.account_id, requester, &[event], moment).await?;
        Ok(row)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[AffiliateId],
    ) -> Result<Vec<Self>> {
        Ok(affiliates::table
            .filter(affiliates::account_id.eq(account))
            .filter(affiliates::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) async fn of_contacts(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
    ) -> Result<Vec<Self>> {
        Ok(affiliates::table
            .filter(affiliates::account_id.eq(account))
            .filter(affiliates::contact_id.eq_any(contacts))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Those of contacts of several accounts, for the worker.
    pub(crate) async fn of_pairs(
        conn: &mut Conn,
        contacts: Vec<(AccountId, ContactId)>,
    ) -> Result<Vec<Self>> {
        let (accounts, contacts): (Vec<_>, Vec<_>) = contacts.into_iter().unzip();
        let of = sql::fragment::<Bool>("(account_id, contact_id) in (select * from unnest(?, ?))")
            .bind::<Array<SqlUuid>, Vec<AccountId>>(accounts)
            .bind::<Array<SqlUuid>, Vec<ContactId>>(contacts);
        Ok(affiliates::table
            .filter(of)
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    fn event(&self, kind: EventKind) -> NewEvent {
        NewEvent {
            contact: self.contact_id,
            ..NewEvent::new(kind)
        }
    }

    /// The affiliate who has the code, or had it.
    pub(crate) async fn by_code(conn: &mut Conn, account: AccountId, code: &Code) -> Result<Option<Self>> {
        let holder = affiliate_codes::table
            .filter(affiliate_codes::account_id.eq(account))
            .filter(affiliate_codes::code.eq(code))
            .select(affiliate_codes::affiliate_id);
        Ok(affiliates::table
            .filter(affiliates::account_id.eq(account))
            .filter(affiliates::id.eq_any(holder))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// The affiliate with this id, for a change that names it in `field`.
    pub(crate) async fn require(
        conn: &mut Conn,
        account: AccountId,
        id: AffiliateId,
        field: &str,
    ) -> Result<Self> {
        let found = Self::find_many(conn, account, &[id]).await?.pop();
        found.ok_or_else(|| Error::not_found(field, "affiliate"))
    }
}

impl AffiliateDetails {
    /// The API's names of what differs.
    fn changed_names(&self, before: &Self) -> Vec<&'static str> {
        [
            ("code", self.code != before.code),
            ("targetUrl", self.target_url != before.target_url),
            ("status", self.status != before.status),
        ]
        .into_iter()
        .filter_map(|(name, changed)| changed.then_some(name))
        .collect()
    }
}
