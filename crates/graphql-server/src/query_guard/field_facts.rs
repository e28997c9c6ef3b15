//! What an application says of its root fields, so that the transports need no names of them.

use super::schema_index::SchemaIndex;

/// Names of root fields with something special about them.
#[derive(Clone, Debug, Default)]
pub struct FieldFacts {
    /// Mutations that ignore the credential, as those that sign in: they work beside an expired one.
    pub ignore_credential: Vec<&'static str>,
    /// Mutations whose response holds a secret.
    pub secret_answer: Vec<&'static str>,
    /// Subscriptions whose events depend on nothing but the caller's scope, the document and its variables. They set the
    /// version of each event in the request's [`LastVersion`](crate::LastVersion).
    pub shared_stream: Vec<&'static str>,
}

impl FieldFacts {
    /// The names that this schema does not have: a test of the application asserts that there are none.
    pub fn unknown_to(&self, sdl: &str) -> Vec<&'static str> {
        let schema = SchemaIndex::of(sdl);
        let (mutation, subscription) = (schema.mutation(), schema.subscription());
        let mutations = self.ignore_credential.iter().chain(&self.secret_answer);
        let mutations = mutations.map(|name| (mutation, *name));
        let subscriptions = self.shared_stream.iter().map(|name| (subscription, *name));
        mutations
            .chain(subscriptions)
            .filter(|(root, name)| !schema.has_field(*root, name))
            .map(|(_, name)| name)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_the_schema_does_not_have_is_found() {
        let facts = FieldFacts {
            ignore_credential: vec!["signIn", "gone"],
            secret_answer: vec!["signIn", "watch"],
            shared_stream: vec!["watch", "signIn"],
        };
        let sdl = "type Query { id: ID } type Mutation { signIn: ID } type Subscription { watch: ID }";
        assert_eq!(facts.unknown_to(sdl), ["gone", "watch", "signIn"]);
    }
}
