//! The profile pages of the dashboard: a team member's password, sessions and fresh proof. Browser tests cover the portal's.

use serde_json::json;
use vestibule::base::actor::Role;
use vestibule::team::model::staff_link::StaffLink;

use crate::support::{TestBrowser, TestServer};

const BEN: &str = "ben@acme.example";
const PASSWORD: &str = "quiet+harbour+lantern+seven";
const NEW_PASSWORD: &str = "another+lantern+over+the+harbour";
const PROFILE: &str = "/dashboard/acme/profile";
const WITH_PASSWORD: &str = "mutation ($password: String!) { signInWithPassword(input: {portal: \"acme\",
    email: \"ben@acme.example\", password: $password, audience: DASHBOARD}) { session { accessToken } refusal { reason } } }";

/// Signs in with a requested link from an email, which is a fresh proof.
async fn by_mail(server: &TestServer) -> TestBrowser<'_> {
    let asked = server.request_login_at("acme", BEN, "DASHBOARD").await;
    let token = server.mailed_staff_token(server.acme.id, &asked.id).await;
    let mut browser = TestBrowser::new(server);
    assert!([200, 303].contains(&browser.redeem(&format!("/dashboard/link/{token}")).await));
    browser
}

async fn signs_in(server: &TestServer, password: &str) -> bool {
    let password = password.replace('+', " ");
    let answer = server
        .request(None, WITH_PASSWORD, json!({"password": password}))
        .await;
    !answer["data"]["signInWithPassword"]["session"].is_null()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_sets_and_changes_a_password_and_ends_sessions() {
    let server = TestServer::open().await;
    server.member(BEN, Role::ReadOnly).await;
    let mut ben = by_mail(&server).await;
    let (status, page) = ben.open(PROFILE).await;
    assert_eq!(status, 200);
    assert!(
        page.contains(BEN) && page.contains("Set password") && page.contains("(this device)"),
        "{page}"
    );
    let action = format!("{PROFILE}/password");
    assert_eq!(ben.submit(PROFILE, &action, "&new=short").await, 400);
    assert_eq!(
        ben.submit(PROFILE, &action, &format!("&new={PASSWORD}")).await,
        200
    );
    assert!(signs_in(&server, PASSWORD).await);

    let (_, page) = ben.open(PROFILE).await;
    assert_eq!(page.matches(">End<").count(), 1, "the other sign-in: {page}");
    let change = |current: &str| format!("&current={current}&new={NEW_PASSWORD}");
    assert_eq!(ben.submit(PROFILE, &action, &change("wrong")).await, 400);
    assert_eq!(ben.submit(PROFILE, &action, &change(PASSWORD)).await, 200);
    assert!(!signs_in(&server, PASSWORD).await && signs_in(&server, NEW_PASSWORD).await);
    let live = "select count(*) from sessions s join team_members m on m.id = s.team_member_id
        where m.email = 'ben@acme.example' and s.ended_at is null";
    assert_eq!(
        server.test.number(live).await,
        2,
        "the change has ended the first sign-in"
    );

    assert_eq!(ben.submit(PROFILE, &format!("{PROFILE}/end-all"), "").await, 303);
    assert_eq!(server.test.number(live).await, 0);
    assert_eq!(ben.open(PROFILE).await.0, 303);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_the_command_line_is_not_a_proof_and_an_emailed_code_is() {
    let server = TestServer::open().await;
    let member = server.member(BEN, Role::Staff).await;
    let mut conn = server.test.db.conn().await.expect("a connection");
    let link = StaffLink::issue(&mut conn, server.acme.id, member.id, &server.clock.moment()).await;
    let link = link.expect("a link").reveal();
    drop(conn);
    let mut ben = TestBrowser::new(&server);
    assert_eq!(ben.redeem(&format!("/dashboard/link/{link}")).await, 303);
    let (_, page) = ben.open(PROFILE).await;
    assert!(
        page.contains("/dashboard/acme/step-up") && !page.contains("Set password"),
        "{page}"
    );

    let step_up = "/dashboard/acme/step-up";
    assert_eq!(ben.submit(step_up, &format!("{step_up}/mail"), "").await, 303);
    let challenge = server
        .test
        .texts("select id::text from challenges")
        .await
        .remove(0)
        .expect("an id");
    let challenge = vestibule::base::ids::ChallengeId(challenge.parse().expect("a UUID")).to_string();
    let wrong = server.wrong_code(server.acme.id, &challenge);
    assert_eq!(ben.submit(step_up, step_up, &format!("&code={wrong}")).await, 400);
    let code = server.code(server.acme.id, &challenge);
    assert_eq!(ben.submit(step_up, step_up, &format!("&code={code}")).await, 303);
    assert!(ben.open(PROFILE).await.1.contains("Set password"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_visible_only_to_its_member() {
    let server = TestServer::open().await;
    server.member(BEN, Role::Staff).await;
    let mut stranger = TestBrowser::new(&server);
    assert_eq!(stranger.open(PROFILE).await.0, 303);
    assert_eq!(stranger.open("/dashboard/nowhere/profile").await.0, 404);
    assert_eq!(stranger.open("/dashboard/No%20slug/profile").await.0, 404);
    let mut ben = by_mail(&server).await;
    assert_eq!(ben.open(PROFILE).await.0, 200);
    assert_eq!(ben.open("/dashboard/other/profile").await.0, 303);
    // A cookie of one account with the name of another.
    let cookie = ben
        .cookies
        .iter()
        .find(|(name, _)| name.ends_with("_acme"))
        .expect("a cookie");
    let (name, value) = (cookie.0.replace("_acme", "_other"), cookie.1.clone());
    ben.cookies.insert(name, value);
    assert_eq!(ben.open("/dashboard/other/profile").await.0, 303);
    // A portal session is never a dashboard session.
    let mut anna = TestBrowser::new(&server);
    server.request_login("anna@acme.example").await;
    let token = server.mailed_token(1).await;
    anna.redeem(&format!("/p/acme/link/{token}")).await;
    assert_eq!(anna.open("/p/acme/profile").await.0, 200);
    assert_eq!(anna.open(PROFILE).await.0, 303);
    server.stop().await;
}
