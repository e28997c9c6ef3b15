//! Who sees a menu item.

use super::MenuItemDetails;
use crate::access::model::Target;
use crate::base::actor::Role;

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
