//! Who may call what: every operation as anonymous, with a key that may only read, as the owner, and as the owner of
//! another account, with the exact code expected.

use serde_json::{Value, json};

use crate::support::House;

/// What an actor gets: the code of an error, or that it went well.
type Expected = &'static str;

struct Case {
    query: &'static str,
    variables: fn(&Ids) -> Value,
    anonymous: Expected,
    reader: Expected,
    contact: Expected,
    owner: Expected,
    foreign: Expected,
}

/// Ids of the account acme.
struct Ids {
    contact: String,
    invitation: String,
    link: String,
    job: String,
    message: String,
}

const OK: Expected = "OK";
const NULL: Expected = "NULL";
const NOBODY: Expected = "UNAUTHENTICATED";
const NO: Expected = "FORBIDDEN";
const GONE: Expected = "NOT_FOUND";

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

fn none(_: &Ids) -> Value {
    json!({})
}

const CASES: &[Case] = &[
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
        "mutation { r: signInWithMagicLink(input: {token: \"link_no\"}) { refusal { reason } } }",
        none,
    ),
    open(
        "mutation { r: refreshSession(input: {refreshToken: \"refresh_no\"}) { refusal { reason } } }",
        none,
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

fn outcome(answer: &Value) -> &str {
    match answer["errors"][0]["extensions"]["code"].as_str() {
        Some(code) => code,
        None if answer["data"]["r"].is_null() => "NULL",
        None => "OK",
    }
}

/// One of each kind of thing in acme; the job rests, so that it can be paused, resumed and cancelled.
async fn furnish(house: &House) -> Ids {
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

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_answers_each_caller_with_the_code_of_the_contract() {
    let mut wrong = Vec::new();
    let (ending, lasting): (Vec<&Case>, Vec<&Case>) = CASES.iter().partition(|case| case.ends_a_credential());
    let house = House::open().await;
    try_all(&house, &lasting, &mut wrong).await;
    house.stop().await;
    for case in ending {
        let house = House::open().await;
        try_all(&house, &[case], &mut wrong).await;
        house.stop().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Case {
    /// What leaves a caller without a credential needs a house of its own.
    fn ends_a_credential(&self) -> bool {
        self.query.contains("signOut") || self.query.contains("deleteContact")
    }
}

async fn try_all(house: &House, cases: &[&Case], wrong: &mut Vec<String>) {
    let ids = furnish(house).await;
    let (acme, other) = (&house.acme, &house.other);
    for case in cases {
        // The owner last: what the others may not do must not have happened before.
        let callers = [
            ("anonymous", None, case.anonymous),
            ("a key that may only read", Some(&acme.read_key), case.reader),
            ("a contact", Some(&acme.person), case.contact),
            ("another account's owner", Some(&other.owner), case.foreign),
            ("the owner", Some(&acme.owner), case.owner),
        ];
        for (who, credential, expected) in callers {
            let answer = house
                .answer(credential.map(String::as_str), case.query, (case.variables)(&ids))
                .await;
            if outcome(&answer) != expected {
                wrong.push(format!(
                    "{who}: {} gave {} and not {expected}: {answer}",
                    case.query,
                    outcome(&answer)
                ));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_only_reads_changes_nothing() {
    let house = House::open().await;
    let ids = furnish(&house).await;
    for case in CASES
        .iter()
        .filter(|case| case.reader == NO && !case.query.contains("signOut"))
    {
        let answer = house
            .answer(Some(&house.acme.read_only), case.query, (case.variables)(&ids))
            .await;
        assert_eq!(outcome(&answer), NO, "{}", case.query);
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_root_field_of_the_schema_is_in_the_table() {
    let house = House::open().await;
    let schema = house
        .ask(
            &house.acme.key,
            "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }",
            json!({}),
        )
        .await;
    let fields = ["queryType", "mutationType"].into_iter().flat_map(|root| {
        schema["__schema"][root]["fields"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    });
    let missing: Vec<String> = fields
        .map(|field| field["name"].as_str().unwrap_or_default().to_owned())
        // A file is uploaded by a request of its own kind, which has its own test.
        .filter(|name| name != "importContacts")
        .filter(|name| {
            !CASES
                .iter()
                .any(|case| case.query.contains(&format!("r: {name}")))
        })
        .collect();
    assert_eq!(missing, Vec::<String>::new());
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_credential_is_an_error_and_never_anonymity() {
    let house = House::open().await;
    let query = "{ publicPortal(portal: \"acme\") { name } }";
    let stale = house.acme.owner.clone();
    for token in [
        "rubbish",
        "apikey_x",
        &stale[..stale.len() - 2],
        &house.acme.key[..house.acme.key.len() - 1],
    ] {
        let answer = house
            .http
            .post(format!("{}/graphql", house.url))
            .bearer_auth(token)
            .json(&json!({"query": query}));
        let answer = answer.send().await.expect("an answer");
        assert_eq!(answer.status(), 401, "{token}");
    }
    house.clock.advance(chrono::TimeDelta::minutes(11));
    assert_eq!(
        house.refused(Some(&stale), query, json!({})).await.0,
        "UNAUTHENTICATED"
    );
    // A sign-in beside a stale token works.
    let refresh = "mutation { refreshSession(input: {refreshToken: \"refresh_no\"}) { refusal { reason } } }";
    let answer = house.answer(Some(&stale), refresh, json!({})).await;
    assert_eq!(
        answer["data"]["refreshSession"]["refusal"]["reason"],
        "SESSION_EXPIRED"
    );
    house.stop().await;
}

const IMPORT: &str =
    "mutation ($csv: Upload!, $invite: Boolean) { importContacts(input: {csv: $csv, invite: $invite}) {
    bulkJob { id kind total failed } unknownColumns } }";

async fn upload(house: &House, credential: &str, file: Vec<u8>) -> Value {
    let operations = json!({"query": IMPORT, "variables": {"csv": null}});
    let form = reqwest::multipart::Form::new()
        .text("operations", operations.to_string())
        .text("map", r#"{"0": ["variables.csv"]}"#)
        .part("0", reqwest::multipart::Part::bytes(file).file_name("people.csv"));
    let request = house
        .http
        .post(format!("{}/graphql", house.url))
        .bearer_auth(credential);
    let answer = request
        .header("apollo-require-preflight", "1")
        .multipart(form)
        .send()
        .await;
    answer.expect("an answer").json().await.expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_contacts_is_imported_by_who_may_and_refused_with_the_reason() {
    let house = House::open().await;
    let file = b"Email;First_Name;shoe size\r\nnew@example.com;Zo\xc3\xab;38\r\nnope;;\r\n".to_vec();
    for credential in [&house.acme.read_key, &house.acme.read_only, &house.acme.person] {
        assert_eq!(
            upload(&house, credential, file.clone()).await["errors"][0]["extensions"]["code"],
            NO
        );
    }
    let done = upload(&house, &house.acme.key, file).await;
    let payload = &done["data"]["importContacts"];
    assert_eq!(payload["unknownColumns"], json!(["shoe size"]), "{done}");
    crate::support::until("the import ends", async || {
        house
            .test
            .number("select count(*) from contacts where first_name = 'Zoë'")
            .await
            == 1
    })
    .await;
    for faulty in [
        &b"PK\x03\x04zip"[..],
        b"name\nAnna\n",
        b"email\n\xff\xfe@example.com\n",
        b"",
    ] {
        let refused = upload(&house, &house.acme.key, faulty.to_vec()).await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{refused}"
        );
        assert_eq!(refused["errors"][0]["extensions"]["field"], "input.csv");
    }
    assert_eq!(
        house.test.number("select count(*) from bulk_jobs").await,
        1,
        "nothing half done"
    );
    house.stop().await;
}
