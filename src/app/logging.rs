//! What the log may show, whatever `RUST_LOG` asks for.

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt, ParseError, filter_fn};
use tracing_subscriber::layer::Filter;
use tracing_subscriber::registry::LookupSpan;

/// The crates whose code keeps secrets out of its own events; the first is the program, the others are its parts.
const OWN: [&str; 4] = ["vestibule", "embedded_postgres", "graphql_server", "mailer"];

/// The filter that `RUST_LOG` asks for: what it says of the program holds for the program's parts too.
///
/// # Errors
/// When it can't be read.
pub(crate) fn asked(text: &str) -> Result<EnvFilter, ParseError> {
    let of_parts = |directive: &str| -> Vec<String> {
        let rest = directive.trim().strip_prefix(OWN[0]);
        let rest = rest.filter(|rest| rest.is_empty() || rest.starts_with('='));
        rest.into_iter()
            .flat_map(|rest| OWN[1..].iter().map(move |part| format!("{part}{rest}")))
            .collect()
    };
    let asked = text.split(',').flat_map(|directive| {
        let mut all = of_parts(directive);
        all.push(directive.to_owned());
        all
    });
    EnvFilter::try_new(asked.collect::<Vec<_>>().join(","))
}

/// The filter asked for, under one ceiling: dependencies say no more than `info`. Beyond that they print what passes through
/// them: frames, headers, bodies, the values of statements.
pub(crate) fn filter<S>(asked: EnvFilter) -> impl Filter<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    asked.and(filter_fn(permitted))
}

fn permitted(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || own(metadata.target())
}

fn own(target: &str) -> bool {
    OWN.iter().any(|own| {
        let rest = target.strip_prefix(own);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_code_may_go_beyond_info() {
        for target in [
            "vestibule",
            "vestibule::http::site",
            "graphql_server::websocket",
            "embedded_postgres::supervisor",
        ] {
            assert!(own(target), "{target}");
        }
        for target in [
            "tungstenite::protocol",
            "vestibule_like",
            "embedded_postgres_like",
            "log",
            "hyper::proto::h1",
        ] {
            assert!(!own(target), "{target}");
        }
    }

    #[test]
    fn what_is_asked_of_the_program_is_asked_of_its_parts() {
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
            let mut directives: Vec<String> = (asked(text).expect("a filter").to_string())
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
