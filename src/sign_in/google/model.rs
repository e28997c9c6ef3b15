//! A person's account at an identity provider, identified by issuer and subject, never by address (OWASP ASVS 5.0, 6.8.1).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::actor::Audience;
use crate::base::db::Conn;
use crate::base::db::schema::{identities, used_id_tokens};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, TeamMemberId};
use crate::sign_in::google::provider::VerifiedIdToken;
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::Holder;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = identities)]
pub(crate) struct Identity {
    pub account_id: AccountId,
    pub audience: Audience,
    pub issuer: String,
    pub subject: String,
    pub contact_id: Option<ContactId>,
    pub team_member_id: Option<TeamMemberId>,
    pub linked_at: DateTime<Utc>,
}

impl Identity {
    pub(crate) async fn find(
        conn: &mut Conn,
        account: AccountId,
        audience: Audience,
        token: &VerifiedIdToken,
    ) -> Result<Option<Self>> {
        Ok(identities::table
            .find((account, audience, &token.issuer, &token.subject))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Whether a Google account is linked to the person that still signs them in.
    pub(crate) async fn signs_in(conn: &mut Conn, person: &Person) -> Result<bool> {
        let linked: Vec<DateTime<Utc>> = identities::table
            .filter(identities::account_id.eq(person.account()))
            .filter(identities::holder_id.eq(person.id()))
            .select(identities::linked_at)
            .load(conn)
            .await?;
        Ok(linked.into_iter().any(|at| person.trusts(at)))
    }

    pub(crate) fn holder(&self) -> Option<Holder> {
        (self.contact_id.map(Holder::Contact)).or(self.team_member_id.map(Holder::Member))
    }

    /// Links the account to a person whose row is locked. It replaces an earlier link to another person.
    pub(crate) async fn link(
        conn: &mut Conn,
        person: &Person,
        token: &VerifiedIdToken,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let holder = person.holder();
        let email = token.verified_email.as_ref().map_or("", |email| &email.text[..]);
        let owner = (
            identities::holder_id.eq(holder.id()),
            identities::contact_id.eq(holder.contact()),
            identities::team_member_id.eq(holder.member()),
            identities::email.eq(email),
            identities::linked_at.eq(now),
            identities::last_used_at.eq(now),
        );
        diesel::insert_into(identities::table)
            .values((
                identities::account_id.eq(person.account()),
                identities::audience.eq(holder.audience()),
                identities::issuer.eq(&token.issuer),
                identities::subject.eq(&token.subject),
                owner,
            ))
            .on_conflict((
                identities::account_id,
                identities::audience,
                identities::issuer,
                identities::subject,
            ))
            .do_update()
            .set(owner)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Unlinks every account of a person. Only an account with the person's address can be linked again.
    pub(crate) async fn unlink_all(conn: &mut Conn, account: AccountId, holder: Holder) -> Result<()> {
        diesel::delete(identities::table)
            .filter(identities::account_id.eq(account))
            .filter(identities::holder_id.eq(holder.id()))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) async fn record_use(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
        let key = (self.account_id, self.audience, &self.issuer, &self.subject);
        diesel::update(identities::table.find(key))
            .set(identities::last_used_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// Records that an ID token was used; `false` if it was used before. The row is needed until the token expires.
pub(crate) async fn consume(conn: &mut Conn, account: AccountId, token: &VerifiedIdToken) -> Result<bool> {
    let inserted = diesel::insert_into(used_id_tokens::table)
        .values((
            used_id_tokens::account_id.eq(account),
            used_id_tokens::token_hash.eq(token.hash),
            used_id_tokens::expires_at.eq(token.expired_at),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(inserted == 1)
}
