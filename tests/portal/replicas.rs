//! A read replica, and the failover to a standby, with real servers.

mod failover;

use chrono::TimeDelta;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use vestibule::base::db::Db;

use crate::operating::metrics::{SET, scrape, value, wait_for_value};
use crate::operating::program::TestFolder;
use crate::support::{PostgresServer, TestDatabase, TestServer, wait_until};

const USABLE: &str = "vestibule_replica_usable";
const LAG: &str = "vestibule_replica_lag_seconds";
const FALLBACKS: &str = "vestibule_replica_fallbacks_total";

const REPORTS: &str = "query ($list: ID!, $affiliate: ID!) {
    portalStatsHistory(from: \"2026-01-05\", to: \"2026-01-05\", interval: DAY) { invited }
    auditLog(first: 1) { totalCount }
    smartList(id: $list) { count }
    affiliate(id: $affiliate) { clickHistory(from: \"2026-01-05\", to: \"2026-01-05\") { count } }
    portalStats { invited }
    contacts { totalCount }
    recentActivity(first: 1) { nodes { kind } } }";

const HISTORY: &str =
    "{ portalStatsHistory(from: \"2026-01-05\", to: \"2026-01-05\", interval: DAY) { invited } }";

async fn number(server: &TestServer, series: &str) -> f64 {
    value(&scrape(server).await, series)
}

async fn serve(primary: &PostgresServer, replica: &str) -> TestServer {
    let mut test = primary.database().await;
    let db = Db::new(&test.url, 10).expect("a pool");
    test.db = db.with_replica(replica, 4).expect("a pool");
    TestServer::open_on(test, &[SET]).await
}

/// A primary, its standby, and a server that uses both.
struct Replicated {
    primary: PostgresServer,
    standby: PostgresServer,
    server: TestServer,
    list: String,
    affiliate: String,
}

impl Replicated {
    async fn open() -> Self {
        let primary = PostgresServer::primary().await;
        let standby = primary.standby().await;
        let server = serve(&primary, &standby.url()).await;
        let create = "mutation { createSmartList(input: {name: \"All\", filter: {createdAfter: \"2025-01-01T00:00:00Z\"}}) { smartList { id } } }";
        let list = server.data(&server.acme.owner, create, json!({})).await;
        let create = "mutation ($id: ID!) { setAffiliate(input: {contactId: $id, code: \"anna\"}) { affiliate { id } } }";
        let id = json!({"id": server.acme.contact.to_string()});
        let affiliate = server.data(&server.acme.owner, create, id).await;
        let text = |value: &Value| value.as_str().expect("an id").to_owned();
        let replicated = Self {
            list: text(&list["createSmartList"]["smartList"]["id"]),
            affiliate: text(&affiliate["setAffiliate"]["affiliate"]["id"]),
            primary,
            standby,
            server,
        };
        replicated.wait_until_usable(true).await;
        let written = "select (pg_current_wal_flush_lsn() - '0/0')::bigint";
        let written = replicated.server.test.number(written).await;
        let copy = replicated.standby.database().await;
        wait_until("the standby has all", async || {
            let replayed = "select (pg_last_wal_replay_lsn() - '0/0')::bigint";
            copy.number(replayed).await >= written
        })
        .await;
        replicated
    }

    async fn wait_until_usable(&self, usable: bool) {
        let expected = f64::from(u8::from(usable));
        wait_for_value(&self.server, USABLE, |value| value == expected).await;
    }

    async fn on_standby(&self, statement: &str) {
        let superuser = self.standby.superuser().await;
        superuser.batch_execute(statement).await.expect(statement);
    }

    async fn reports(&self) -> Value {
        let variables = json!({"list": self.list, "affiliate": self.affiliate});
        self.server
            .data(&self.server.acme.owner, REPORTS, variables)
            .await
    }

    /// Invites another contact, and has the affiliate's link clicked.
    async fn change(&self, name: &str) {
        let invite =
            "mutation ($emails: [EmailAddress!]!) { inviteContacts(input: {emails: $emails}) { count } }";
        let emails = json!({"emails": [format!("{name}@example.com")]});
        self.server.data(&self.server.acme.owner, invite, emails).await;
        let click = format!("{}/p/acme/r/anna", self.server.url);
        let click = self
            .server
            .http
            .get(click)
            .header("user-agent", format!("Mozilla/5.0 {name}"));
        click.send().await.expect("an answer");
    }

    async fn export_lines(&self) -> usize {
        let url = format!("{}/dashboard/acme/contacts.csv", self.server.url);
        let file = self.server.http.get(url).bearer_auth(&self.server.acme.read_key);
        let text = file.send().await.expect("an answer").text().await.expect("text");
        text.lines().count() - 1
    }
}

/// What the fields show that may be old: invited, events, the list's contacts, clicks.
fn old(reports: &Value) -> (i64, i64, i64, i64) {
    let count = |value: &Value| value.as_i64().expect("a number");
    (
        count(&reports["portalStatsHistory"][0]["invited"]),
        count(&reports["auditLog"]["totalCount"]),
        count(&reports["smartList"]["count"]),
        count(&reports["affiliate"]["clickHistory"][0]["count"]),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_read_the_replica_until_it_is_too_far_behind() {
    let replicated = Replicated::open().await;
    let server = &replicated.server;
    let before = replicated.reports().await;
    assert_eq!(before["portalStats"]["invited"], 0);
    assert_eq!(number(server, LAG).await, 0.0);
    let fallback_count = number(server, FALLBACKS).await;

    replicated.on_standby("select pg_wal_replay_pause()").await;
    replicated.change("ben").await;
    let paused = replicated.reports().await;
    assert_eq!(old(&paused), old(&before), "they come from the replica");
    assert_eq!(replicated.export_lines().await, 1, "so does the export");
    assert_eq!(paused["portalStats"]["invited"], 1, "this does not");
    assert_eq!(paused["contacts"]["totalCount"], 2);
    assert_ne!(paused["recentActivity"], before["recentActivity"]);
    assert_eq!(number(server, FALLBACKS).await, fallback_count);

    // Nor does what a mutation returns.
    let rename = "mutation ($id: ID!) { updateSmartList(input: {smartListId: $id, name: \"Everyone\"}) { smartList { count } } }";
    let renamed = server
        .data(&server.acme.owner, rename, json!({"id": replicated.list}))
        .await;
    assert_eq!(renamed["updateSmartList"]["smartList"]["count"], 2);

    // The lag is measured by the server's clock.
    server.clock.advance(TimeDelta::seconds(6));
    replicated.wait_until_usable(false).await;
    assert_eq!(number(server, LAG).await, 6.0);
    let fresh = replicated.reports().await;
    assert_eq!(old(&fresh).0, 1, "it comes from the primary");
    assert_eq!((old(&fresh).2, old(&fresh).3), (2, 1));
    assert_eq!(replicated.export_lines().await, 2);
    assert!(number(server, FALLBACKS).await > fallback_count);

    replicated.on_standby("select pg_wal_replay_resume()").await;
    replicated.wait_until_usable(true).await;
    assert_eq!(number(server, LAG).await, 0.0);
    replicated.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_go_to_the_primary_while_the_replica_is_down() {
    let mut replicated = Replicated::open().await;
    replicated.standby.stop();
    replicated.change("ben").await;
    for _ in 0..5 {
        assert_eq!(old(&replicated.reports().await).0, 1);
    }
    assert_eq!(replicated.export_lines().await, 2);
    replicated.wait_until_usable(false).await;
    assert!(number(&replicated.server, LAG).await.is_nan());
    replicated.standby.start().await;
    replicated.wait_until_usable(true).await;
    replicated.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_whose_replica_is_lost_is_repeated_on_the_primary() {
    let mut replicated = Replicated::open().await;
    let fallback_count = number(&replicated.server, FALLBACKS).await;
    let test = replicated.primary.database().await;
    test.run("begin; lock table contacts in access exclusive mode")
        .await;
    // Its commit sends the lock to the standby.
    let primary = replicated.primary.superuser().await;
    primary
        .batch_execute("create table sent ()")
        .await
        .expect("a table");
    let waiting =
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and usename = 'vestibule'";
    let standby = replicated.standby.superuser().await;
    let server = &replicated.server;
    let request = server.request(Some(&server.acme.read_key), HISTORY, json!({}));
    let lose = async {
        wait_until("it waits on the standby", async || {
            standby
                .query_one(waiting, &[])
                .await
                .expect("a count")
                .get::<_, i64>(0)
                > 0
        })
        .await;
        replicated.standby.stop();
        test.run("rollback").await;
    };
    let (answer, ()) = tokio::join!(request, lose);
    assert_eq!(answer["data"]["portalStatsHistory"][0]["invited"], 0, "{answer}");
    assert!(number(server, FALLBACKS).await > fallback_count);
    replicated.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_replica_is_not_read_any_more() {
    let replicated = Replicated::open().await;
    replicated.standby.promote().await;
    replicated.change("ben").await;
    // Even before it is checked again.
    assert_eq!(old(&replicated.reports().await).0, 1);
    replicated.wait_until_usable(false).await;
    replicated.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_of_another_cluster_is_never_read() {
    let (primary, other) = (PostgresServer::primary().await, PostgresServer::primary().await);
    let standby_of_other = other.standby().await;
    let server = serve(&primary, &standby_of_other.url()).await;
    wait_for_value(&server, USABLE, |usable| usable == 0.0).await;
    assert!(number(&server, LAG).await.is_nan());
    let invite = "mutation { inviteContacts(input: {emails: [\"a@example.com\"]}) { count } }";
    server.data(&server.acme.owner, invite, json!({})).await;
    let read = server.data(&server.acme.owner, HISTORY, json!({})).await;
    assert_eq!(read["portalStatsHistory"][0]["invited"], 1);
    server.stop().await;

    let folder = TestFolder::new().await;
    let doctor = async |replica: &PostgresServer| {
        let (url, replica) = (primary.url(), replica.url());
        let urls = [("DATABASE_URL", &url[..]), ("DATABASE_READ_URL", &replica)];
        folder.run(&["doctor"], &urls).await
    };
    for replica in [&other, &standby_of_other] {
        let said = doctor(replica).await;
        let wrong = "WRONG replica: DATABASE_READ_URL: it is not a copy of the database";
        assert!(said.code == Some(1) && said.out.contains(wrong), "{said:?}");
    }
    let said = doctor(&primary).await;
    assert!(said.out.contains("it is not a standby"), "{said:?}");
    let said = doctor(&primary.standby().await).await;
    assert!(said.out.contains("ok    replica"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_cant_be_used_is_warned_about_once() {
    let (folder, other) = (TestFolder::new().await, TestDatabase::new().await);
    let settings = [SET, ("DATABASE_READ_URL", &other.url)];
    let serving = folder.serve("--default-signal=HUP", &settings).await;
    let checked = async || {
        let metrics = reqwest::Client::new().get(format!("http://{}/metrics", serving.listen));
        let metrics = metrics.bearer_auth(SET.1).send().await.expect("an answer");
        value(&metrics.text().await.expect("text"), USABLE) == 0.0
    };
    wait_until("it was checked", checked).await;
    serving.signal(Signal::SIGTERM);
    let said = serving.wait().await;
    let warning = "the replica of DATABASE_READ_URL is not used";
    assert_eq!(said.err.matches(warning).count(), 1, "{said:?}");
    assert!(said.err.contains("another database"), "{said:?}");
}
