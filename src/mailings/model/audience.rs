//! Who gets what staff wrote, found when the job begins.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, SmartListId};
use crate::contacts::model::list::{Conditions, Filter};
use crate::smart_lists::model::SmartList;

/// The contacts that match when the job begins: days are counted back from then.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Audience {
    /// Those that meet conditions, as a request has them.
    Matching(Map<String, Value>),
    /// Those of a smart list, with the conditions that it has then.
    SmartList(String),
}

impl Audience {
    /// The contacts that match now and exist already.
    pub(crate) async fn filter(
        &self,
        conn: &mut Conn,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<Filter> {
        let filter = match self {
            Self::Matching(conditions) => Conditions::new(conditions.clone()).parse("filter", now)?,
            Self::SmartList(id) => {
                let missing = || Error::not_found("smartListId", "smart list");
                let id: SmartListId = id.parse().map_err(|_| missing())?;
                let list = SmartList::find_many(conn, account, &[id])
                    .await?
                    .pop()
                    .ok_or_else(missing)?;
                list.details.filter(conn, account, "smartListId", now).await?
            }
        };
        let end = now + TimeDelta::microseconds(1);
        Ok(Filter {
            created_before: Some(filter.created_before.map_or(end, |before| before.min(end))),
            ..filter
        })
    }
}
