//! The affiliate of a contact who is erased.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::code::Code;
use super::{Affiliate, AffiliateStatus};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::{affiliate_codes, affiliates};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId};

/// The beginning of the code of an affiliate whose contact was erased.
const ERASED: &str = "erased-";

impl Affiliate {
    /// Leaves the sums of the affiliate's sales without the contact: they get another code, and their links end.
    pub(crate) async fn leave_contact(
        conn: &mut Conn,
        account: AccountId,
        contact: ContactId,
        moment: &Moment,
    ) -> Result<()> {
        let Some(affiliate) = Self::of_contacts(conn, account, &[contact]).await?.pop() else {
            return Ok(());
        };
        let code = Code::random(ERASED, moment);
        if !code.claim(conn, account, affiliate.id, moment.now).await? {
            return Err(Error::internal("no free code for an affiliate"));
        }
        diesel::delete(affiliate_codes::table)
            .filter(affiliate_codes::account_id.eq(account))
            .filter(affiliate_codes::affiliate_id.eq(affiliate.id))
            .filter(affiliate_codes::code.ne(&code))
            .execute(conn)
            .await?;
        diesel::update(affiliates::table.find((account, affiliate.id)))
            .set((
                affiliates::contact_id.eq(None::<ContactId>),
                affiliates::code.eq(&code),
                affiliates::target_url.eq(None::<String>),
                affiliates::status.eq(AffiliateStatus::Paused),
                affiliates::updated_at.eq(moment.now),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }
}
