//! Every operation, and what each caller gets for it.

use serde_json::{Value, json};

use crate::support::House;

/// What an actor gets: the code of an error, or that it went well.
pub type Expected = &'static str;

pub struct Case {
    pub query: &'static str,
    pub variables: fn(&Ids) -> Value,
    pub anonymous: Expected,
    pub reader: Expected,
    pub contact: Expected,
    pub owner: Expected,
    pub foreign: Expected,
}

/// Ids of the account acme.
pub struct Ids {
    pub contact: String,
    pub invitation: String,
    pub link: String,
    pub job: String,
    pub message: String,
}

pub const OK: Expected = "OK";
pub const NULL: Expected = "NULL";
pub const NOBODY: Expected = "UNAUTHENTICATED";
pub const NO: Expected = "FORBIDDEN";
pub const GONE: Expected = "NOT_FOUND";

const fn read(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        anonymous: NOBODY,
        reader: OK,
        contact: NO,
        owner: OK,
        foreign: OK,
    }
}

/// A look at one thing, which another account does not see.
const fn find(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        anonymous: NOBODY,
        reader: OK,
        contact: NO,
        owner: OK,
        foreign: NULL,
    }
}

/// A change of something that exists.
const fn change(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        anonymous: NOBODY,
        reader: NO,
        contact: NO,
        owner: OK,
        foreign: GONE,
    }
}

/// Something new, which each account may make for itself.
const fn make(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        anonymous: NOBODY,
        reader: NO,
        contact: NO,
        owner: OK,
        foreign: OK,
    }
}

/// Open to anyone, with the same answer for all.
const fn open(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        anonymous: OK,
        reader: OK,
        contact: OK,
        owner: OK,
        foreign: OK,
    }
}

/// For whoever is signed in, about themselves.
const fn own(query: &'static str) -> Case {
    Case {
        query,
        variables: none,
        anonymous: NOBODY,
        reader: NO,
        contact: OK,
        owner: OK,
        foreign: OK,
    }
}

fn none(_: &Ids) -> Value {
    json!({})
}

