//! What a server says of itself: whether it is a standby, of which cluster, and how much of the write-ahead log it has.

use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;

use super::ReplicaProblem;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;

const SELECT: &str = "select pg_is_in_recovery() as standby, current_setting('transaction_read_only')::boolean as read_only, \
     system_identifier as cluster, oid::bigint as database, \
     coalesce(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end - '0/0'::pg_lsn, 0)::bigint \
     as position \
     from pg_control_system(), pg_database where datname = current_database()";

#[derive(Clone, Copy, Debug, diesel::QueryableByName)]
pub(super) struct ServerState {
    #[diesel(sql_type = Bool)]
    pub standby: bool,
    #[diesel(sql_type = Bool)]
    pub read_only: bool,
    /// A standby has the identifier of its primary.
    #[diesel(sql_type = BigInt)]
    pub cluster: i64,
    #[diesel(sql_type = BigInt)]
    pub database: i64,
    /// Where the log ends: what a primary has flushed, a standby replayed.
    #[diesel(sql_type = BigInt)]
    pub position: i64,
}

/// What a replica must be, and have replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Required {
    pub cluster: i64,
    pub database: i64,
    pub position: i64,
}

impl ServerState {
    pub(super) async fn read(conn: &mut Conn) -> Result<Self> {
        Ok(sql::statement(SELECT).get_result(conn).await?)
    }

    pub(super) fn check_replica(&self, required: &Required) -> Result<(), ReplicaProblem> {
        if (self.cluster, self.database) != (required.cluster, required.database) {
            Err(ReplicaProblem::OtherDatabase)
        } else if !self.standby {
            Err(ReplicaProblem::NotStandby)
        } else if self.position < required.position {
            Err(ReplicaProblem::Behind)
        } else {
            Ok(())
        }
    }
}
