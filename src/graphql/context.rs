//! What resolvers work with.

use std::sync::Arc;

use async_graphql::Context;

use crate::addresses::Addresses;
use crate::auth::viewer::{Acting, Client, Pass, Scope, Staff};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Result;

/// What the schema is built around; one for the whole server.
#[derive(Clone, Debug)]
pub struct Settings {
    pub addresses: Addresses,
    pub daily_messages: i64,
}

pub struct Services {
    pub db: Db,
    pub clock: Clock,
    pub settings: Settings,
}

/// The services, with the rest of what a request carries.
pub trait Request<'a> {
    fn services(&self) -> &'a Arc<Services>;
    fn pass(&self) -> &'a Pass;
    fn client(&self) -> &'a Client;

    /// A resolver's first line: a team member or an API key that may do it.
    fn staff(&self, need: Scope) -> Result<Staff> {
        self.pass().viewer.staff(need)
    }

    /// Who acts, for the audit log.
    fn acting(&self) -> Acting {
        Acting {
            actor: self.pass().viewer.actor(),
            client: self.client().clone(),
        }
    }
}

impl<'a> Request<'a> for Context<'a> {
    fn services(&self) -> &'a Arc<Services> {
        self.data_unchecked()
    }

    fn pass(&self) -> &'a Pass {
        self.data_unchecked()
    }

    fn client(&self) -> &'a Client {
        self.data_unchecked()
    }
}
