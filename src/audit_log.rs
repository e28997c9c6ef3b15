//! The audit log in the API. Rows are written by [`crate::base::audit`], in the transaction of what they record.

pub(crate) mod graphql;
