//! The redirect flow with the callback's host among those of the portals.

use serde_json::json;

use super::{GoogleTest, flow};
use crate::operating::hosts::{SETTINGS, visit};
use crate::support::TestBrowser;

#[tokio::test(flavor = "multi_thread")]
async fn the_callback_at_the_servers_own_host_redirects_to_the_portal() {
    let mut google = GoogleTest::open_with(&SETTINGS).await;
    visit(&mut google.server, "acme.x.com");
    let away = google
        .server
        .http
        .get(format!("{}/login/google", google.server.url));
    let away = away.send().await.expect("an answer");
    let cookies = away.headers().get_all("set-cookie").iter();
    let cookies: Vec<(String, String)> = cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next()?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let sent = flow::ProviderRedirect::of(&away);
    let token = google.token(&json!({"nonce": sent.nonce}));
    google
        .issuer
        .set()
        .codes
        .insert("the code".to_owned(), flow::answer(&token));
    visit(&mut google.server, "app.x.com");
    let callback = format!(
        "{}/auth/google/callback?code=the+code&state={}",
        google.server.url, sent.state
    );
    let back = google.server.http.get(callback).send().await.expect("an answer");
    assert_eq!(back.status(), 303);
    let done = flow::location(&back);
    let done = done
        .strip_prefix("https://acme.x.com")
        .expect("the portal's host")
        .to_owned();
    visit(&mut google.server, "acme.x.com");
    let mut browser = TestBrowser::new(&google.server);
    browser.cookies.extend(cookies);
    assert_eq!(browser.open(&done).await.0, 303);
    assert_eq!(browser.open("/").await.0, 200);
    google.stop().await;
}
