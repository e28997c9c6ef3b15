//! The language and the time zone of pages and emails: the contact's own, the browser's, the account's.

use serde_json::{Value, json};

use crate::support::{TestBrowser, TestServer, wait_until};

const UPDATE: &str = "mutation ($input: UpdateOwnDetailsInput!) { updateOwnDetails(input: $input) {
    me { name firstName lastName timezone locale } } }";
const INVITE: &str =
    "mutation ($email: EmailAddress!) { inviteContacts(input: {emails: [$email]}) { invitations { id } } }";

async fn login_page(server: &TestServer, accept: Option<&str>) -> String {
    let mut request = server.http.get(format!("{}/p/acme/login", server.url));
    if let Some(accept) = accept {
        request = request.header("accept-language", accept);
    }
    TestBrowser::new(server).send(request).await.1
}

async fn set_language(server: &TestServer, language: &str) {
    let update = "mutation ($language: Language!) { updatePortalSettings(input: {language: $language}) { portal { settings { language } } } }";
    let done = server
        .data(&server.acme.admin, update, json!({"language": language}))
        .await;
    assert_eq!(
        done["updatePortalSettings"]["portal"]["settings"]["language"],
        language
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_get_the_browsers_language_and_otherwise_the_accounts() {
    let server = TestServer::open().await;
    for (accept, lang, heading) in [
        (None, "en", "Sign in to acme"),
        (Some("fr-CA,fr;q=0.9,en;q=0.8"), "fr", "Connexion à acme"),
        (Some("ja"), "en", "Sign in to acme"),
    ] {
        let page = login_page(&server, accept).await;
        assert!(
            page.contains(&format!("<html lang=\"{lang}\">")) && page.contains(heading),
            "{accept:?}: {page}"
        );
    }
    set_language(&server, "SPANISH").await;
    assert!(
        login_page(&server, Some("ja"))
            .await
            .contains("Inicie sesión en acme")
    );
    assert!(login_page(&server, Some("de")).await.contains("Anmelden: acme"));
    let missing = server
        .http
        .get(format!("{}/p/acme/no-such-page", server.url))
        .header("accept-language", "de");
    let (status, page) = TestBrowser::new(&server).send(missing).await;
    assert!(status == 404 && page.contains("Seite nicht gefunden"), "{page}");
    server.stop().await;
}

/// The text of the invitation that this address gets.
async fn invitation_to(server: &TestServer, email: &str) -> String {
    let before = server.mailbox.sent().len();
    server
        .data(&server.acme.staff, INVITE, json!({"email": email}))
        .await;
    wait_until("the invitation arrives", async || {
        server.mailbox.sent().len() > before
    })
    .await;
    server.mailbox.sent()[before].text.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_are_in_the_contacts_language_and_zone_and_otherwise_in_the_accounts() {
    let server = TestServer::open().await;
    let create =
        "mutation { createContact(input: {email: \"jo@example.com\", firstName: \"Jo\", locale: \"de-CH\",
        timezone: \"Asia/Tokyo\"}) { contact { id } } }";
    server.data(&server.acme.staff, create, json!({})).await;
    let german = invitation_to(&server, "jo@example.com").await;
    assert!(
        german.starts_with("Guten Tag Jo,") && german.contains(" JST."),
        "{german}"
    );
    set_language(&server, "FRENCH").await;
    let french = invitation_to(&server, "somebody@example.com").await;
    assert!(
        french.starts_with("Bonjour,") && french.contains(" UTC."),
        "{french}"
    );
    server.stop().await;
}

async fn update(server: &TestServer, input: Value) -> Value {
    let answer = server
        .data(&server.acme.contact_session, UPDATE, json!({"input": input}))
        .await;
    answer["updateOwnDetails"]["me"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_change_their_own_details_one_by_one() {
    let server = TestServer::open().await;
    let first = update(
        &server,
        json!({"firstName": " Anni ", "lastName": "Berg", "locale": "de_AT", "timezone": "Europe/Vienna"}),
    )
    .await;
    assert_eq!(
        first,
        json!({"name": "Anni Berg", "firstName": "Anni", "lastName": "Berg", "timezone": "Europe/Vienna", "locale": "de-AT"})
    );
    let second = update(&server, json!({"lastName": null})).await;
    assert_eq!(
        second,
        json!({"name": "Anni", "firstName": "Anni", "lastName": null, "timezone": "Europe/Vienna", "locale": "de-AT"})
    );
    update(&server, json!({})).await;
    let events = "select detail ->> 'changed' from audit_events where kind = 'CONTACT_UPDATED' and actor like 'contact_%' order by length(detail ->> 'changed') desc";
    let expected = [
        "[\"firstName\", \"lastName\", \"timezone\", \"locale\"]",
        "[\"lastName\"]",
    ];
    assert_eq!(
        server.test.texts(events).await,
        expected.map(|text| Some(text.to_owned()))
    );
    for (input, field) in [
        (json!({"timezone": "Europe/Atlantis"}), "input.timezone"),
        (json!({"locale": "english"}), "input.locale"),
        (json!({"firstName": "x".repeat(101)}), "input.firstName"),
    ] {
        let error = server
            .error(
                Some(&server.acme.contact_session),
                UPDATE,
                json!({"input": input}),
            )
            .await;
        assert_eq!(error, ("BAD_USER_INPUT".to_owned(), Some(field.to_owned())));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_profile_changes_language_and_zone() {
    let server = TestServer::open().await;
    let link = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let made = server
        .data(
            &server.acme.staff,
            link,
            json!({"id": server.acme.contact.to_string()}),
        )
        .await;
    let url = made["generateMagicLink"]["url"]
        .as_str()
        .expect("a URL")
        .to_owned();
    let mut anna = TestBrowser::new(&server);
    assert_eq!(
        anna.redeem(&format!(
            "/p/acme/link/{}",
            url.rsplit('/').next().unwrap_or_default()
        ))
        .await,
        303
    );
    let (profile, action) = ("/p/acme/profile", "/p/acme/profile/details");
    let saved = anna
        .submit(
            profile,
            action,
            "&first_name=Anna&last_name=&language=fr&timezone=Asia%2FTokyo",
        )
        .await;
    assert_eq!(
        (saved, anna.location.as_deref()),
        (303, Some("/p/acme/profile?saved"))
    );
    let (_, page) = anna.open("/p/acme/profile?saved").await;
    assert!(
        page.contains("<html lang=\"fr\">") && page.contains("Vos modifications sont enregistrées."),
        "{page}"
    );
    assert!(
        page.contains("<option selected>Asia/Tokyo</option>") && page.contains(" JST</time>"),
        "{page}"
    );
    let other = "update contacts set locale = 'fr-CA', timezone = 'US/Eastern' where locale = 'fr'";
    server.test.run(other).await;
    let name = "&first_name=Ann&last_name=&language=fr&timezone=US%2FEastern";
    assert_eq!(anna.submit(profile, action, name).await, 303);
    let untouched = "select count(*) from contacts where locale = 'fr-CA' and timezone = 'US/Eastern' and first_name = 'Ann'";
    assert_eq!(server.test.number(untouched).await, 1);
    let (_, page) = anna.open(profile).await;
    assert!(page.contains("<option selected>US/Eastern</option>"), "{page}");
    let back = "update contacts set locale = 'fr', timezone = 'Asia/Tokyo' where locale = 'fr-CA'";
    server.test.run(back).await;
    let bad = "&first_name=Anna&language=&timezone=Mars%2FBase";
    assert_eq!(anna.submit(profile, action, bad).await, 400);
    let (_, html) = anna.open(profile).await;
    let (_, token) = html
        .split_once("profile/details\">\n<input type=\"hidden\" name=\"form_token\" value=\"")
        .expect("the form");
    let token = token.split('"').next().unwrap_or_default();
    let post = server.http.post(format!("{}{action}", server.url));
    let post = post.header("content-type", "application/x-www-form-urlencoded");
    let (_, page) = anna.send(post.body(format!("form_token={token}{bad}"))).await;
    assert!(
        page.contains("aria-describedby=\"timezone-error\""),
        "the error names its field: {page}"
    );
    let kept = "select timezone from contacts where timezone = 'Asia/Tokyo' and locale = 'fr'";
    assert_eq!(server.test.texts(kept).await.len(), 1, "nothing was changed");
    let cleared = anna
        .submit(profile, action, "&first_name=&last_name=&language=&timezone=")
        .await;
    assert_eq!(cleared, 303);
    assert_eq!(server.test.texts(kept).await.len(), 0);
    server.stop().await;
}
