//! Options of the application's root fields, so that the transports don't contain field names.

use super::schema_index::SchemaIndex;

/// The names of root fields that need special treatment.
#[derive(Clone, Debug, Default)]
pub struct FieldOptions {
    /// Mutations that ignore the credential, such as signing in: they work with an expired one.
    pub ignore_credential: Vec<&'static str>,
    /// Mutations whose response contains a secret.
    pub secret_response: Vec<&'static str>,
    /// Subscriptions whose events depend only on the caller's scope, the document and its variables. They set the
    /// version of each event in the request's [`LastVersion`](crate::LastVersion).
    pub shared_stream: Vec<&'static str>,
}

impl FieldOptions {
    /// The names that the schema does not have. An application should assert in a test that there are none.
    pub fn missing_from(&self, sdl: &str) -> Vec<&'static str> {
        let schema = SchemaIndex::parse(sdl);
        let (mutation, subscription) = (schema.mutation(), schema.subscription());
        let mutations = self.ignore_credential.iter().chain(&self.secret_response);
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
    fn names_missing_from_the_schema_are_found() {
        let info = FieldOptions {
            ignore_credential: vec!["signIn", "gone"],
            secret_response: vec!["signIn", "watch"],
            shared_stream: vec!["watch", "signIn"],
        };
        let sdl = "type Query { id: ID } type Mutation { signIn: ID } type Subscription { watch: ID }";
        assert_eq!(info.missing_from(sdl), ["gone", "watch", "signIn"]);
    }
}
