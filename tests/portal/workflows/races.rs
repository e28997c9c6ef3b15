//! Several workers, and workers that are killed: no step twice, none lost.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::base::ids::{ContactId, WorkflowId};
use vestibule::sign_in::auth_context::Viewer;

use super::{add_tag, tag_added, wait_for};
use crate::contents::{Rooms, text};
use crate::support::{TestWorker, mailed_link, wait_until};

/// A published workflow and many contacts, without a worker.
struct Crowd {
    rooms: Rooms,
    count: i64,
}

impl Crowd {
    async fn open(count: i64) -> Self {
        let rooms = Rooms::open().await;
        let emails = (1..count).map(|n| format!("person{n}@example.com"));
        rooms.api.test.add_contacts(emails).await;
        Self { rooms, count }
    }

    async fn template(&self, input: Value) -> String {
        let made = self.rooms.write("createTemplate", input, "template { id }").await;
        text(&made["template"]["id"])
    }

    async fn publish(&self, triggers: Value, steps: Value) -> String {
        let input = json!({"name": "A workflow", "triggers": triggers, "steps": steps});
        let made = self.rooms.write("createWorkflow", input, "workflow { id }").await;
        let id = text(&made["workflow"]["id"]);
        self.rooms
            .write("publishWorkflow", json!({"workflowId": id}), "workflow { id }")
            .await;
        id
    }

    fn worker(&self) -> TestWorker {
        self.rooms.api.test.start_worker()
    }

    async fn number(&self, query: &str) -> i64 {
        self.rooms.api.test.test.number(query).await
    }

    /// Waits until a query yields so much. The clock goes on meanwhile: what a killed worker has taken is due again when its lease ends.
    async fn until(&self, query: &str, reached: i64) {
        wait_until(query, async || {
            self.rooms.api.test.clock.advance(TimeDelta::milliseconds(200));
            self.number(query).await >= reached
        })
        .await;
    }

    /// Kills a worker and starts another one, as often as this, while the count grows to the number of contacts.
    async fn work_with_kills(&self, kills: i64, done: &str) {
        for kill in 1..=kills {
            let worker = self.worker();
            self.until(done, self.count * kill / (kills + 1)).await;
            drop(worker);
        }
        let worker = self.worker();
        self.until(done, self.count).await;
        worker.stop().await;
    }

    async fn redeem(&self, token: impl AsRef<str>) {
        let token = token.as_ref();
        let document = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { accessToken } } }";
        let data = self
            .rooms
            .api
            .data(&Viewer::Anonymous, document, json!({"token": token}));
        assert!(data.await["signInWithMagicLink"]["session"].is_object());
    }
}

