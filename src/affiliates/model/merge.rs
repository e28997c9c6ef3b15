//! The affiliate of a contact who is merged into another.

use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;

use super::Affiliate;
use crate::base::db::schema::{affiliate_codes, affiliate_sales, affiliates};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, AffiliateId, ContactId};

impl Affiliate {
    /// Gives the affiliate of a contact to another one; both rows are locked. If both are affiliates, the other's gets the sales,
    /// the clicks and the codes, so that links with an old code still work.
    pub(crate) async fn move_to_contact(
        conn: &mut Conn,
        account: AccountId,
        from: ContactId,
        to: ContactId,
    ) -> Result<()> {
        // The lock waits for clicks and sales that are being recorded.
        let found: Vec<Self> = affiliates::table
            .filter(affiliates::account_id.eq(account))
            .filter(affiliates::contact_id.eq_any([from, to]))
            .order(affiliates::id)
            .select(Self::as_select())
            .for_update()
            .load(conn)
            .await?;
        let of = |contact: ContactId| found.iter().find(|one| one.contact_id == Some(contact));
        match (of(from), of(to)) {
            (None, _) => Ok(()),
            (Some(moved), None) => {
                diesel::update(affiliates::table.find((account, moved.id)))
                    .set(affiliates::contact_id.eq(to))
                    .execute(conn)
                    .await?;
                Ok(())
            }
            (Some(moved), Some(kept)) => moved.dissolve_into(conn, kept.id).await,
        }
    }

    async fn dissolve_into(&self, conn: &mut Conn, kept: AffiliateId) -> Result<()> {
        diesel::update(affiliate_sales::table)
            .filter(affiliate_sales::account_id.eq(self.account_id))
            .filter(affiliate_sales::affiliate_id.eq(self.id))
            .set(affiliate_sales::affiliate_id.eq(kept))
            .execute(conn)
            .await?;
        diesel::update(affiliate_codes::table)
            .filter(affiliate_codes::account_id.eq(self.account_id))
            .filter(affiliate_codes::affiliate_id.eq(self.id))
            .set(affiliate_codes::affiliate_id.eq(kept))
            .execute(conn)
            .await?;
        sql::statement(
            "insert into affiliate_clicks as c (account_id, affiliate_id, day, slot, clicks) \
             select account_id, ?, day, slot, clicks from affiliate_clicks where account_id = ? and affiliate_id = ? \
             on conflict (account_id, affiliate_id, day, slot) do update set clicks = c.clicks + excluded.clicks",
        )
        .bind::<SqlUuid, _>(kept)
        .bind::<SqlUuid, _>(self.account_id)
        .bind::<SqlUuid, _>(self.id)
        .execute(conn)
        .await?;
        diesel::delete(affiliates::table.find((self.account_id, self.id)))
            .execute(conn)
            .await?;
        Ok(())
    }
}
