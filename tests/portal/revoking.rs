//! Revoking and restoring the access of a contact.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::Socket;
use crate::support::TestServer;

const REVOKE: &str =
    "mutation ($id: ID!, $reason: String) { revokePortalAccess(input: {contactId: $id, reason: $reason}) {
    contact { portalStatus revokedAt } } }";
const RESTORE: &str = "mutation ($id: ID!) { restorePortalAccess(input: {contactId: $id}) { contact { portalStatus revokedAt } } }";
const LINK: &str = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
const REDEEM: &str = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
    session { accessToken refreshToken } refusal { reason } } }";
const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken } refusal { reason } } }";

fn anna(server: &TestServer) -> Value {
    json!({"id": server.acme.contact.to_string()})
}

async fn link(server: &TestServer) -> String {
    let created = server.data(&server.acme.key, LINK, anna(server)).await;
    let url = created["generateMagicLink"]["url"].as_str().expect("a URL");
    url.rsplit('/').next().expect("a token").to_owned()
}

async fn redeem(server: &TestServer, token: &str) -> Value {
    let answer = server.request(None, REDEEM, json!({"token": token})).await;
    answer["data"]["signInWithMagicLink"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_and_restoring_access_take_effect_immediately() {
    let server = TestServer::open().await;
    let session = redeem(&server, &link(&server).await).await["session"].clone();
    let access = session["accessToken"].as_str().expect("a token");
    let waiting = link(&server).await;
    server.data(access, "{ me { id } }", json!({})).await;
    let mut input = anna(&server);
    input["reason"] = json!("the bill is open");
    let revoked = server.data(&server.acme.key, REVOKE, input.clone()).await;
    assert_eq!(
        revoked["revokePortalAccess"]["contact"]["portalStatus"],
        "REVOKED"
    );
    for token in [access, &server.acme.contact_session] {
        let ended = server.error(Some(token), "{ me { id } }", json!({})).await;
        assert_eq!(ended.0, "UNAUTHENTICATED");
    }
    let refresh = json!({"token": session["refreshToken"]});
    let refreshed = server.request(None, REFRESH, refresh.clone()).await;
    assert_eq!(
        refreshed["data"]["refreshSession"]["refusal"]["reason"],
        "SESSION_EXPIRED"
    );
    assert_eq!(
        redeem(&server, &waiting).await["refusal"]["reason"],
        "ACCESS_REVOKED"
    );
    // A repeat changes nothing.
    assert_eq!(server.data(&server.acme.key, REVOKE, input).await, revoked);
    let restored = server.data(&server.acme.key, RESTORE, anna(&server)).await;
    let contact = &restored["restorePortalAccess"]["contact"];
    assert_eq!(
        (&contact["portalStatus"], &contact["revokedAt"]),
        (&json!("ACTIVE"), &Value::Null)
    );
    assert_eq!(
        server.data(&server.acme.key, RESTORE, anna(&server)).await,
        restored
    );
    // Ended sessions stay ended; a new link works immediately.
    assert_eq!(
        redeem(&server, &waiting).await["refusal"]["reason"],
        "LINK_REVOKED"
    );
    let refreshed = server.request(None, REFRESH, refresh).await;
    assert_eq!(
        refreshed["data"]["refreshSession"]["refusal"]["reason"],
        "SESSION_EXPIRED"
    );
    let again = redeem(&server, &link(&server).await).await["session"]["accessToken"].clone();
    server
        .data(again.as_str().expect("a token"), "{ me { id } }", json!({}))
        .await;
    let kinds = server
        .test
        .texts("select kind || coalesce(': ' || (detail ->> 'reason'), '') from audit_events where kind like 'ACCESS%' order by kind desc")
        .await;
    let expected = ["ACCESS_REVOKED: the bill is open", "ACCESS_RESTORED"];
    assert_eq!(kinds.into_iter().flatten().collect::<Vec<_>>(), expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_of_the_portal_closes_when_access_is_revoked() {
    let server = TestServer::open().await;
    let mut socket = Socket::open(&server, Some(&server.acme.contact_session)).await;
    server.data(&server.acme.key, REVOKE, anna(&server)).await;
    assert_eq!(socket.next().await["close"], 4403);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counts_follow_and_an_invitation_stays_pending() {
    let server = TestServer::open().await;
    let stats = async || {
        let stats = server
            .data(&server.acme.key, "{ portalStats { invited active } }", json!({}))
            .await;
        (
            stats["portalStats"]["invited"].clone(),
            stats["portalStats"]["active"].clone(),
        )
    };
    let invite = "mutation ($id: ID!) { inviteContacts(input: {contactIds: [$id]}) { invitations { id } } }";
    let invited = server.data(&server.acme.key, invite, anna(&server)).await;
    let invitation = invited["inviteContacts"]["invitations"][0]["id"].clone();
    assert_eq!(stats().await, (json!(1), json!(0)));
    server.data(&server.acme.key, REVOKE, anna(&server)).await;
    assert_eq!(stats().await, (json!(0), json!(0)));
    let live = "select count(*) from magic_links where revoked_at is null";
    assert_eq!(server.test.number(live).await, 0);
    let waiting = "select count(*) from messages where status in ('QUEUED', 'DEFERRED')";
    assert_eq!(server.test.number(waiting).await, 0);
    let resend =
        "mutation ($id: ID!) { resendInvitation(input: {invitationId: $id}) { invitation { status } } }";
    let refused = server
        .error(Some(&server.acme.key), resend, json!({"id": invitation}))
        .await;
    assert_eq!(refused.0, "CONFLICT");
    server.data(&server.acme.key, RESTORE, anna(&server)).await;
    assert_eq!(stats().await, (json!(1), json!(0)), "invited as before");
    server
        .data(&server.acme.key, resend, json!({"id": invitation}))
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_concurrent_with_the_revocation_leaves_no_session() {
    let server = TestServer::open().await;
    for _ in 0..10 {
        let token = link(&server).await;
        let (_, answers) = tokio::join!(
            server.data(&server.acme.key, REVOKE, anna(&server)),
            join_all((0..4).map(|_| redeem(&server, &token))),
        );
        let live = "select count(*) from sessions s join contacts c on c.id = s.contact_id
            where c.revoked_at is not null and s.ended_at is null";
        assert_eq!(server.test.number(live).await, 0);
        for access in answers
            .iter()
            .filter_map(|answer| answer["session"]["accessToken"].as_str())
        {
            let ended = server.error(Some(access), "{ me { id } }", json!({})).await;
            assert_eq!(ended.0, "UNAUTHENTICATED");
        }
        server.data(&server.acme.key, RESTORE, anna(&server)).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_checks_the_contact() {
    let server = TestServer::open().await;
    let session = redeem(&server, &link(&server).await).await["session"].clone();
    // A manual change in the database: nothing ended the session.
    server
        .test
        .run("update contacts set revoked_at = created_at")
        .await;
    let refreshed = server
        .request(None, REFRESH, json!({"token": session["refreshToken"]}))
        .await;
    assert_eq!(
        refreshed["data"]["refreshSession"]["refusal"]["reason"],
        "SESSION_EXPIRED"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_contact_ends_its_sessions() {
    let server = TestServer::open().await;
    let delete = "mutation ($id: ID!) { deleteContact(input: {contactId: $id}) { deletedContactId } }";
    server.data(&server.acme.key, delete, anna(&server)).await;
    let ended = server
        .error(Some(&server.acme.contact_session), "{ me { id } }", json!({}))
        .await;
    assert_eq!(ended.0, "UNAUTHENTICATED");
    server.stop().await;
}
