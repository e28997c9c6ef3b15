//! What the log may show, whatever `RUST_LOG` asks for.

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::Filter;
use tracing_subscriber::registry::LookupSpan;

/// The program and its crates, which keep secrets out of their own events.
const OWN: [&str; 3] = ["vestibule", "embedded_postgres", "mailer"];

/// What `RUST_LOG` asks for, with each directive for `vestibule` repeated for its crates.
pub fn directives(asked: &str) -> String {
    let [program, crates @ ..] = OWN;
    let levels = asked.split(',').filter_map(|directive| {
        let level = directive.trim().strip_prefix(program)?;
        (level.is_empty() || level.starts_with('=')).then_some(level)
    });
    let repeated = levels.flat_map(|level| crates.map(|name| format!("{name}{level},")));
    // A later directive for the same target replaces an earlier one.
    repeated.collect::<String>() + asked
}

/// The filter asked for, under one ceiling: dependencies say no more than `info`. Beyond that they print what passes through
/// them: frames, headers, bodies, the values of statements.
pub fn filter<S>(asked: EnvFilter) -> impl Filter<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    asked.and(filter_fn(permitted))
}

fn permitted(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || own(metadata.target())
}

fn own(target: &str) -> bool {
    OWN.iter()
        .filter_map(|name| target.strip_prefix(name))
        .any(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_code_may_go_beyond_info() {
        for target in [
            "vestibule",
            "vestibule::http::socket",
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
    fn what_is_asked_of_the_program_is_asked_of_its_crates() {
        for (asked, directives) in [
            ("", ""),
            (
                "info,hyper=warn,vestibule::http=trace",
                "info,hyper=warn,vestibule::http=trace",
            ),
            ("vestibule", "embedded_postgres,mailer,vestibule"),
            (
                "info, vestibule=debug,mailer=off",
                "embedded_postgres=debug,mailer=debug,info, vestibule=debug,mailer=off",
            ),
        ] {
            assert_eq!(super::directives(asked), directives);
        }
    }
}
