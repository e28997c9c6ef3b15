//! "Why can't they get in?"

use serde_json::{Value, json};

use crate::support::{TestServer, wait_until};

const REPORT: &str =
    "query ($id: ID!, $item: ID) { contact(id: $id) { accessReport(itemId: $item) { canSignIn canOpen
    steps { kind outcome reason message at action targetId } } } }";

struct Report(Value);

impl Report {
    async fn of(server: &TestServer, contact: &str, item: Option<&str>) -> Self {
        let found = server
            .data(
                &server.acme.read_key,
                REPORT,
                json!({"id": contact, "item": item}),
            )
            .await;
        Self(found["contact"]["accessReport"].clone())
    }

    /// The outcome, the reason and the action of each step of these kinds.
    fn steps(&self, kinds: &[&str]) -> Vec<(String, String, String)> {
        let text = |step: &Value, name: &str| step[name].as_str().unwrap_or("-").to_owned();
        let steps = self.0["steps"].as_array().expect("steps");
        let selected = steps
            .iter()
            .filter(|step| kinds.contains(&step["kind"].as_str().expect("a kind")));
        selected
            .map(|step| (text(step, "outcome"), text(step, "reason"), text(step, "action")))
            .collect()
    }

    fn one(&self, kind: &str) -> (String, String, String) {
        self.steps(&[kind])
            .pop()
            .unwrap_or_else(|| panic!("no {kind}: {}", self.0))
    }
}

fn step(outcome: &str, reason: &str, action: &str) -> (String, String, String) {
    (outcome.to_owned(), reason.to_owned(), action.to_owned())
}