fn steps_done(key: &str) -> String {
    format!("select count(*) from workflow_steps where step_key = '{key}' and outcome is not null")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_contacts_go_through_a_workflow_once_though_workers_are_killed() {
    let crowd = Crowd::open(1_000).await;
    let rooms = &crowd.rooms;
    let test = &rooms.api.test;
    test.test
        .run("update contacts set phone = '+49151' || lpad((row_number::text), 8, '0') from (select id as n, row_number() over () from contacts) c where n = id")
        .await;
    let email = json!({"name": "Mail", "channel": "EMAIL", "format": "MARKDOWN", "subject": "Welcome",
        "body": "{{ offer.title }}: {{ portal.login_url }}"});
    let sms = json!({"name": "Text", "channel": "SMS", "format": "TEXT", "body": "{{ offer.title }}: {{ portal.login_url }}"});
    let (mail, sms) = (crowd.template(email).await, crowd.template(sms).await);
    let offer = super::offer(rooms, "Bread").await;
    let steps = json!([
        {"sendEmail": {"key": "mail", "templateId": mail, "next": "pause"}},
        wait_for("pause", 1, "DAYS", Some("ask")),
        {"branch": {"key": "ask", "condition": {"portalStatus": ["ACTIVE"]}, "next": "end", "otherwise": "text"}},
        {"sendSms": {"key": "text", "templateId": sms}},
        {"stop": {"key": "end"}},
    ]);
    crowd
        .publish(
            json!([{"trigger": "OFFER_ACCESS_GRANTED", "targetIds": [offer]}]),
            steps,
        )
        .await;
    let grant = json!({"offerId": offer, "selection": {"filter": {}}});
    rooms.write("grantOffer", grant, "count bulkJob { id }").await;
    crowd.work_with_kills(5, &steps_done("mail")).await;
    let worker = crowd.worker();
    let (waiting, sent) = (
        "select count(*) from workflow_runs where waiting",
        "select count(*) from messages where status = 'SENT'",
    );
    crowd.until(waiting, 1_000).await;
    crowd.until(sent, 1_000).await;
    worker.stop().await;
    // A tenth joins, one of them by the link in the mail.
    let mail = test.mailbox.sent().pop().expect("a mail");
    crowd.redeem(mailed_link(&mail).reveal()).await;
    let join = "update contacts set joined_at = '2026-01-05T12:00:00Z' where id in \
        (select id from contacts where joined_at is null order by id limit 99)";
    test.test.run(join).await;
    test.clock.advance(TimeDelta::days(1));
    crowd.work_with_kills(5, &steps_done("ask")).await;
    let worker = crowd.worker();
    let completed = "select count(*) from workflow_runs where status = 'COMPLETED'";
    crowd.until(completed, 1_000).await;
    crowd.until(sent, 1_900).await;
    worker.stop().await;
    for (query, expected) in [
        ("select count(*) from workflow_runs", 1_000),
        ("select count(distinct contact_id) from workflow_runs", 1_000),
        (
            "select count(*) from workflow_steps where step_key = 'mail' and outcome = 'DONE'",
            1_000,
        ),
        (
            "select count(*) from workflow_steps where step_key = 'pause' and outcome = 'WAITED'",
            1_000,
        ),
        (
            "select count(*) from workflow_steps where step_key = 'ask' and outcome = 'MATCHED'",
            100,
        ),
        (
            "select count(*) from workflow_steps where step_key = 'text' and outcome = 'DONE'",
            900,
        ),
        ("select count(*) from workflow_steps where visit <> 1", 0),
        ("select count(*) from messages where channel = 'EMAIL'", 1_000),
        ("select count(*) from messages where channel = 'SMS'", 900),
        ("select count(distinct message_id) from workflow_steps", 1_900),
        ("select count(*) from magic_links", 1_900),
        ("select count(*) from workflow_events", 0),
    ] {
        assert_eq!(crowd.number(query).await, expected, "{query}");
    }
    // What was being sent when a worker was killed may have been sent twice, with another secret of the same link.
    let (mails, texts) = (
        test.mailbox.sent(),
        test.parts.sms.sender.phone().expect("a phone").received(),
    );
    assert!((1_000..1_300).contains(&mails.len()), "{}", mails.len());
    assert!((900..1_200).contains(&texts.len()), "{}", texts.len());
    let from_bread = |text: &str| assert!(text.starts_with("Bread: "), "{text}");
    mails.iter().for_each(|mail| from_bread(&mail.text));
    texts.iter().for_each(|text| from_bread(&text.body));
    let (_, token) = texts[texts.len() - 1].body.rsplit_once('/').expect("a link");
    crowd.redeem(token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_do_each_step_once() {
    let crowd = Crowd::open(500).await;
    let steps = json!([
        add_tag("one", "one", Some("pause")),
        wait_for("pause", 1, "MINUTES", Some("two")),
        add_tag("two", "two", None),
    ]);
    crowd
        .publish(json!([{"trigger": "TAG_ADDED", "tags": ["vip"]}]), steps)
        .await;
    let workers = [crowd.worker(), crowd.worker()];
    let tag = json!({"filter": {}, "add": ["vip"]});
    crowd
        .rooms
        .write("updateContactTags", tag, "count bulkJob { id }")
        .await;
    let waiting = "select count(*) from workflow_runs where waiting";
    wait_until("all wait", async || crowd.number(waiting).await == 500).await;
    crowd.rooms.api.test.clock.advance(TimeDelta::minutes(1));
    let done = "select count(*) from workflow_runs where status = 'COMPLETED'";
    wait_until("all are done", async || crowd.number(done).await == 500).await;
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(crowd.number("select count(*) from workflow_steps").await, 1_500);
    let events =
        "select count(*) from audit_events where kind = 'CONTACT_UPDATED' and actor like 'workflow\\_%'";
    assert_eq!(crowd.number(events).await, 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_deleted_while_their_runs_go_on() {
    let crowd = Crowd::open(200).await;
    let steps = json!([add_tag("one", "one", Some("two")), add_tag("two", "two", None)]);
    crowd
        .publish(json!([{"trigger": "TAG_ADDED", "tags": ["vip"]}]), steps)
        .await;
    let workers = [crowd.worker(), crowd.worker()];
    let tag = json!({"filter": {}, "add": ["vip"]});
    crowd
        .rooms
        .write("updateContactTags", tag, "count bulkJob { id }")
        .await;
    let ids = crowd
        .rooms
        .api
        .test
        .test
        .texts("select id::text from contacts order by id limit 40")
        .await;
    for id in ids.into_iter().flatten() {
        let delete = format!("delete from contacts where id = '{id}'");
        crowd.rooms.api.test.test.run(&delete).await;
    }
    let left = "select (select count(*) from workflow_events) + (select count(*) from workflow_runs where status = 'RUNNING') \
        + (select count(*) from bulk_jobs where finished_at is null)";
    wait_until("nothing is left", async || crowd.number(left).await == 0).await;
    for worker in workers {
        worker.stop().await;
    }
    let failed = "select count(*) from workflow_runs where status <> 'COMPLETED'";
    assert_eq!(crowd.number(failed).await, 0);
    assert_eq!(crowd.number("select count(*) from workflow_runs").await, 160);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_not_wait_for_the_many_of_another_account() {
    let mut crowd = Crowd::open(100).await;
    let last = 30;
    let step = |number: i32| {
        let next = (number < last).then(|| format!("step_{}", number + 1));
        let (key, tag) = (format!("step_{number}"), format!("tag {number}"));
        add_tag(&key, &tag, next.as_deref())
    };
    let long: Vec<Value> = (1..=last).map(step).collect();
    crowd.publish(tag_added("vip"), json!(long)).await;
    let ids = "select id::text from contacts";
    let ids = crowd.rooms.api.test.test.texts(ids).await.into_iter().flatten();
    let ids: Vec<String> = ids
        .map(|id| ContactId(id.parse().expect("an id")).to_string())
        .collect();
    let tag = json!({"contactIds": ids, "add": ["vip"]});
    crowd.rooms.write("updateContactTags", tag, "count").await;

    crowd.rooms.api.test.clock.advance(TimeDelta::seconds(1));
    crowd.rooms.owner = crowd.rooms.api.owner_of_other_account().await;
    let other = crowd
        .publish(tag_added("vip"), json!([add_tag("only", "done", None)]))
        .await;
    let contact = json!({"email": "ben@example.com", "tags": ["vip"]});
    crowd
        .rooms
        .write("createContact", contact, "contact { id }")
        .await;

    let worker = crowd.worker();
    let completed = format!(
        "select count(*) from workflow_runs where status = 'COMPLETED' and workflow_id = '{}'",
        other.parse::<WorkflowId>().expect("an id").0
    );
    wait_until("the other account's run is done", async || {
        crowd.number(&completed).await == 1
    })
    .await;
    let completed = "select count(*) from workflow_runs where status = 'COMPLETED'";
    assert_eq!(crowd.number(completed).await, 1);
    worker.stop().await;
}
