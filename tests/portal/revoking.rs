//! Taking a contact's access away, and giving it back.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::House;
use crate::support::Socket;

const REVOKE: &str =
    "mutation ($id: ID!, $reason: String) { revokePortalAccess(input: {contactId: $id, reason: $reason}) {
    contact { portalStatus revokedAt } } }";
const RESTORE: &str = "mutation ($id: ID!) { restorePortalAccess(input: {contactId: $id}) { contact { portalStatus revokedAt } } }";
const LINK: &str = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
const REDEEM: &str = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
    session { accessToken refreshToken } refusal { reason } } }";
const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken } refusal { reason } } }";

fn anna(house: &House) -> Value {
    json!({"id": house.acme.contact.to_string()})
}

async fn link(house: &House) -> String {
    let made = house.ask(&house.acme.key, LINK, anna(house)).await;
    let url = made["generateMagicLink"]["url"].as_str().expect("a URL");
    url.rsplit('/').next().expect("a token").to_owned()
}

async fn redeem(house: &House, token: &str) -> Value {
    let answer = house.answer(None, REDEEM, json!({"token": token})).await;
    answer["data"]["signInWithMagicLink"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_is_revoked_ends_at_once_and_comes_back_at_once() {
    let house = House::open().await;
    let session = redeem(&house, &link(&house).await).await["session"].clone();
    let access = session["accessToken"].as_str().expect("a token");
    let waiting = link(&house).await;
    house.ask(access, "{ me { id } }", json!({})).await;
    let mut input = anna(&house);
    input["reason"] = json!("the bill is open");
    let revoked = house.ask(&house.acme.key, REVOKE, input.clone()).await;
    assert_eq!(
        revoked["revokePortalAccess"]["contact"]["portalStatus"],
        "REVOKED"
    );
    for token in [access, &house.acme.person] {
        let ended = house.refused(Some(token), "{ me { id } }", json!({})).await;
        assert_eq!(ended.0, "UNAUTHENTICATED");
    }
    let refresh = json!({"token": session["refreshToken"]});
    let refreshed = house.answer(None, REFRESH, refresh.clone()).await;
    assert_eq!(
        refreshed["data"]["refreshSession"]["refusal"]["reason"],
        "SESSION_EXPIRED"
    );
    assert_eq!(
        redeem(&house, &waiting).await["refusal"]["reason"],
        "ACCESS_REVOKED"
    );
    // A second time changes nothing.
    assert_eq!(house.ask(&house.acme.key, REVOKE, input).await, revoked);
    let restored = house.ask(&house.acme.key, RESTORE, anna(&house)).await;
    let contact = &restored["restorePortalAccess"]["contact"];
    assert_eq!(
        (&contact["portalStatus"], &contact["revokedAt"]),
        (&json!("ACTIVE"), &Value::Null)
    );
    assert_eq!(house.ask(&house.acme.key, RESTORE, anna(&house)).await, restored);
    // What was ended stays ended; a new link opens at once.
    assert_eq!(
        redeem(&house, &waiting).await["refusal"]["reason"],
        "LINK_REVOKED"
    );
    let refreshed = house.answer(None, REFRESH, refresh).await;
    assert_eq!(
        refreshed["data"]["refreshSession"]["refusal"]["reason"],
        "SESSION_EXPIRED"
    );
    let again = redeem(&house, &link(&house).await).await["session"]["accessToken"].clone();
    house
        .ask(again.as_str().expect("a token"), "{ me { id } }", json!({}))
        .await;
    let kinds = house
        .test
        .texts("select kind || coalesce(': ' || (detail ->> 'reason'), '') from audit_events where kind like 'ACCESS%' order by kind desc")
        .await;
    let expected = ["ACCESS_REVOKED: the bill is open", "ACCESS_RESTORED"];
    assert_eq!(kinds.into_iter().flatten().collect::<Vec<_>>(), expected);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_of_the_portal_closes_when_access_is_revoked() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, Some(&house.acme.person)).await;
    house.ask(&house.acme.key, REVOKE, anna(&house)).await;
    assert_eq!(socket.next().await["close"], 4403);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counts_follow_and_an_invitation_waits() {
    let house = House::open().await;
    let stats = async || {
        let stats = house
            .ask(&house.acme.key, "{ portalStats { invited active } }", json!({}))
            .await;
        (
            stats["portalStats"]["invited"].clone(),
            stats["portalStats"]["active"].clone(),
        )
    };
    let invite = "mutation ($id: ID!) { inviteContacts(input: {contactIds: [$id]}) { invitations { id } } }";
    let invited = house.ask(&house.acme.key, invite, anna(&house)).await;
    let invitation = invited["inviteContacts"]["invitations"][0]["id"].clone();
    assert_eq!(stats().await, (json!(1), json!(0)));
    house.ask(&house.acme.key, REVOKE, anna(&house)).await;
    assert_eq!(stats().await, (json!(0), json!(0)));
    let live = "select count(*) from magic_links where revoked_at is null";
    assert_eq!(house.test.number(live).await, 0);
    let waiting = "select count(*) from messages where status in ('QUEUED', 'DEFERRED')";
    assert_eq!(house.test.number(waiting).await, 0);
    let resend =
        "mutation ($id: ID!) { resendInvitation(input: {invitationId: $id}) { invitation { status } } }";
    let refused = house
        .refused(Some(&house.acme.key), resend, json!({"id": invitation}))
        .await;
    assert_eq!(refused.0, "CONFLICT");
    house.ask(&house.acme.key, RESTORE, anna(&house)).await;
    assert_eq!(stats().await, (json!(1), json!(0)), "invited as before");
    house
        .ask(&house.acme.key, resend, json!({"id": invitation}))
        .await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redeem_at_the_moment_of_the_revocation_leaves_no_session() {
    let house = House::open().await;
    for _ in 0..10 {
        let token = link(&house).await;
        let (_, answers) = tokio::join!(
            house.ask(&house.acme.key, REVOKE, anna(&house)),
            join_all((0..4).map(|_| redeem(&house, &token))),
        );
        let live = "select count(*) from sessions s join contacts c on c.id = s.contact_id
            where c.revoked_at is not null and s.ended_at is null";
        assert_eq!(house.test.number(live).await, 0);
        for access in answers
            .iter()
            .filter_map(|answer| answer["session"]["accessToken"].as_str())
        {
            let ended = house.refused(Some(access), "{ me { id } }", json!({})).await;
            assert_eq!(ended.0, "UNAUTHENTICATED");
        }
        house.ask(&house.acme.key, RESTORE, anna(&house)).await;
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_looks_at_the_contact_itself() {
    let house = House::open().await;
    let session = redeem(&house, &link(&house).await).await["session"].clone();
    // As by hand: nothing ended the session.
    house
        .test
        .run("update contacts set revoked_at = created_at")
        .await;
    let refreshed = house
        .answer(None, REFRESH, json!({"token": session["refreshToken"]}))
        .await;
    assert_eq!(
        refreshed["data"]["refreshSession"]["refusal"]["reason"],
        "SESSION_EXPIRED"
    );
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_deletes_a_contact_ends_its_sessions() {
    let house = House::open().await;
    let delete = "mutation ($id: ID!) { deleteContact(input: {contactId: $id}) { deletedContactId } }";
    house.ask(&house.acme.key, delete, anna(&house)).await;
    let ended = house
        .refused(Some(&house.acme.person), "{ me { id } }", json!({}))
        .await;
    assert_eq!(ended.0, "UNAUTHENTICATED");
    house.stop().await;
}
