//! Access of resolvers to the services and to their request's caller and loaders.

use std::sync::{Arc, OnceLock};

use async_graphql::Context;
use async_graphql::parser::types::OperationType;

use super::loaders::Loaders;
use crate::base::actor::{Client, Manager, Requester, Scope, Staff};
use crate::base::db::replica::Reader;
use crate::base::error::Result;
use crate::services::Services;
use crate::sign_in::auth_context::AuthContext;

/// The request with its caller, its client, and its loaders, which are created on first use.
pub fn request_data(
    auth: AuthContext,
    client: Client,
    request: async_graphql::Request,
) -> async_graphql::Request {
    request.data(auth).data(client).data(OnceLock::<Loaders>::new())
}

/// The data of a request, on the context of its resolvers.
pub trait ContextExt<'a> {
    fn services(&self) -> &'a Arc<Services>;
    fn auth(&self) -> &'a AuthContext;
    fn client(&self) -> &'a Client;
    fn loaders(&self) -> &'a Loaders;

    /// Reads what may be a few seconds old: on the replica, unless a mutation or subscription shows what has just changed.
    fn reader(&self) -> Reader;

    /// The first line of a resolver: requires a team member or an API key with this scope.
    fn staff(&self, scope: Scope) -> Result<Staff> {
        self.auth().viewer.staff(scope)
    }

    /// A value for callers with the scope `READ` only.
    fn readable<T>(&self, value: T) -> Result<T> {
        self.staff(Scope::Read).map(|_| value)
    }

    /// Whether the caller may read the account's data about its contacts. Fields check this themselves, because an API key
    /// without `READ` can reach contacts through its other scopes.
    fn may_read(&self) -> bool {
        self.auth().viewer.staff(Scope::Read).is_ok()
    }

    /// Requires an owner or admin, for changes of the team and its keys.
    fn manager(&self) -> Result<Manager> {
        self.auth().viewer.manager()
    }

    /// Refuses a mutation before it changes anything if the caller selected this non-null field, which needs `READ`, but lacks
    /// the scope: the refusal of the field would null the whole response. `path` starts below the mutation's field.
    fn require_read_if_selected(&self, path: &[&str]) -> Result<()>;

    /// The caller and its client, for the audit log.
    fn requester(&self) -> Requester {
        Requester {
            actor: self.auth().viewer.actor(),
            client: self.client().clone(),
        }
    }
}

impl<'a> ContextExt<'a> for Context<'a> {
    fn require_read_if_selected(&self, path: &[&str]) -> Result<()> {
        let mut selected = self.look_ahead();
        for name in path {
            selected = selected.field(name);
        }
        if selected.exists() {
            self.staff(Scope::Read)?;
        }
        Ok(())
    }

    fn services(&self) -> &'a Arc<Services> {
        self.data_unchecked()
    }

    fn reader(&self) -> Reader {
        let db = &self.services().db;
        match self.query_env.operation.node.ty {
            OperationType::Query => db.reader(),
            OperationType::Mutation | OperationType::Subscription => db.primary_reader(),
        }
    }

    fn auth(&self) -> &'a AuthContext {
        self.data_unchecked()
    }

    fn client(&self) -> &'a Client {
        self.data_unchecked()
    }

    fn loaders(&self) -> &'a Loaders {
        let loaders: &OnceLock<Loaders> = self.data_unchecked();
        loaders.get_or_init(|| Loaders::new(&self.services().db, self.reader(), self.auth().viewer.account()))
    }
}