pub const CASES: &[Case] = &[
    read("{ r: portal { id name stats { invited } } }", none),
    read("{ r: portalStats { invited active version } }", none),
    read("{ r: invitedUsers { totalCount nodes { id } } }", none),
    read("{ r: activeUsers { totalCount nodes { id } } }", none),
    read(
        "{ r: contacts { totalCount nodes { id invitation { id } magicLinks { totalCount } messages { totalCount } } } }",
        none,
    ),
    read(
        "{ r: invitations { totalCount nodes { id contact { id } } } }",
        none,
    ),
    read(
        "{ r: magicLinks { totalCount nodes { id contact { id } message { id } } } }",
        none,
    ),
    read(
        "{ r: messages { totalCount nodes { id contact { id } magicLink { id } invitation { id } } } }",
        none,
    ),
    read(
        "{ r: bulkJobs { totalCount nodes { id items { totalCount } } } }",
        none,
    ),
    read(
        "{ r: recentActivity { totalCount nodes { id kind contact { id } } } }",
        none,
    ),
    read(
        "query ($id: ID!) { r: nodes(ids: [$id]) { id } }",
        |ids| json!({"id": ids.contact}),
    ),
    find(
        "query ($id: ID!) { r: node(id: $id) { id } }",
        |ids| json!({"id": ids.contact}),
    ),
    find(
        "query ($id: ID!) { r: node(id: $id) { id } }",
        |ids| json!({"id": ids.invitation}),
    ),
    find(
        "query ($id: ID!) { r: node(id: $id) { id } }",
        |ids| json!({"id": ids.link}),
    ),
    find(
        "query ($id: ID!) { r: node(id: $id) { id } }",
        |ids| json!({"id": ids.message}),
    ),
    find(
        "query ($id: ID!) { r: node(id: $id) { id } }",
        |ids| json!({"id": ids.job}),
    ),
    find(
        "query ($id: ID!) { r: contact(id: $id) { id email } }",
        |ids| json!({"id": ids.contact}),
    ),
    find("{ r: contact(email: \"ANNA@acme.example\") { id } }", none),
    find(
        "query ($id: ID!) { r: bulkJob(id: $id) { id status } }",
        |ids| json!({"id": ids.job}),
    ),
    make(
        "mutation { r: inviteContacts(input: {emails: [\"new@example.com\"]}) { count } }",
        none,
    ),
    make(
        "mutation ($id: ID!) { r: sendLoginEmails(input: {contactIds: [$id]}) { count } }",
        |ids| json!({"id": ids.contact}),
    ),
    make(
        "mutation { r: createContact(input: {email: \"made@example.com\"}) { contact { id } } }",
        none,
    ),
    make(
        "mutation { r: generateCustomMenuLink(input: {section: COURSES}) { url } }",
        none,
    ),
    change(
        "mutation ($id: ID!) { r: generateMagicLink(input: {contactId: $id}) { url } }",
        |ids| json!({"id": ids.contact}),
    ),
    change(
        "mutation ($id: ID!) { r: revokeMagicLink(input: {magicLinkId: $id}) { magicLink { status } } }",
        |ids| json!({"id": ids.link}),
    ),
    change(
        "mutation ($id: ID!) { r: resendInvitation(input: {invitationId: $id}) { invitation { sentCount } } }",
        |ids| json!({"id": ids.invitation}),
    ),
    change(
        "mutation ($id: ID!) { r: cancelInvitation(input: {invitationId: $id}) { invitation { status } } }",
        |ids| json!({"id": ids.invitation}),
    ),
    change(
        "mutation ($id: ID!) { r: updateContact(input: {contactId: $id, firstName: \"Ann\"}) { contact { firstName } } }",
        |ids| json!({"id": ids.contact}),
    ),
    change(
        "mutation ($id: ID!) { r: pauseBulkJob(input: {bulkJobId: $id}) { bulkJob { status } } }",
        |ids| json!({"id": ids.job}),
    ),
    change(
        "mutation ($id: ID!) { r: resumeBulkJob(input: {bulkJobId: $id}) { bulkJob { status } } }",
        |ids| json!({"id": ids.job}),
    ),
    change(
        "mutation ($id: ID!) { r: cancelBulkJob(input: {bulkJobId: $id}) { bulkJob { status } } }",
        |ids| json!({"id": ids.job}),
    ),
    change(
        "mutation ($id: ID!) { r: deleteContact(input: {contactId: $id}) { deletedContactId } }",
        |ids| json!({"id": ids.contact}),
    ),
    open("{ r: publicPortal(portal: \"acme\") { name slug url } }", none),
    open(
        "mutation { r: requestLoginEmail(input: {portal: \"acme\", email: \"who@example.com\"}) { challengeId } }",
        none,
    ),
    open(
        "mutation { r: requestLoginCode(input: {portal: \"acme\", email: \"who@example.com\"}) { challengeId } }",
        none,
    ),
    open(
        "mutation { r: signInWithCode(input: {challengeId: \"challenge_no\", code: \"123456\"}) { refusal { reason } } }",
        none,
    ),
    open(
        "mutation { r: signInWithChallenge(input: {challengeId: \"challenge_no\", deviceSecret: \"device_no\"}) { refusal { reason } } }",
        none,
    ),
    // Only the session that its own link opened may.
    Case {
        query: "mutation { r: confirmSignIn(input: {challengeId: \"challenge_no\", deny: true}) { state } }",
        variables: none,
        anonymous: NOBODY,
        reader: NO,
        contact: NO,
        owner: NO,
        foreign: NO,
    },
    Case {
        query: "mutation { r: stepUp(input: {challengeId: \"challenge_no\", code: \"123456\"}) { refusal { reason } } }",
        variables: none,
        anonymous: NOBODY,
        reader: NO,
        contact: OK,
        owner: OK,
        foreign: OK,
    },
    open(
        "mutation { r: signInWithMagicLink(input: {token: \"link_no\"}) { refusal { reason } } }",
        none,
    ),
    open(
        "mutation { r: refreshSession(input: {refreshToken: \"refresh_no\"}) { refusal { reason } } }",
        none,
    ),
    open(
        "mutation { r: signInWithPassword(input: {portal: \"acme\", email: \"who@example.com\", password: \"x\"}) { refusal { reason } } }",
        none,
    ),
    open(
        "mutation { r: requestPasswordReset(input: {portal: \"acme\", email: \"who@example.com\"}) { accepted } }",
        none,
    ),
    open(
        "mutation { r: resetPassword(input: {token: \"reset_no\", newPassword: \"x\"}) { refusal { reason } } }",
        none,
    ),
    own("mutation { r: setPassword(input: {newPassword: \"x\"}) { refusal { reason } } }"),
    own(
        "mutation { r: changePassword(input: {currentPassword: \"x\", newPassword: \"y\"}) { refusal { reason } } }",
    ),
    Case {
        query: "{ r: viewer { __typename } }",
        variables: none,
        anonymous: NULL,
        reader: OK,
        contact: OK,
        owner: OK,
        foreign: OK,
    },
    Case {
        query: "{ r: me { id } }",
        variables: none,
        anonymous: NULL,
        reader: NULL,
        contact: OK,
        owner: NULL,
        foreign: NULL,
    },
    Case {
        query: "mutation { r: signOut { signedOut } }",
        variables: none,
        anonymous: NOBODY,
        reader: NO,
        contact: OK,
        owner: OK,
        foreign: OK,
    },
];

pub fn outcome(answer: &Value) -> &str {
    match answer["errors"][0]["extensions"]["code"].as_str() {
        Some(code) => code,
        None if answer["data"]["r"].is_null() => "NULL",
        None => "OK",
    }
}

/// One of each kind of thing in acme; the job rests, so that it can be paused, resumed and cancelled.
pub async fn furnish(house: &House) -> Ids {
    let key = &house.acme.key;
    let contact = house.acme.contact.to_string();
    let invited = house
        .ask(
            key,
            "mutation ($id: ID!) { inviteContacts(input: {contactIds: [$id]}) { invitations { id } } }",
            json!({"id": contact}),
        )
        .await;
    let made = house
        .ask(
            key,
            "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { magicLink { id } } }",
            json!({"id": contact}),
        )
        .await;
    let messages = house.ask(key, "{ messages { nodes { id } } }", json!({})).await;
    let job = vestibule::ids::BulkJobId::new(&house.clock.moment());
    house
        .test
        .run(&format!(
            "insert into bulk_jobs (account_id, id, kind, status, plan, total_count, requested_by, due_at, created_at)
             values ('{}', '{}', 'INVITE', 'QUEUED', '{{\"section\": \"HOME\"}}', 1, 'system', '2100-01-01Z', '2026-01-01Z')",
            house.acme.id.0, job.0
        ))
        .await;
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    Ids {
        contact,
        invitation: text(&invited["inviteContacts"]["invitations"][0]["id"]),
        link: text(&made["generateMagicLink"]["magicLink"]["id"]),
        job: job.to_string(),
        message: text(&messages["messages"]["nodes"][0]["id"]),
    }
}

impl Case {
    /// What leaves a caller without a credential needs a house of its own.
    pub fn ends_a_credential(&self) -> bool {
        self.query.contains("signOut") || self.query.contains("deleteContact")
    }
}
