//! Who sees a menu item.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::MenuItemDetails;
use crate::access::model::Target;
use crate::base::actor::Role;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, OfferId};

/// Who sees a menu item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    Everyone,
    /// Contacts who have this now.
    Holders(Target),
    /// Team members with this role or a higher one.
    Role(Role),
}

impl MenuItemDetails {
    pub(crate) fn visibility(&self) -> Visibility {
        let target = Target::of_columns(self.course_id, self.community_id, self.offer_id);
        match (target, self.minimum_role) {
            (Some(target), _) => Visibility::Holders(target),
            (None, Some(role)) => Visibility::Role(role),
            (None, None) => Visibility::Everyone,
        }
    }

    #[must_use]
    pub(crate) fn visible_to(self, visibility: Visibility) -> Self {
        let (target, minimum_role) = match visibility {
            Visibility::Everyone => (None, None),
            Visibility::Holders(target) => (Some(target), None),
            Visibility::Role(role) => (None, Some(role)),
        };
        Self {
            offer_id: target.and_then(Target::offer),
            course_id: target.and_then(Target::course),
            community_id: target.and_then(Target::community),
            minimum_role,
            ..self
        }
    }
}

impl Visibility {
    pub(crate) fn includes_role(self, role: Role) -> bool {
        match self {
            Self::Everyone => true,
            Self::Holders(_) => false,
            Self::Role(minimum) => rank(role) >= rank(minimum),
        }
    }
}

fn rank(role: Role) -> u8 {
    match role {
        Role::ReadOnly => 0,
        Role::Staff => 1,
        Role::Admin => 2,
        Role::Owner => 3,
    }
}

/// The offers that these contacts have now: those of active grants that are open.
pub(crate) async fn offers_of_contacts(
    conn: &mut Conn,
    account: AccountId,
    contacts: &[ContactId],
    now: DateTime<Utc>,
) -> Result<HashMap<ContactId, HashSet<OfferId>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        contact_id: ContactId,
        #[diesel(sql_type = SqlUuid)]
        offer_id: OfferId,
    }
    let rows: Vec<Row> = sql::statement(
        "select g.contact_id, g.offer_id from access_grants g join offers o on o.account_id = g.account_id and o.id = g.offer_id \
         where g.account_id = ? and g.contact_id = any(?) and g.revoked_at is null \
            and greatest(g.starts_at, o.starts_at) <= ? and (g.ends_at is null or g.ends_at > ?)",
    )
    .bind::<SqlUuid, _>(account)
    .bind::<Array<SqlUuid>, _>(contacts.to_vec())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?;
    let mut offers: HashMap<ContactId, HashSet<OfferId>> = HashMap::new();
    for row in rows {
        offers.entry(row.contact_id).or_default().insert(row.offer_id);
    }
    Ok(offers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_role_sees_what_a_lower_one_does() {
        let seen = |minimum| {
            let roles = [Role::ReadOnly, Role::Staff, Role::Admin, Role::Owner];
            roles.map(|role| Visibility::Role(minimum).includes_role(role))
        };
        assert_eq!(seen(Role::ReadOnly), [true; 4]);
        assert_eq!(seen(Role::Staff), [false, true, true, true]);
        assert_eq!(seen(Role::Admin), [false, false, true, true]);
        assert_eq!(seen(Role::Owner), [false, false, false, true]);
    }
}
