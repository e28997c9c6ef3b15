//! What the messages of workflows say about their events.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use message_templates::Values;

use crate::base::actor::Actor;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId};
use crate::messages::model::Message;

/// What a message of a workflow needs of its run: above all the values of the merge fields that only workflows have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EventValues {
    offer_title: Option<String>,
    course_title: Option<String>,
    community_name: Option<String>,
    /// Whether the run was stopped, so that its messages are not sent any more.
    pub stopped: bool,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    account_id: AccountId,
    #[diesel(sql_type = SqlUuid)]
    message_id: MessageId,
    #[diesel(sql_type = Nullable<Text>)]
    offer_title: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    course_title: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    community_name: Option<String>,
    #[diesel(sql_type = Bool)]
    stopped: bool,
}

const READ: &str = "select s.account_id, s.message_id, o.title as offer_title, c.title as course_title, m.name as community_name, \
    r.status = 'STOPPED' as stopped \
    from unnest(?, ?) as k (account_id, message_id) \
    join workflow_steps s on s.account_id = k.account_id and s.message_id = k.message_id \
    join workflow_runs r on r.account_id = s.account_id and r.id = s.run_id \
    left join offers o on o.account_id = r.account_id and o.id = r.subject_id \
    left join courses c on c.account_id = r.account_id and c.id = r.subject_id \
    left join communities m on m.account_id = r.account_id and m.id = r.subject_id";

impl EventValues {
    /// Those of the messages that workflows sent: one statement, if there are any.
    pub(crate) async fn of_messages(
        conn: &mut Conn,
        messages: &[Message],
    ) -> Result<HashMap<(AccountId, MessageId), Self>> {
        let of_workflow = |message: &&Message| matches!(message.requested_by.parse(), Ok(Actor::Workflow(_)));
        let keys = messages.iter().filter(of_workflow);
        let (accounts, ids): (Vec<AccountId>, Vec<MessageId>) =
            keys.map(|message| (message.account_id, message.id)).unzip();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<Row> = sql::statement(READ)
            .bind::<Array<SqlUuid>, _>(accounts)
            .bind::<Array<SqlUuid>, _>(ids)
            .load(conn)
            .await?;
        let value = |row: Row| {
            let values = Self {
                offer_title: row.offer_title,
                course_title: row.course_title,
                community_name: row.community_name,
                stopped: row.stopped,
            };
            ((row.account_id, row.message_id), values)
        };
        Ok(rows.into_iter().map(value).collect())
    }

    pub(crate) fn set(&self, values: &mut Values) {
        values.set("offer.title", self.offer_title.as_deref());
        values.set("course.title", self.course_title.as_deref());
        values.set("community.name", self.community_name.as_deref());
    }
}
