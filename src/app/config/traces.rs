//! Where traces are sent, by the names of the OpenTelemetry specification.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use poem::http::{HeaderName, HeaderValue};
use url::Url;

use super::reader::Reader;

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";

pub(super) const SETTINGS: &[(&str, &str)] = &[
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "where traces are sent, as OTLP over HTTP, such as http://127.0.0.1:4318 [none: no traces]",
    ),
    (
        "OTEL_EXPORTER_OTLP_HEADERS",
        "headers for that server, such as authorization=Bearer%20…, comma-separated [none]",
    ),
    (
        "OTEL_SERVICE_NAME",
        "the name of this service in traces [vestibule]",
    ),
    (
        SAMPLER,
        "always_on, always_off or traceidratio, or the same after parentbased_ [parentbased_always_on]",
    ),
    (
        "OTEL_TRACES_SAMPLER_ARG",
        "the share of traces that traceidratio records, 0 to 1 [1]",
    ),
    (
        "VESTIBULE_TRUST_TRACEPARENT",
        "true or false: whether requests of trusted proxies continue the trace in traceparent; only if the proxies set it themselves [false]",
    ),
];

/// Which traces are recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Whether a trace that a trusted proxy began is recorded if the proxy says so.
    pub parent_based: bool,
    /// Of the other traces.
    pub share: f64,
}

/// Where traces are sent. It has no `Debug`: headers hold secrets.
#[derive(Clone)]
pub struct TraceSettings {
    /// With the path.
    pub endpoint: String,
    pub headers: HashMap<String, String>,
    pub service_name: String,
    pub sampling: Sampling,
}

/// None: there are no traces.
pub(crate) fn read(reader: &mut Reader<'_>) -> Option<TraceSettings> {
    let headers = reader.setting("OTEL_EXPORTER_OTLP_HEADERS", headers);
    let share = reader.setting("OTEL_TRACES_SAMPLER_ARG", share).unwrap_or(1.0);
    let sampling = reader.setting(SAMPLER, |text| sampling(text, share));
    Some(TraceSettings {
        endpoint: reader.setting("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)?,
        headers: headers.unwrap_or_default(),
        service_name: reader
            .text("OTEL_SERVICE_NAME")
            .unwrap_or_else(|| "vestibule".to_owned()),
        sampling: sampling.unwrap_or(Sampling {
            parent_based: true,
            share: 1.0,
        }),
    })
}

fn endpoint(text: &str) -> Result<String, String> {
    let invalid = || "write the URL of an OTLP server, such as http://127.0.0.1:4318".to_owned();
    let url = Url::parse(text).map_err(|_| invalid())?;
    if !["http", "https"].contains(&url.scheme()) || url.query().is_some() || url.fragment().is_some() {
        return Err(invalid());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not contain credentials: put them into OTEL_EXPORTER_OTLP_HEADERS".to_owned());
    }
    Ok(format!("{}/v1/traces", url.as_str().trim_end_matches('/')))
}

/// `name=value`, comma-separated and percent-encoded (W3C Baggage). An error doesn't repeat them.
fn headers(text: &str) -> Result<HashMap<String, String>, String> {
    let header = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?.into_owned();
        let name: HeaderName = name.trim().parse().ok()?;
        HeaderValue::from_str(&value).ok()?;
        Some((name.to_string(), value))
    };
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    let headers: Option<HashMap<_, _>> = pairs.map(header).collect();
    headers.ok_or_else(|| "write name=value, comma-separated, values percent-encoded".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write a number from 0 to 1".to_owned())
}

fn sampling(text: &str, share: f64) -> Result<Sampling, String> {
    let own = text.strip_prefix("parentbased_");
    let share = match own.unwrap_or(text) {
        "always_on" => 1.0,
        "always_off" => 0.0,
        "traceidratio" => share,
        _ => {
            return Err(
                "write always_on, always_off or traceidratio, or one of them after parentbased_".to_owned(),
            );
        }
    };
    Ok(Sampling {
        parent_based: own.is_some(),
        share,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::config::{Config, ConfigErrors, Overrides};

    const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/");

    fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        let of = |name: &str| settings.iter().rev().find(|(key, _)| *key == name);
        Config::read(
            &|name| of(name).map(|(_, value)| (*value).to_owned()),
            &Overrides::default(),
        )
    }

    fn sampling_of(settings: &[(&str, &str)]) -> Sampling {
        let config = read(&[&[ENDPOINT][..], settings].concat()).expect("valid settings");
        config.traces.expect("an endpoint").sampling
    }

    #[test]
    fn there_are_no_traces_without_an_endpoint() {
        assert!(read(&[]).expect("valid").traces.is_none());
        let others = [("OTEL_SERVICE_NAME", "x"), ("OTEL_TRACES_SAMPLER", "always_on")];
        assert!(read(&others).expect("valid").traces.is_none());
    }

    #[test]
    fn the_path_of_traces_is_added_and_headers_are_decoded() {
        let headers = (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=Bearer%20hunter2, x-tenant=a,",
        );
        let config = read(&[ENDPOINT, headers]).expect("valid settings");
        assert!(!format!("{config:?}").contains("hunter2"));
        let traces = config.traces.expect("an endpoint");
        assert_eq!(traces.endpoint, "http://127.0.0.1:4318/v1/traces");
        assert_eq!(traces.service_name, "vestibule");
        assert_eq!(traces.headers["authorization"], "Bearer hunter2");
        assert_eq!(traces.headers["x-tenant"], "a");
    }

    #[test]
    fn a_sampler_has_the_names_of_the_specification() {
        let (name, arg) = ("OTEL_TRACES_SAMPLER", ("OTEL_TRACES_SAMPLER_ARG", "0.25"));
        for (text, parent_based, share) in [
            ("always_on", false, 1.0),
            ("always_off", false, 0.0),
            ("traceidratio", false, 0.25),
            ("parentbased_always_on", true, 1.0),
            ("parentbased_always_off", true, 0.0),
            ("parentbased_traceidratio", true, 0.25),
        ] {
            let expected = Sampling { parent_based, share };
            assert_eq!(sampling_of(&[(name, text), arg]), expected, "{text}");
        }
        let default = sampling_of(&[]);
        assert_eq!((default.parent_based, default.share), (true, 1.0));
    }

    #[test]
    fn wrong_settings_are_named_without_their_secrets() {
        let wrong = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://x:hunter2@otlp.example"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization:hunter2"),
            ("OTEL_TRACES_SAMPLER", "sometimes"),
            ("OTEL_TRACES_SAMPLER_ARG", "2"),
            ("VESTIBULE_TRUST_TRACEPARENT", "yes"),
            ("VESTIBULE_LOG_FORMAT", "xml"),
        ];
        let errors = read(&wrong).expect_err("wrong").to_string();
        for (name, _) in wrong {
            assert!(errors.contains(name), "{name}: {errors}");
        }
        assert!(!errors.contains("hunter2"), "{errors}");
        for endpoint in [
            "127.0.0.1:4318",
            "grpc://otlp.example",
            "http://otlp.example/?a=b",
        ] {
            assert!(
                read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]).is_err(),
                "{endpoint}"
            );
        }
    }
}
