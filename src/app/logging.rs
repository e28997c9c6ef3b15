//! The filter of the log: `RUST_LOG`, within limits.

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt, ParseError, filter_fn};
use tracing_subscriber::layer::Filter;
use tracing_subscriber::registry::LookupSpan;

/// Our crates, whose events contain no secrets. The first is the program, the others are its parts.
const OWN_CRATES: [&str; 4] = ["vestibule", "embedded_postgres", "graphql_server", "mailer"];

/// Logs every failed attempt to connect. The bus logs the first one.
const SILENT: &str = "async_nats";

/// Parses `RUST_LOG`. A directive for the program applies to its other crates too.
pub(crate) fn parse_filter(text: &str) -> Result<EnvFilter, ParseError> {
    let of_parts = |directive: &str| -> Vec<String> {
        let rest = directive.trim().strip_prefix(OWN_CRATES[0]);
        let rest = rest.filter(|rest| rest.is_empty() || rest.starts_with('='));
        rest.into_iter()
            .flat_map(|rest| OWN_CRATES[1..].iter().map(move |part| format!("{part}{rest}")))
            .collect()
    };
    let directives = text.split(',').flat_map(|directive| {
        let mut all = of_parts(directive);
        all.push(directive.to_owned());
        all
    });
    EnvFilter::try_new(directives.collect::<Vec<_>>().join(","))
}

/// Limits dependencies to `info`. At lower levels they log the data that passes through them: frames, headers, bodies, values of
/// statements.
pub(crate) fn limit_dependencies<S>(filter: EnvFilter) -> impl Filter<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    filter.and(filter_fn(is_permitted))
}

fn is_permitted(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    (*metadata.level() <= Level::INFO && !is_of(target, SILENT)) || is_own(target)
}

fn is_own(target: &str) -> bool {
    OWN_CRATES.iter().any(|own| is_of(target, own))
}

fn is_of(target: &str, crate_name: &str) -> bool {
    let rest = target.strip_prefix(crate_name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_crates_may_log_below_info() {
        for target in [
            "vestibule",
            "vestibule::pages::session",
            "graphql_server::websocket",
            "embedded_postgres::supervisor",
        ] {
            assert!(is_own(target), "{target}");
        }
        for target in [
            "tungstenite::protocol",
            "vestibule_like",
            "embedded_postgres_like",
            "log",
            "hyper::proto::h1",
        ] {
            assert!(!is_own(target), "{target}");
        }
    }

    #[test]
    fn a_directive_for_the_program_applies_to_its_crates() {
        for (text, expected) in [
            (
                "info,vestibule=debug",
                "embedded_postgres=debug,graphql_server=debug,info,mailer=debug,vestibule=debug",
            ),
            (
                "vestibule=off",
                "embedded_postgres=off,graphql_server=off,mailer=off,vestibule=off",
            ),
            ("vestibule_like=debug,warn", "vestibule_like=debug,warn"),
        ] {
            let mut directives: Vec<String> = (parse_filter(text).expect("a filter").to_string())
                .split(',')
                .map(str::to_owned)
                .collect();
            directives.sort_unstable();
            let mut expected: Vec<&str> = expected.split(',').collect();
            expected.sort_unstable();
            assert_eq!(directives, expected, "{text}");
        }
    }
}
