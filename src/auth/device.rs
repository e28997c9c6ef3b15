//! Where a sign-in was asked from, as a person reads it. Of what a program says of itself only words of ours are shown: it was
//! chosen by whoever sent it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The first sign that is found counts: browsers name those that they descend from.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The browser and the system that a `User-Agent` names: `Chrome on Windows`.
pub fn device(user_agent: Option<&str>) -> String {
    let text = user_agent.unwrap_or_default();
    let named = |signs: &[(&str, &'static str)]| {
        let found = signs.iter().find(|(sign, _)| text.contains(sign));
        found.map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("An app on {system}"),
        (None, None) => "An unknown device".to_owned(),
    }
}

/// The network that an address is in: `203.0.113.0/24`, of IPv6 the /48. Vestibule knows no geography.
pub fn network(ip: Option<&str>) -> String {
    match ip.and_then(|ip| ip.parse().ok()) {
        Some(IpAddr::V4(ip)) => {
            let [a, b, c, _] = ip.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, ..] = ip.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
        None => "An unknown network".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_its_user_knows_it() {
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/143.0 Mobile Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Linux",
            ),
            ("Acme/1.0 (Android 16)", "An app on Android"),
            ("curl/8.14", "An unknown device"),
            ("", "An unknown device"),
        ] {
            assert_eq!(device(Some(user_agent)), name, "{user_agent}");
        }
    }

    #[test]
    fn nothing_that_a_stranger_wrote_is_shown() {
        let shown = device(Some("Your bank, call +49 151 1234 now (Windows) Chrome/1"));
        assert_eq!(shown, "Chrome on Windows");
        assert_eq!(network(Some("<b>here</b>")), "An unknown network");
    }

    #[test]
    fn an_address_is_shown_as_its_network() {
        for (ip, shown) in [
            (Some("203.0.113.77"), "203.0.113.0/24"),
            (Some("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48"),
            (None, "An unknown network"),
        ] {
            assert_eq!(network(ip), shown);
        }
    }
}
