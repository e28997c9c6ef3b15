//! The tags of an account's contacts.

use async_graphql::{Context, Object, SimpleObject};

use crate::api::context::ContextExt;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::contacts::model::tags;

/// A tag of the account's contacts.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct TagCount {
    /// The tag, in its letter case.
    tag: String,
    /// How many contacts have it.
    count: i32,
}

impl From<tags::TagCount> for TagCount {
    fn from(found: tags::TagCount) -> Self {
        Self {
            tag: found.tag,
            count: i32::try_from(found.count).unwrap_or(i32::MAX),
        }
    }
}

#[derive(Default)]
pub(crate) struct TagQueries;

#[Object]
impl TagQueries {
    /// The tags of the account's contacts, the most used first: at most 200. Needs the scope `READ`.
    async fn contact_tags(&self, ctx: &Context<'_>) -> Result<Vec<TagCount>> {
        let staff = ctx.staff(Scope::Read)?;
        let mut conn = ctx.services().db.conn().await?;
        let found = tags::TagCount::list(&mut conn, staff.account).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }
}
