//! The settings of text messages.

use sms::{PhoneNumber, ProviderUrl, ProviderUrlError, Sender};
use url::Url;

use super::reader::Reader;

pub(super) const SETTINGS: &[(&str, &str)] = &[
    (
        "TWILIO_ACCOUNT_SID",
        "the account at Twilio, AC… [none: text messages are kept as files in DATA_DIR/sms]",
    ),
    (
        "TWILIO_AUTH_TOKEN",
        "the account's secret, which also verifies Twilio's callbacks",
    ),
    (
        "TWILIO_FROM",
        "who sends: a number such as +15005550006, a messaging service MG…, or a name of up to 11 letters and digits",
    ),
    (
        "TWILIO_BASE_URL",
        "another server that speaks Twilio's API [https://api.twilio.com]",
    ),
];

const BASE_URL: &str = "https://api.twilio.com";

/// The SMS provider, and who sends.
#[derive(Clone, Debug)]
pub struct TwilioSettings {
    pub provider: ProviderUrl,
    pub from: Sender,
}

pub(crate) fn read(reader: &mut Reader<'_>) -> Option<TwilioSettings> {
    let base = reader.setting("TWILIO_BASE_URL", base_url);
    let from = reader.setting("TWILIO_FROM", sender);
    let account_id = reader.setting("TWILIO_ACCOUNT_SID", account_id);
    let token = reader.text("TWILIO_AUTH_TOKEN");
    let required = ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"];
    let (given, missing): (Vec<&str>, Vec<&str>) =
        required.into_iter().partition(|name| reader.text(name).is_some());
    if let Some(given) = given.first() {
        for name in missing {
            reader.error(&format!("{name}: required together with {given}"));
        }
    }
    let base = base.unwrap_or_else(|| BASE_URL.to_owned());
    let provider = ProviderUrl::new(&base, &account_id?, &token?);
    match provider {
        Ok(provider) => Some(TwilioSettings {
            provider,
            from: from?,
        }),
        Err(error) => {
            reader.error(&format!("TWILIO_AUTH_TOKEN: {error}"));
            None
        }
    }
}

/// Letters and digits: it is a part of the paths of the API.
fn account_id(text: &str) -> Result<String, String> {
    let valid = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric());
    valid
        .then(|| text.to_owned())
        .ok_or_else(|| "write the account's SID, AC and 32 letters and digits".to_owned())
}

fn base_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|_| ProviderUrlError::NotAUrl.to_string())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not contain credentials".to_owned());
    }
    ProviderUrl::new(text, "AC", "token").map_err(|error| error.to_string())?;
    Ok(text.to_owned())
}

fn sender(text: &str) -> Result<Sender, String> {
    let sender = if text.starts_with('+') {
        Sender::Number(PhoneNumber::parse(text, None).map_err(|error| error.to_string())?)
    } else if text.len() == 34 && text.starts_with("MG") {
        Sender::Service(text.to_owned())
    } else {
        Sender::Name(text.to_owned())
    };
    let invalid = "write a number with its country code such as +15005550006, a messaging service (MG and 32 digits), or a name of \
                   up to 11 letters and digits";
    sender
        .is_valid()
        .then_some(sender)
        .ok_or_else(|| invalid.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::app::config::{Config, ConfigErrors, Overrides};
    use sms::Sender;

    const ALL: [(&str, &str); 3] = [
        ("TWILIO_ACCOUNT_SID", "AC0123"),
        ("TWILIO_AUTH_TOKEN", "hunter2@/:%"),
        ("TWILIO_FROM", "+1 500 555 0006"),
    ];

    fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        let of = |name: &str| settings.iter().rev().find(|(key, _)| *key == name);
        Config::read(
            &|name| of(name).map(|(_, value)| (*value).to_owned()),
            &Overrides::default(),
        )
    }

    fn read_with(name: &str, value: &str) -> Result<Config, ConfigErrors> {
        read(&[&ALL[..], &[(name, value)]].concat())
    }

    #[test]
    fn text_messages_need_all_three_settings_and_the_token_is_not_printed() {
        assert!(read(&[]).expect("no setting").twilio.is_none());
        let config = read(&ALL).expect("it is right");
        let twilio = config.twilio.as_ref().expect("a provider");
        assert_eq!(twilio.provider.account_id(), "AC0123");
        let shown = format!("{config:?} {twilio:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        for missing in ALL {
            let others: Vec<_> = ALL.into_iter().filter(|one| *one != missing).collect();
            let errors = read(&others).expect_err(missing.0).to_string();
            assert!(
                errors.contains(&format!("{}: required together", missing.0)),
                "{errors}"
            );
            assert!(!errors.contains("hunter2"), "{errors}");
        }
    }

    #[test]
    fn a_sender_is_a_number_a_service_or_a_name() {
        let service = format!("MG{}", "0".repeat(32));
        for (text, number) in [("+15005550006", true), (&service, false), ("Acme 24", false)] {
            let twilio = read_with("TWILIO_FROM", text).expect(text).twilio;
            let from = twilio.expect("a provider").from;
            assert_eq!(matches!(from, Sender::Number(_)), number, "{text}");
        }
        for text in ["+1", "15005550006", "A much too long name", "Größe", "MG1-"] {
            let errors = read_with("TWILIO_FROM", text).expect_err(text).to_string();
            assert!(errors.contains("TWILIO_FROM"), "{errors}");
        }
    }

    #[test]
    fn invalid_settings_are_reported_together() {
        let wrong = [
            ("TWILIO_ACCOUNT_SID", "AC/01"),
            ("TWILIO_AUTH_TOKEN", "hunter2"),
            ("TWILIO_FROM", "!"),
            ("TWILIO_BASE_URL", "http://sms.example"),
        ];
        let errors = read(&wrong).expect_err("wrong").to_string();
        for name in ["TWILIO_ACCOUNT_SID", "TWILIO_FROM", "TWILIO_BASE_URL"] {
            assert!(errors.contains(name), "{errors}");
        }
        assert!(!errors.contains("hunter2"), "{errors}");
        for base in [
            "https://x:hunter2@sms.example",
            "https://sms.example/path",
            "sms.example",
        ] {
            let errors = read_with("TWILIO_BASE_URL", base).expect_err(base).to_string();
            assert!(
                errors.contains("TWILIO_BASE_URL") && !errors.contains("hunter2"),
                "{errors}"
            );
        }
    }
}
