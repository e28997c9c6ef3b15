//! Log lines as JSON objects: `timestamp`, `level`, `target`, `message`, `request_id` and `trace_id` if there are any, and the fields of
//! the event.

use std::fmt;

use graphql_server::trace;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// The span of a request, and its field with the id, as `graphql_server` names them.
const REQUEST: (&str, &str) = ("request", "id");
/// The target of the access log, and its fields with the id of the request, or of the request that became the socket.
const ACCESS: (&str, [&str; 2]) = ("access", ["id", "socket"]);

pub(crate) struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line::default();
        event.record(&mut line);
        let Line(mut fields) = line;
        let metadata = event.metadata();
        if let Some(id) = request_id(context, event, &mut fields) {
            fields.insert("request_id".to_owned(), id);
        }
        if let Some(id) = trace::current_id() {
            fields.insert("trace_id".to_owned(), id.into());
        }
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        fields.insert("timestamp".to_owned(), timestamp.into());
        fields.insert("level".to_owned(), metadata.level().as_str().into());
        fields.insert("target".to_owned(), metadata.target().into());
        writeln!(writer, "{}", Value::Object(fields))
    }
}

fn request_id<S, N>(
    context: &FmtContext<'_, S, N>,
    event: &Event<'_>,
    fields: &mut Map<String, Value>,
) -> Option<Value>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    if event.metadata().target() == ACCESS.0 {
        return ACCESS.1.iter().find_map(|name| fields.remove(*name));
    }
    let mut spans = context.event_scope()?;
    let request = spans.find(|span| span.name() == REQUEST.0)?;
    let extensions = request.extensions();
    let recorded = extensions.get::<FormattedFields<N>>()?;
    let mut recorded: Map<String, Value> = serde_json::from_str(&recorded.fields).ok()?;
    recorded.remove(REQUEST.1)
}

/// The fields of an event, its message among them.
#[derive(Default)]
struct Line(Map<String, Value>);

impl Line {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::fmt::format::JsonFields;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("a lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Written {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn lines_of(work: impl FnOnce()) -> Vec<Value> {
        let written = Written::default();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(JsonFields::new())
            .event_format(JsonLines)
            .with_writer(written.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, work);
        let text = String::from_utf8(written.0.lock().expect("a lock").clone()).expect("text");
        let line = |line: &str| serde_json::from_str(line).expect("JSON");
        text.lines().map(line).collect()
    }

    #[test]
    fn a_line_is_an_object_with_the_id_of_its_request() {
        let lines = lines_of(|| {
            let request = tracing::info_span!("request", id = "0193-a");
            request.in_scope(|| {
                let inner = tracing::info_span!("inner", id = "another");
                inner.in_scope(|| tracing::warn!(count = 2, cause = "a \"b\"\n", "it failed"));
            });
            tracing::info!("listening");
        });
        let [failed, listening] = &lines[..] else {
            panic!("{lines:?}")
        };
        assert_eq!(failed["request_id"], "0193-a");
        assert_eq!(
            (&failed["level"], &failed["message"]),
            (&"WARN".into(), &"it failed".into())
        );
        assert_eq!(failed["count"], 2);
        assert!(failed["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')));
        assert_eq!(failed["target"], module_path!());
        assert_eq!(
            (listening.get("request_id"), listening.get("trace_id")),
            (None, None)
        );
    }

    #[test]
    fn the_access_log_names_its_request_in_the_same_field() {
        let lines = lines_of(|| {
            tracing::info!(target: "access", id = %"0193-a", method = "GET", "request");
            tracing::info!(target: "access", socket = %"0193-b", "operation");
        });
        assert_eq!(
            (&lines[0]["request_id"], lines[0].get("id")),
            (&"0193-a".into(), None)
        );
        assert_eq!(
            (&lines[1]["request_id"], lines[1].get("socket")),
            (&"0193-b".into(), None)
        );
    }
}
