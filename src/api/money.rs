//! Amounts of money in the API.

use async_graphql::SimpleObject;

use super::scalars::Decimal;
use crate::base::error::{Error, Result};
use crate::base::money::Currency;

/// An amount of money.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct Money {
    /// The amount, with as many decimals as the currency has: `12.50` in USD, `1250` in JPY.
    amount: Decimal,
    /// The currency's code (ISO 4217), such as `EUR`.
    currency_code: String,
}

impl Money {
    /// A stored amount.
    pub(crate) fn new(minor: i128, currency_code: &str) -> Result<Self> {
        let currency = Currency::find(currency_code).ok_or_else(|| Error::internal("an unknown currency"))?;
        Ok(Self {
            amount: Decimal(currency.decimal(minor)),
            currency_code: currency_code.to_owned(),
        })
    }
}
