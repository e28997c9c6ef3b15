//! What a condition says about the fields in it.

use std::collections::BTreeSet;

/// The condition of an `if`.
#[derive(Debug)]
pub(crate) enum Condition<'s> {
    /// The field is not empty.
    Filled(&'s str),
    /// The field is equal to a text, which is not empty.
    Equal(&'s str),
    /// A comparison that says nothing about emptiness.
    Compared,
    Not(Box<Condition<'s>>),
    And(Box<Condition<'s>>, Box<Condition<'s>>),
    Or(Box<Condition<'s>>, Box<Condition<'s>>),
}

impl<'s> Condition<'s> {
    /// The fields that are not empty when the condition has this outcome.
    pub fn filled_when(&self, outcome: bool) -> BTreeSet<&'s str> {
        match self {
            Self::Filled(field) | Self::Equal(field) if outcome => BTreeSet::from([*field]),
            Self::Filled(_) | Self::Equal(_) | Self::Compared => BTreeSet::new(),
            Self::Not(inner) => inner.filled_when(!outcome),
            Self::And(left, right) if outcome => &left.filled_when(true) | &right.filled_when(true),
            Self::Or(left, right) if !outcome => &left.filled_when(false) | &right.filled_when(false),
            Self::And(left, right) | Self::Or(left, right) => {
                &left.filled_when(outcome) & &right.filled_when(outcome)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Condition::{And, Equal, Filled, Not, Or};
    use super::*;

    fn boxed(field: &str) -> Box<Condition<'_>> {
        Box::new(Filled(field))
    }

    #[test]
    fn a_condition_tells_which_fields_are_filled() {
        let and = And(boxed("a"), Box::new(Equal("b")));
        assert_eq!(and.filled_when(true), BTreeSet::from(["a", "b"]));
        assert!(and.filled_when(false).is_empty());
        let or = Or(boxed("a"), Box::new(And(boxed("a"), boxed("b"))));
        assert_eq!(or.filled_when(true), BTreeSet::from(["a"]));
        let neither = Or(Box::new(Not(boxed("a"))), Box::new(Not(boxed("b"))));
        assert_eq!(neither.filled_when(false), BTreeSet::from(["a", "b"]));
        assert_eq!(
            Not(Box::new(neither)).filled_when(true),
            BTreeSet::from(["a", "b"])
        );
    }
}
