//! The log: its lines, and its filter, which is `RUST_LOG` within limits. [`start`] also starts the traces.

mod json;

use std::io::{IsTerminal, stderr};
use std::str::FromStr;

use graphql_server::trace;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt, LevelFilter, ParseError, filter_fn};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::Filter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use self::json::JsonLines;
use super::config::Config;
use super::traces::Traces;
use crate::base::error::Result;

/// Our crates, whose events contain no secrets. The first is the program, the others are its parts.
const OWN_CRATES: [&str; 4] = ["vestibule", "embedded_postgres", "graphql_server", "mailer"];

/// Logs every failed attempt to connect. The bus logs the first one.
const SILENT: &str = "async_nats";
/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("write text or json".to_owned()),
        }
    }
}

/// Logs to stderr: stdout is for the output of commands. Starts the traces of a command that is traced. Wrong settings are no reason
/// not to log.
pub(crate) fn start(config: Option<&Config>, traced: bool) -> Result<Option<Traces>> {
    let settings = config.and_then(|config| config.traces.as_ref());
    let traces = settings.filter(|_| traced).map(Traces::start).transpose()?;
    let format = config.map(|config| config.log_format).unwrap_or_default();
    let directives = std::env::var(EnvFilter::DEFAULT_ENV).ok();
    let filter = directives.and_then(|text| parse_filter(&text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new("info"));
    tracing_subscriber::registry()
        .with(lines(format).with_filter(limit(filter)))
        .with(traces.as_ref().map(Traces::layer))
        .init();
    Ok(traces)
}

fn lines(format: LogFormat) -> Box<dyn Layer<Registry> + Send + Sync> {
    let lines = tracing_subscriber::fmt::layer().with_writer(stderr);
    match format {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).with_target(false).boxed(),
        LogFormat::Json => lines
            .fmt_fields(JsonFields::new())
            .event_format(JsonLines)
            .boxed(),
    }
}

/// Parses `RUST_LOG`. A directive for the program applies to its other crates too.
fn parse_filter(text: &str) -> Result<EnvFilter, ParseError> {
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
/// statements. Leaves out the spans of traces, which repeat what the access log says.
fn limit<S>(filter: EnvFilter) -> impl Filter<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    // Without a hint of its own, that of `filter` would be lost, and every span be made to be asked for.
    filter.and(filter_fn(is_permitted).with_max_level_hint(LevelFilter::TRACE))
}

fn is_permitted(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let allowed = *metadata.level() <= Level::INFO && !is_of(target, SILENT);
    target != trace::TARGET && (allowed || is_own(target))
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
    fn what_is_too_detailed_for_the_log_is_not_even_made() {
        let most = |directives| limit::<Registry>(EnvFilter::new(directives)).max_level_hint();
        assert_eq!(most("error"), Some(LevelFilter::ERROR));
        assert_eq!(most("info,vestibule=debug"), Some(LevelFilter::DEBUG));
    }

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
