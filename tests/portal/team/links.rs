//! The link of an invitation to the team, and the sessions it opens.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;
use vestibule::base::actor::{Client, Role};
use vestibule::base::ids::{AccountId, StaffLinkId};
use vestibule::base::secrets::PlainSecret;
use vestibule::sign_in::auth_context::Viewer;
use vestibule::sign_in::open_session::{SessionCredential, SessionTransport};
use vestibule::team::model::staff_link::StaffLink;

use super::{INVITE, REMOVE};
use crate::support::{TestApi, TestSignIn};

/// The links in the messages to the members of an account, newest last.
async fn links(api: &TestApi, account: AccountId) -> Vec<PlainSecret> {
    let query = format!(
        "select about::text from messages where kind = 'TEAM_INVITATION' and account_id = '{}' order by id",
        account.0
    );
    let key = &api.services.sign_in.keys.staff_link;
    let ids = api.test.test.texts(&query).await;
    let secret = |id: &String| {
        StaffLink::emailed_secret(key, account, StaffLinkId(Uuid::parse_str(id).expect("an id")))
    };
    ids.iter().flatten().map(secret).collect()
}

async fn redeem(api: &TestApi, secret: &PlainSecret) -> Option<Role> {
    let sign_in = TestSignIn::new(&api.services);
    let done = sign_in
        .with_staff_link(secret, SessionTransport::Bearer, &Client::default())
        .await;
    let signed_in = done.expect("an answer")?;
    assert!(matches!(signed_in.credential, SessionCredential::Tokens(_)));
    signed_in.role
}

const RESEND: &str =
    "mutation ($id: ID!) { resendTeamInvitation(input: {teamMemberId: $id}) { teamMember { id joinedAt } } }";

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_is_sent_again_has_a_new_link_in_place_of_the_old_one() {
    let api = TestApi::open().await;
    let (owner, account) = (api.owner().await, api.test.account.id);
    let invited = api
        .data(
            &owner,
            INVITE,
            json!({"email": "bo@example.com", "role": "STAFF"}),
        )
        .await;
    let id = invited["inviteTeamMember"]["teamMember"]["id"].clone();
    let taken = "select sum(message_count)::bigint from message_days";
    let before = api.test.test.number(taken).await;
    api.test.clock.advance(TimeDelta::hours(30));
    let resent = api.data(&owner, RESEND, json!({ "id": id })).await;
    let expected = json!({"resendTeamInvitation": {"teamMember": {"id": id, "joinedAt": null}}});
    assert_eq!(resent, expected);
    api.test.clock.advance(TimeDelta::seconds(1));
    api.data(&owner, RESEND, json!({ "id": id })).await;
    assert_eq!(api.test.test.number(taken).await, before + 2);
    let [first, second, third] = <[PlainSecret; 3]>::try_from(links(&api, account).await).expect("three");
    for ended in [first, second] {
        assert_eq!(redeem(&api, &ended).await, None);
    }
    assert_eq!(redeem(&api, &third).await, Some(Role::Staff));
    let joined = api.error(&owner, RESEND, json!({ "id": id })).await;
    assert_eq!(joined, ("CONFLICT".into(), Some("input.teamMemberId".into())));
    let admin = api.member("admin@example.com", Role::Admin).await;
    let chief = json!({"email": "chief@example.com", "role": "OWNER"});
    let chief = api.data(&owner, INVITE, chief).await["inviteTeamMember"]["teamMember"]["id"].clone();
    let refused = api.error(&admin, RESEND, json!({ "id": chief })).await;
    assert_eq!(refused.0, "FORBIDDEN");
    let events =
        "select count(*) from audit_events where kind = 'MEMBER_INVITATION_RESENT' and actor like 'member_%'";
    assert_eq!(api.test.test.number(events).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_an_invitation_signs_in_once_within_24_hours() {
    let api = TestApi::open().await;
    let (owner, account) = (api.owner().await, api.test.account.id);
    for email in ["in.time@example.com", "too.late@example.com"] {
        api.data(&owner, INVITE, json!({"email": email, "role": "STAFF"}))
            .await;
    }
    let [in_time, too_late] = <[PlainSecret; 2]>::try_from(links(&api, account).await).expect("two");
    api.test
        .clock
        .advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(redeem(&api, &in_time).await, Some(Role::Staff));
    assert_eq!(redeem(&api, &in_time).await, None, "once");
    api.test.clock.advance(TimeDelta::seconds(1));
    assert_eq!(redeem(&api, &too_late).await, None);
    let joined = "select count(*) from team_members where joined_at is not null";
    assert_eq!(api.test.test.number(joined).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_removed_member_stays_invalid_when_it_is_invited_again() {
    let api = TestApi::open().await;
    let (owner, account) = (api.owner().await, api.test.account.id);
    let invite = json!({"email": "bo@example.com", "role": "ADMIN"});
    let created = api.data(&owner, INVITE, invite.clone()).await;
    let id = created["inviteTeamMember"]["teamMember"]["id"].clone();
    api.data(&owner, REMOVE, json!({"id": id})).await;
    let waiting = "select count(*) from messages where status = 'QUEUED'";
    assert_eq!(api.test.test.number(waiting).await, 0, "no letter goes out");
    api.test.clock.advance(TimeDelta::seconds(1));
    api.data(&owner, INVITE, invite).await;
    let links = links(&api, account).await;
    assert_eq!(redeem(&api, &links[0]).await, None);
    assert_eq!(redeem(&api, &links[1]).await, Some(Role::Admin));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_several_accounts_signs_in_to_each() {
    let api = TestApi::open().await;
    let (owner, stranger) = (api.owner().await, api.owner_of_other_account().await);
    api.data(
        &owner,
        INVITE,
        json!({"email": "bo@example.com", "role": "STAFF"}),
    )
    .await;
    api.data(
        &stranger,
        INVITE,
        json!({"email": "bo@example.com", "role": "ADMIN"}),
    )
    .await;
    for (caller, role) in [(&owner, Role::Staff), (&stranger, Role::Admin)] {
        let account = Viewer::account(caller).expect("an account");
        assert_eq!(redeem(&api, &links(&api, account).await[0]).await, Some(role));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_has_the_current_role_and_fails_after_the_removal() {
    let api = TestApi::open().await;
    let (owner, account) = (api.owner().await, api.test.account.id);
    api.data(
        &owner,
        INVITE,
        json!({"email": "bo@example.com", "role": "STAFF"}),
    )
    .await;
    let link = links(&api, account).await.remove(0);
    let sign_in = TestSignIn::new(&api.services);
    let client = Client::default();
    let done = sign_in
        .with_staff_link(&link, SessionTransport::Bearer, &client)
        .await;
    let SessionCredential::Tokens(pair) = done.expect("an answer").expect("a session").credential else {
        panic!("no pair");
    };
    // A manual change in the database: nothing ended the session.
    api.test
        .test
        .run("update team_members set role = 'READ_ONLY' where email = 'bo@example.com'")
        .await;
    let (pair, role) = sign_in
        .refresh(&pair.refresh, &client)
        .await
        .expect("an answer")
        .expect("a pair");
    assert_eq!(role, Some(Role::ReadOnly));
    api.test
        .test
        .run("update team_members set removed_at = created_at where email = 'bo@example.com'")
        .await;
    assert!(
        sign_in
            .refresh(&pair.refresh, &client)
            .await
            .expect("an answer")
            .is_none()
    );
}
