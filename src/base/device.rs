//! Describes where a sign-in comes from: the browser and operating system from the `User-Agent`, the network from the IP address.
//! Both are hints: a client can send any `User-Agent`, so only known names and one short word of it are shown.

use std::net::{IpAddr, Ipv6Addr};

use crate::base::locale::Locale;

/// Longer program names are not shown.
const NAME_MAX: usize = 24;

/// Tokens of browsers, the more specific ones first: most browsers also claim to be Chrome and Safari.
const BROWSERS: [(&str, &str); 14] = [
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("OPiOS/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Tokens of operating systems. Android and ChromeOS also claim to be Linux, an iPhone to be a Mac.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Macintosh", "Mac"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

/// Parts of the names of programs that claim to be browsers, in lower case. `bot` alone would match telephones of the brand Cubot.
const AUTOMATIC: [&str; 12] = [
    "bot/",
    "bot-",
    "bot;",
    "bot)",
    "crawler",
    "spider",
    "scanner",
    "preview",
    "externalhit",
    "headless",
    "mimecast",
    "barracuda",
];

/// Whether the client says that it is a program and not a person's browser: a mail scanner, a link preview, a crawler.
pub(crate) fn is_automatic(user_agent: Option<&str>) -> bool {
    let text = user_agent.unwrap_or_default().trim().to_ascii_lowercase();
    !text.starts_with("mozilla/") || AUTOMATIC.iter().any(|word| text.contains(word))
}

/// `Chrome on Windows`, `Safari on iPhone`, `a program (curl)`, `an unknown device`.
pub(crate) fn describe(user_agent: Option<&str>, locale: Locale) -> String {
    let text = user_agent.unwrap_or_default().trim();
    if text.is_empty() {
        return locale.text("device-unknown").to_string();
    }
    let find = |tokens: &[(&str, &'static str)]| {
        let found = tokens.iter().find(|(token, _)| text.contains(token));
        found.map(|(_, name)| *name)
    };
    match (text.starts_with("Mozilla/"), find(&BROWSERS), find(&SYSTEMS)) {
        (true, Some(browser), Some(system)) => {
            let text = locale.text("device-browser-on-system").arg("browser", browser);
            text.arg("system", system).to_string()
        }
        (true, Some(browser), None) => browser.to_owned(),
        (true, None, Some(system)) => {
            let text = locale.text("device-any-browser-on-system");
            text.arg("system", system).to_string()
        }
        (true, None, None) => locale.text("device-any-browser").to_string(),
        (false, ..) => program(text, locale),
    }
}

/// Letters and dashes only, so that an attacker can't put an address or a number into an email.
fn program(text: &str, locale: Locale) -> String {
    let name = text.split(['/', ' ']).next().unwrap_or_default();
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    if !name.is_empty() && name.len() <= NAME_MAX && plain {
        locale.text("device-program").arg("name", name).to_string()
    } else {
        locale.text("device-any-program").to_string()
    }
}

/// The network of an IP address. It is enough for users to recognise their own, and reveals little to others: `203.0.113.x`, `2001:db8:1::/48`.
pub(crate) fn network_of(ip: &str) -> Option<String> {
    match ip.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            Some(format!("{a}.{b}.{c}.x"))
        }
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            Some(format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::base::device::{describe, is_automatic, network_of};
    use crate::base::locale::Locale;
    use proptest::prelude::*;

    #[test]
    fn programs_are_told_from_browsers() {
        for program in [
            "",
            "curl/8.0",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/142.0.0.0 Safari/537.36",
        ] {
            assert!(is_automatic(Some(program)), "{program}");
        }
        for browser in [
            "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
            "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
        ] {
            assert!(!is_automatic(Some(browser)), "{browser}");
        }
    }

    #[test]
    fn browsers_are_described_by_name_and_system() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (text, expected) in [
            (
                format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/142.0.0.0 Safari/537.36"),
                "Chrome on Windows",
            ),
            (
                format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/142.0 Safari/537.36 Edg/142.0"),
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.1 Mobile/15E148 Safari/604.1"
                    .to_owned(),
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 CriOS/142.0 Mobile/15E148 Safari/604.1"
                    .to_owned(),
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.1 Safari/605.1.15"
                    .to_owned(),
                "Safari on Mac",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0".to_owned(),
                "Firefox on Linux",
            ),
            (
                format!("Mozilla/5.0 (Linux; Android 15; Pixel 9) {webkit} Chrome/142.0 Mobile Safari/537.36"),
                "Chrome on Android",
            ),
            (
                format!("Mozilla/5.0 (Linux; Android 15) {webkit} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36"),
                "Samsung Internet on Android",
            ),
            (
                format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {webkit} Chrome/142.0 Safari/537.36"),
                "Chrome on ChromeOS",
            ),
            ("Mozilla/5.0 (PlayStation 5)".to_owned(), "a browser"),
            (
                "Mozilla/5.0 (Linux; Android 15; wv)".to_owned(),
                "a browser on Android",
            ),
        ] {
            assert_eq!(describe(Some(&text), Locale::DEFAULT), expected, "{text}");
        }
    }

    #[test]
    fn programs_are_described_by_a_plain_short_name_only() {
        for (text, expected) in [
            ("curl/8.14.1", "a program (curl)"),
            ("python-requests/2.32", "a program (python-requests)"),
            ("okhttp/4.12.0", "a program (okhttp)"),
            ("evil.example/1", "a program"),
            ("call-me-0180555 now", "a program"),
            ("<b>x</b>", "a program"),
            ("x".repeat(25).as_str(), "a program"),
            ("/1.0", "a program"),
        ] {
            assert_eq!(describe(Some(text), Locale::DEFAULT), expected, "{text}");
        }
        for absent in [None, Some(""), Some("  ")] {
            assert_eq!(describe(absent, Locale::DEFAULT), "an unknown device");
        }
    }

    #[test]
    fn a_network_is_a_24_or_a_48() {
        for (ip, expected) in [
            ("203.0.113.77", Some("203.0.113.x")),
            ("::ffff:203.0.113.77", Some("203.0.113.x")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1::/48")),
            ("::1", Some("::/48")),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(network_of(ip).as_deref(), expected, "{ip}");
        }
    }

    proptest! {
        #[test]
        fn every_description_is_short_and_plain(text in "(?s).{0,200}") {
            let description = describe(Some(&text), Locale::DEFAULT);
            prop_assert!(description.len() <= 40);
            prop_assert!(description.bytes().all(|b| b.is_ascii_alphabetic() || b" -()".contains(&b)));
        }
    }
}
