//! Visits that are probably not the contact's: mail scanners and link previews open URLs, and some press buttons.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::MagicLink;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::magic_links;
use crate::base::error::Result;
use crate::sign_in::sessions::model::Session;

/// One visit of a link is recorded in this time, so that a scanner can't fill the log.
const INTERVAL: TimeDelta = TimeDelta::hours(1);

impl MagicLink {
    /// Whether a visit of the link's page by a scanner is to be recorded: the first in an hour, while the link can be redeemed. It
    /// marks the link; of several at once one wins.
    pub(crate) async fn mark_scanned(&self, conn: &mut Conn, moment: &Moment) -> Result<bool> {
        let marked = diesel::update(magic_links::table.find((self.account_id, self.id)))
            .filter(magic_links::expires_at.gt(moment.now))
            .filter(
                magic_links::scanned_at
                    .is_null()
                    .or(magic_links::scanned_at.le(moment.now - INTERVAL)),
            )
            .set(magic_links::scanned_at.eq(moment.now))
            .execute(conn)
            .await?;
        Ok(marked == 1)
    }

    /// Records that a client, probably a scanner, opened the link's page.
    pub(crate) async fn record_scan(&self, conn: &mut Conn, client: &Client, moment: &Moment) -> Result<()> {
        let event = NewEvent::for_contact(EventKind::LinkScanned, self.contact_id).on(self.id);
        let requester = Requester {
            actor: Actor::Anonymous,
            client: client.clone(),
        };
        record(conn, self.account_id, &requester, &[event], moment).await
    }

    /// Records that the first use of the link was probably a scanner's: the session that it opened was never used.
    pub(crate) async fn record_scanner_use(
        &self,
        conn: &mut Conn,
        first: &Session,
        moment: &Moment,
    ) -> Result<()> {
        let event = NewEvent::for_contact(EventKind::LinkUsedByScanner, self.contact_id).on(self.id);
        let requester = Requester {
            actor: Actor::Anonymous,
            client: Client {
                ip: first.ip.clone(),
                user_agent: first.user_agent.clone(),
                ..Client::default()
            },
        };
        record(conn, self.account_id, &requester, &[event], moment).await
    }
}
