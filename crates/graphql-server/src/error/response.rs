//! Every error of a response carries a code of the closed list: the application's keep theirs, the executor's get one here.
//!
//! Resolvers return the application's error by [`to_graphql`], or with a plain `?`: both arrive here with their code. An
//! error that has a path and no code is a bug: the caller gets an incident id, the log the text.

use async_graphql::{ErrorExtensionValues, Response, ServerError};

use super::{Code, Error};

/// How much of an engine's message is shown: it may quote the document.
const SHOWN_CHARS: usize = 200;

/// How many errors about the document itself are listed; the first ones say what is wrong.
const LISTED_ERRORS: usize = 50;

/// What the engine says when a value does not fit its type, while it validates and while it executes.
const COERCION: [&str; 3] = [
    "Invalid value for argument ",
    "Failed to parse \"",
    "Expected input type \"",
];

/// The error as a resolver returns it: its words, code, field and wait.
pub fn to_graphql(error: impl AsRef<Error>) -> async_graphql::Error {
    reported(error.as_ref())
}

/// The error as a transport answers with it, outside of any field.
pub fn request_error(error: impl AsRef<Error>) -> ServerError {
    let reported = reported(error.as_ref());
    with_extensions(ServerError::new(reported.message, None), reported.extensions)
}

/// An error of the parser.
pub(crate) fn parse_failed(error: ServerError) -> ServerError {
    let message = error.message.rsplit("= ").next().unwrap_or_default();
    let message = one_line(message);
    let extensions = extensions_of(Code::GraphqlParseFailed, None, None);
    with_extensions(ServerError { message, ..error }, Some(extensions))
}

/// The response with a code on each of its errors. `E` is the error that resolvers return with `?`.
#[must_use]
pub fn with_codes<E: AsRef<Error> + Send + Sync + 'static>(mut response: Response) -> Response {
    if response.errors.iter().all(|error| error.path.is_empty()) {
        response.errors.truncate(LISTED_ERRORS);
    }
    response.errors = response.errors.into_iter().map(with_code::<E>).collect();
    response
}

/// Something broke outside of any resolver's own errors, as a panic does.
pub(crate) fn broken(cause: &'static str) -> ServerError {
    request_error(Error::internal(cause))
}

fn with_code<E: AsRef<Error> + Send + Sync + 'static>(error: ServerError) -> ServerError {
    if has_code(&error) {
        return error;
    }
    let own = error.source::<E>().map(AsRef::as_ref);
    if let Some(own) = own.or_else(|| error.source::<Error>()) {
        let reported = reported(own);
        let message = reported.message;
        return with_extensions(ServerError { message, ..error }, reported.extensions);
    }
    let foreign = error.source.is_some();
    if !foreign && COERCION.iter().any(|words| error.message.starts_with(words)) {
        return coercion(error);
    }
    if error.path.is_empty() {
        let message = one_line(&error.message);
        let extensions = extensions_of(Code::GraphqlValidationFailed, None, None);
        return with_extensions(ServerError { message, ..error }, Some(extensions));
    }
    let reported = reported(&Error::internal(one_line(&error.message)));
    let message = reported.message;
    with_extensions(ServerError { message, ..error }, reported.extensions)
}

fn coercion(error: ServerError) -> ServerError {
    let field = error
        .message
        .strip_prefix(COERCION[0])
        .and_then(|rest| rest.split('"').nth(1))
        .map(one_line);
    let message = one_line(&error.message);
    let extensions = extensions_of(Code::BadUserInput, field.as_deref(), None);
    with_extensions(ServerError { message, ..error }, Some(extensions))
}

fn reported(error: &Error) -> async_graphql::Error {
    let mut made = async_graphql::Error::new(error.report());
    made.extensions = Some(extensions_of(
        error.code,
        error.field.as_deref(),
        error.retry_after,
    ));
    made
}

fn extensions_of(code: Code, field: Option<&str>, retry_after: Option<u64>) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.as_str());
    if let Some(field) = field {
        extensions.set("field", field);
    }
    if let Some(seconds) = retry_after {
        extensions.set("retryAfter", seconds);
    }
    extensions
}

fn has_code(error: &ServerError) -> bool {
    error
        .extensions
        .as_ref()
        .is_some_and(|extensions| extensions.get("code").is_some())
}

fn with_extensions(error: ServerError, extensions: Option<ErrorExtensionValues>) -> ServerError {
    ServerError {
        extensions,
        source: None,
        ..error
    }
}

/// Text of the document, as much of it as a message may show.
pub fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    match line.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: ServerError) -> serde_json::Value {
        let coded = with_codes::<Error>(Response::from_errors(vec![error]));
        serde_json::to_value(&coded.errors[0]).expect("JSON")
    }

    fn in_a_field(error: async_graphql::Error) -> ServerError {
        let path = vec![async_graphql::PathSegment::Field("contacts".to_owned())];
        error
            .into_server_error(async_graphql::Pos::default())
            .with_path(path)
    }

    #[test]
    fn an_error_of_ours_keeps_its_code_however_it_came() {
        let made = || Error::rate_limited("Slower.", 9).at("input.emails");
        for error in [to_graphql(made()), made().into()] {
            let told = told(in_a_field(error));
            assert_eq!(told["message"], "Slower.");
            let wanted =
                serde_json::json!({ "code": "RATE_LIMITED", "field": "input.emails", "retryAfter": 9 });
            assert_eq!(told["extensions"], wanted);
        }
    }

    #[test]
    fn a_bare_error_is_internal_even_when_it_reads_like_the_engine() {
        for error in [
            "secret".into(),
            async_graphql::Error::new("secret"),
            "Failed to parse \"secret".into(),
        ] {
            let told = told(in_a_field(error));
            assert_eq!(told["extensions"]["code"], "INTERNAL");
            assert!(!told.to_string().contains("secret"), "{told}");
        }
        let inside = told(in_a_field(to_graphql(Error::internal("secret"))));
        assert!(!inside.to_string().contains("secret"), "{inside}");
    }

    #[test]
    fn a_message_of_the_engine_is_one_short_line() {
        let told = told(ServerError::new(format!("{}\nsecond", "ü".repeat(300)), None));
        assert_eq!(told["message"], format!("{}…", "ü".repeat(200)));
        assert_eq!(told["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    }
}
