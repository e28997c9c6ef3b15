//! What the log may show, whatever `RUST_LOG` asks for.

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::Filter;
use tracing_subscriber::registry::LookupSpan;

/// The crate whose code keeps secrets out of its own events.
const OWN: &str = "vestibule";

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
    target
        .strip_prefix(OWN)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_code_may_go_beyond_info() {
        for target in ["vestibule", "vestibule::http::socket"] {
            assert!(own(target), "{target}");
        }
        for target in [
            "tungstenite::protocol",
            "vestibule_like",
            "log",
            "hyper::proto::h1",
        ] {
            assert!(!own(target), "{target}");
        }
    }
}
