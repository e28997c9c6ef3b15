//! What resolvers work with.

use std::sync::Arc;

use async_graphql::Context;

use super::loaders::Loaders;
use crate::base::actor::{Acting, Client, Manager, Scope, Staff};
use crate::base::error::Result;
use crate::services::Services;
use crate::sign_in::auth_context::AuthContext;

/// The request with who asks, from where, and the look-ups made for them.
pub fn request_data(
    services: &Arc<Services>,
    auth: AuthContext,
    client: Client,
    request: async_graphql::Request,
) -> async_graphql::Request {
    let loaders = Loaders::new(&services.db, auth.viewer.account());
    request.data(auth).data(client).data(loaders)
}

/// What a request carries.
pub trait Request<'a> {
    fn services(&self) -> &'a Arc<Services>;
    fn auth(&self) -> &'a AuthContext;
    fn client(&self) -> &'a Client;
    fn loaders(&self) -> &'a Arc<Loaders>;

    /// A resolver's first line: a team member or an API key that may do it.
    fn staff(&self, need: Scope) -> Result<Staff> {
        self.auth().viewer.staff(need)
    }

    /// A value that only callers with `READ` see.
    fn readable<T>(&self, value: T) -> Result<T> {
        self.staff(Scope::Read).map(|_| value)
    }

    /// Whether the caller may read what the account knows of its contacts. Fields that show it ask for themselves, since an
    /// API key is led to contacts by what else it may do.
    fn may_read(&self) -> bool {
        self.auth().viewer.staff(Scope::Read).is_ok()
    }

    /// The same for the team and its keys: an owner or admin.
    fn manager(&self) -> Result<Manager> {
        self.auth().viewer.manager()
    }

    /// Refuses a mutation before anything is done where its answer would need `READ` for a field that can't be null: the
    /// answer as a whole would be lost to the refusal. `path` names fields below the mutation's.
    fn selects_readable(&self, path: &[&str]) -> Result<()>;

    /// Who acts, for the audit log.
    fn acting(&self) -> Acting {
        Acting {
            actor: self.auth().viewer.actor(),
            client: self.client().clone(),
        }
    }
}

impl<'a> Request<'a> for Context<'a> {
    fn selects_readable(&self, path: &[&str]) -> Result<()> {
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

    fn auth(&self) -> &'a AuthContext {
        self.data_unchecked()
    }

    fn client(&self) -> &'a Client {
        self.data_unchecked()
    }

    fn loaders(&self) -> &'a Arc<Loaders> {
        self.data_unchecked()
    }
}
