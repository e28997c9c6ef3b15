//! Gives every error of a response a code: the application's errors keep theirs, the executor's get one here.
//!
//! Resolvers return the application's error by [`to_graphql`] or with a plain `?`; both keep the code. An error with a path
//! but without a code is a bug: its text is logged, and the caller gets an id to quote.

use async_graphql::{ErrorExtensionValues, Response, ServerError};

use super::{Code, Error};

/// The maximum length of an executor's message, which may quote the document.
const MAX_MESSAGE_CHARS: usize = 200;

/// The maximum number of errors about the document itself.
const MAX_DOCUMENT_ERRORS: usize = 50;

/// How async-graphql's messages begin if a value has the wrong type, in validation and in execution.
const COERCION_PREFIXES: [&str; 3] = [
    "Invalid value for argument ",
    "Failed to parse \"",
    "Expected input type \"",
];

/// The error as a resolver returns it: message, code, field and `retryAfter`.
pub fn to_graphql(error: impl AsRef<Error>) -> async_graphql::Error {
    reported(error.as_ref())
}

/// The error as a transport returns it, outside of any field.
pub fn request_error(error: impl AsRef<Error>) -> ServerError {
    let reported = reported(error.as_ref());
    with_extensions(ServerError::new(reported.message, None), reported.extensions)
}

/// An error of the parser.
pub(crate) fn parse_failed(error: ServerError) -> ServerError {
    let message = error.message.rsplit("= ").next().unwrap_or_default();
    let message = one_line(message);
    let extensions = error_extensions(Code::GraphqlParseFailed, None, None);
    with_extensions(ServerError { message, ..error }, Some(extensions))
}

/// Adds a code to each error of the response. `E` is the error that resolvers return with `?`.
#[must_use]
pub fn with_codes<E: AsRef<Error> + Send + Sync + 'static>(mut response: Response) -> Response {
    if response.errors.iter().all(|error| error.path.is_empty()) {
        response.errors.truncate(MAX_DOCUMENT_ERRORS);
    }
    response.errors = response.errors.into_iter().map(add_code::<E>).collect();
    response
}

/// A failure that no resolver reported, such as a panic.
pub(crate) fn internal_failure(cause: &'static str) -> ServerError {
    request_error(Error::internal(cause))
}

fn add_code<E: AsRef<Error> + Send + Sync + 'static>(error: ServerError) -> ServerError {
    if has_code(&error) {
        return error;
    }
    let application_error = error.source::<E>().map(AsRef::as_ref);
    if let Some(application_error) = application_error.or_else(|| error.source::<Error>()) {
        let reported = reported(application_error);
        let message = reported.message;
        return with_extensions(ServerError { message, ..error }, reported.extensions);
    }
    let from_resolver = error.source.is_some();
    if !from_resolver
        && COERCION_PREFIXES
            .iter()
            .any(|words| error.message.starts_with(words))
    {
        return coercion_error(error);
    }
    if error.path.is_empty() {
        let message = one_line(&error.message);
        let extensions = error_extensions(Code::GraphqlValidationFailed, None, None);
        return with_extensions(ServerError { message, ..error }, Some(extensions));
    }
    let reported = reported(&Error::internal(one_line(&error.message)));
    let message = reported.message;
    with_extensions(ServerError { message, ..error }, reported.extensions)
}

fn coercion_error(error: ServerError) -> ServerError {
    let field = error
        .message
        .strip_prefix(COERCION_PREFIXES[0])
        .and_then(|rest| rest.split('"').nth(1))
        .map(one_line);
    let message = one_line(&error.message);
    let extensions = error_extensions(Code::BadUserInput, field.as_deref(), None);
    with_extensions(ServerError { message, ..error }, Some(extensions))
}

fn reported(error: &Error) -> async_graphql::Error {
    let reported = error.report();
    let mut extensions = error_extensions(error.code, error.field.as_deref(), error.retry_after);
    if let Some(trace_id) = reported.trace_id {
        extensions.set("traceId", trace_id);
    }
    let mut error_with_extensions = async_graphql::Error::new(reported.message);
    error_with_extensions.extensions = Some(extensions);
    error_with_extensions
}

fn error_extensions(code: Code, field: Option<&str>, retry_after: Option<u64>) -> ErrorExtensionValues {
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

/// The first line of a text, shortened so that a message may contain it.
pub fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    match line.char_indices().nth(MAX_MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serialized(error: ServerError) -> serde_json::Value {
        let coded = with_codes::<Error>(Response::from_errors(vec![error]));
        serde_json::to_value(&coded.errors[0]).expect("JSON")
    }

    fn in_field(error: async_graphql::Error) -> ServerError {
        let path = vec![async_graphql::PathSegment::Field("contacts".to_owned())];
        error
            .into_server_error(async_graphql::Pos::default())
            .with_path(path)
    }

    #[test]
    fn an_application_error_keeps_its_code() {
        let error_with_extensions = || Error::rate_limited("Slower.", 9).at("input.emails");
        for error in [
            to_graphql(error_with_extensions()),
            error_with_extensions().into(),
        ] {
            let serialized = serialized(in_field(error));
            assert_eq!(serialized["message"], "Slower.");
            let expected =
                serde_json::json!({ "code": "RATE_LIMITED", "field": "input.emails", "retryAfter": 9 });
            assert_eq!(serialized["extensions"], expected);
        }
    }

    #[test]
    fn an_error_without_a_code_is_internal_even_if_it_reads_like_the_executor() {
        for error in [
            "secret".into(),
            async_graphql::Error::new("secret"),
            "Failed to parse \"secret".into(),
        ] {
            let serialized = serialized(in_field(error));
            assert_eq!(serialized["extensions"]["code"], "INTERNAL");
            assert!(!serialized.to_string().contains("secret"), "{serialized}");
        }
        let internal = serialized(in_field(to_graphql(Error::internal("secret"))));
        assert!(!internal.to_string().contains("secret"), "{internal}");
    }

    #[test]
    fn a_message_of_the_executor_is_one_short_line() {
        let serialized = serialized(ServerError::new(format!("{}\nsecond", "ü".repeat(300)), None));
        assert_eq!(serialized["message"], format!("{}…", "ü".repeat(200)));
        assert_eq!(serialized["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    }
}
