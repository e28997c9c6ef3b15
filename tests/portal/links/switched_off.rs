//! An account with magic links disabled: only links of invitations sign in, and no others are created.

use chrono::TimeDelta;
use serde_json::json;

use super::{MAKE, link, reason, redeem};
use crate::support::{TestBrowser, TestServer};

const OFF: &str = "update accounts set link_allowed = false";
const ON: &str = "update accounts set link_allowed = true";
const INVITE: &str =
    "mutation { inviteContacts(input: {emails: [\"new@acme.example\"]}) { invitations { id } } }";
const SEND: &str = "mutation ($id: ID!, $dry: Boolean) { sendLoginEmails(input: {contactIds: [$id], dryRun: $dry}) { count } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_valid_link_reports_that_links_are_off_and_works_when_they_are_on_again() {
    let server = TestServer::open().await;
    let (token, _) = link(&server, json!({})).await;
    server.test.run(OFF).await;
    assert_eq!(reason(&server, &token).await, "METHOD_DISABLED");
    let mut browser = TestBrowser::new(&server);
    let (status, text) = browser.open(&format!("/p/acme/link/{token}")).await;
    assert_eq!(status, 410);
    assert!(
        text.contains("Sign-in links are turned off") && text.contains("another way"),
        "{text}"
    );
    assert!(!text.contains("Email me a new link"));
    // An invalid link reports its own state, not the settings.
    assert_eq!(reason(&server, "link_nonsense").await, "LINK_INVALID");
    server.test.run(ON).await;
    assert!(!redeem(&server, &token).await["session"].is_null());
    // It was redeemed and not used; with links off, it can't be redeemed once more.
    server.clock.advance(TimeDelta::seconds(10));
    server.test.run(OFF).await;
    assert_eq!(reason(&server, &token).await, "METHOD_DISABLED");
    let refused =
        "select count(*) from audit_events where kind = 'LINK_REFUSED' and outcome = 'METHOD_DISABLED'";
    assert_eq!(server.test.number(refused).await, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_links_off_only_those_of_invitations_are_created_and_emailed() {
    let server = TestServer::open().await;
    server.test.run(OFF).await;
    let id = json!({"id": server.acme.contact.to_string()});
    for (document, dry) in [(MAKE, false), (SEND, false), (SEND, true)] {
        let mut variables = id.clone();
        variables["dry"] = json!(dry);
        let refused = server.error(Some(&server.acme.key), document, variables).await;
        assert_eq!(refused, ("CONFLICT".into(), None));
    }
    assert_eq!(server.test.number("select count(*) from magic_links").await, 0);
    server.data(&server.acme.key, INVITE, json!({})).await;
    let invited = server.mailed_token(1).await;
    assert!(!redeem(&server, &invited).await["session"].is_null());
    server.stop().await;
}
