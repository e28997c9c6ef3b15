//! Affiliates and their figures.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::BatchLoad;
use crate::accounts::model::Account;
use crate::affiliates::model::Affiliate;
use crate::affiliates::model::click::{ClickRange, click_counts, click_histories};
use crate::affiliates::model::sale::{CommissionKey, CommissionSum, commissions};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, AffiliateId, ContactId};

/// The slug of the viewer's account, which is the only key.
pub(crate) struct SlugOfAccount;
pub(crate) struct AffiliateById;
pub(crate) struct AffiliateOfContact;
pub(crate) struct ClickCountOfAffiliate;
/// The clicks of the days that have any.
pub(crate) struct ClicksOfAffiliate;
/// The sums of commissions with a status, by currency.
pub(crate) struct CommissionOfAffiliate;

impl BatchLoad for SlugOfAccount {
    type Key = AccountId;
    type Value = Arc<str>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        _: &[AccountId],
    ) -> Result<HashMap<AccountId, Arc<str>>> {
        let found = Account::find(conn, account).await?;
        Ok(HashMap::from([(account, found.slug.into())]))
    }
}

impl BatchLoad for AffiliateById {
    type Key = AffiliateId;
    type Value = Affiliate;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[AffiliateId],
    ) -> Result<HashMap<AffiliateId, Affiliate>> {
        let found = Affiliate::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl BatchLoad for AffiliateOfContact {
    type Key = ContactId;
    type Value = Affiliate;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Affiliate>> {
        let found = Affiliate::of_contacts(conn, account, keys).await?;
        Ok(found
            .into_iter()
            .filter_map(|row| Some((row.contact_id?, row)))
            .collect())
    }
}

impl BatchLoad for ClickCountOfAffiliate {
    type Key = AffiliateId;
    type Value = i64;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[AffiliateId],
    ) -> Result<HashMap<AffiliateId, i64>> {
        click_counts(conn, account, keys).await
    }
}

impl BatchLoad for ClicksOfAffiliate {
    type Key = (AffiliateId, ClickRange);
    type Value = HashMap<NaiveDate, i64>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[Self::Key],
    ) -> Result<HashMap<Self::Key, Self::Value>> {
        click_histories(conn, account, keys).await
    }
}

impl BatchLoad for CommissionOfAffiliate {
    type Key = CommissionKey;
    type Value = Vec<CommissionSum>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[CommissionKey],
    ) -> Result<HashMap<CommissionKey, Vec<CommissionSum>>> {
        commissions(conn, account, keys).await
    }
}