async fn create_contact(server: &TestServer, input: &str) -> String {
    let create = format!("mutation {{ createContact(input: {{{input}}}) {{ contact {{ id }} }} }}");
    let made = server.data(&server.acme.staff, &create, json!({})).await;
    made["createContact"]["contact"]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_without_an_address_or_with_revoked_access_is_stopped() {
    let server = TestServer::open().await;
    let nobody = create_contact(&server, "firstName: \"Jo\", phone: \"+4915112345678\"").await;
    let report = Report::of(&server, &nobody, None).await;
    assert_eq!(
        (&report.0["canSignIn"], &report.0["canOpen"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(report.one("ADDRESS"), step("FAIL", "NO_ADDRESS", "EDIT_CONTACT"));
    assert_eq!(report.one("INVITATION"), step("WARN", "NEVER_INVITED", "INVITE"));
    let jo = create_contact(&server, "email: \"jo@example.com\"").await;
    let report = Report::of(&server, &jo, None).await;
    assert_eq!(report.0["canSignIn"], true, "{}", report.0);
    let revoke = "mutation ($id: ID!) { revokePortalAccess(input: {contactId: $id}) { contact { id } } }";
    server.data(&server.acme.staff, revoke, json!({"id": jo})).await;
    let report = Report::of(&server, &jo, None).await;
    assert_eq!(report.0["canSignIn"], false);
    assert_eq!(
        report.one("REVOCATION"),
        step("FAIL", "REVOKED", "RESTORE_ACCESS")
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invitation_delivery_and_link_tell_their_state() {
    let server = TestServer::open().await;
    let jo = create_contact(&server, "email: \"jo@example.com\"").await;
    let invite = "mutation ($id: ID!) { inviteContacts(input: {contactIds: [$id]}) { invitations { id } } }";
    server.data(&server.acme.staff, invite, json!({"id": jo})).await;
    wait_until("the invitation is sent", async || {
        Report::of(&server, &jo, None).await.one("DELIVERY").1 == "MESSAGE_SENT"
    })
    .await;
    let report = Report::of(&server, &jo, None).await;
    assert_eq!(
        report.steps(&["INVITATION", "EMAIL", "DELIVERY", "LINK"]),
        [
            step("PASS", "INVITATION_OPEN", "-"),
            step("PASS", "EMAIL_ALLOWED", "-"),
            step("PASS", "MESSAGE_SENT", "-"),
            step("PASS", "LINK_LIVE", "-"),
        ]
    );
    server.clock.advance(chrono::TimeDelta::days(8));
    let report = Report::of(&server, &jo, None).await;
    assert_eq!(
        report.steps(&["INVITATION", "LINK"]),
        [
            step("WARN", "INVITATION_EXPIRED", "RESEND_INVITATION"),
            step("WARN", "LINK_EXPIRED", "SEND_LOGIN_EMAIL"),
        ]
    );
    assert_eq!(report.0["canSignIn"], true, "a login email can be asked for");
    let suppress = "insert into suppressions (account_id, email_key, reason, created_at)
        select account_id, email_key, '550 no such user', now() from contacts where email_key = 'jo@example.com'";
    server.test.run(suppress).await;
    let report = Report::of(&server, &jo, None).await;
    assert_eq!(
        report.one("EMAIL"),
        step("FAIL", "EMAIL_SUPPRESSED", "RESUME_EMAIL")
    );
    assert_eq!(report.0["canSignIn"], false);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_signs_in_by_google_alone_has_no_way_for_others() {
    let server = TestServer::open().await;
    let jo = create_contact(&server, "email: \"jo@example.com\"").await;
    server
        .test
        .run("update accounts set link_allowed = false, code_allowed = false, password_allowed = false where slug = 'acme'")
        .await;
    let report = Report::of(&server, &jo, None).await;
    assert_eq!(report.one("METHOD"), step("FAIL", "NO_METHOD", "CHANGE_SETTINGS"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_says_why_it_is_closed() {
    let server = TestServer::open().await;
    let jo = create_contact(&server, "email: \"jo@example.com\"").await;
    let create = "mutation { createCourse(input: {title: \"Baking\"}) { course { id } } }";
    let made = server.data(&server.acme.staff, create, json!({})).await;
    let course = made["createCourse"]["course"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let about = async |kinds: &[&str]| Report::of(&server, &jo, Some(&course)).await.steps(kinds);
    assert_eq!(
        about(&["CONTENT", "GRANT"]).await,
        [
            step("FAIL", "CONTENT_DRAFT", "PUBLISH"),
            step("FAIL", "NOT_GRANTED", "GRANT")
        ]
    );
    let publish =
        "mutation ($id: ID!) { updateCourse(input: {courseId: $id, status: PUBLISHED}) { course { id } } }";
    server
        .data(&server.acme.staff, publish, json!({"id": course}))
        .await;
    let assign = "mutation ($input: AssignCoursesInput!) { assignCourses(input: $input) { count } }";
    let soon = (server.clock.now() + chrono::TimeDelta::days(1)).to_rfc3339();
    let later = (server.clock.now() + chrono::TimeDelta::days(2)).to_rfc3339();
    let input = json!({"contactId": jo, "add": [course], "startsAt": soon, "endsAt": later});
    server
        .data(&server.acme.key, assign, json!({"input": input}))
        .await;
    assert_eq!(
        about(&["GRANT"]).await,
        [step("FAIL", "GRANT_NOT_STARTED", "GRANT")]
    );
    server.clock.advance(chrono::TimeDelta::hours(25));
    let report = Report::of(&server, &jo, Some(&course)).await;
    assert_eq!(report.one("GRANT"), step("PASS", "GRANTED", "-"));
    assert_eq!(
        (&report.0["canSignIn"], &report.0["canOpen"]),
        (&json!(true), &json!(true))
    );
    let off = "update accounts set sections = '{HOME,COMMUNITIES}' where slug = 'acme'";
    server.test.run(off).await;
    assert_eq!(
        about(&["SECTION"]).await,
        [step("FAIL", "SECTION_OFF", "CHANGE_SETTINGS")]
    );
    server.clock.advance(chrono::TimeDelta::hours(24));
    assert_eq!(about(&["GRANT"]).await, [step("FAIL", "GRANT_ENDED", "GRANT")]);
    let again = json!({"contactId": jo, "add": [course]});
    server
        .data(&server.acme.key, assign, json!({"input": again}))
        .await;
    let remove = json!({"contactId": jo, "remove": [course]});
    server
        .data(&server.acme.key, assign, json!({"input": remove}))
        .await;
    assert_eq!(about(&["GRANT"]).await, [step("FAIL", "GRANT_REVOKED", "GRANT")]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_course_is_not_found_and_another_id_is_refused() {
    let server = TestServer::open().await;
    let jo = create_contact(&server, "email: \"jo@example.com\"").await;
    let create = "mutation { createCourse(input: {title: \"Theirs\"}) { course { id } } }";
    let made = server.data(&server.other.owner, create, json!({})).await;
    let foreign = &made["createCourse"]["course"]["id"];
    for (item, code) in [(foreign.clone(), "NOT_FOUND"), (json!(jo), "BAD_USER_INPUT")] {
        let variables = json!({"id": jo, "item": item});
        let error = server.error(Some(&server.acme.read_key), REPORT, variables).await;
        assert_eq!(error, (code.to_owned(), Some("itemId".to_owned())));
    }
    server.stop().await;
}
