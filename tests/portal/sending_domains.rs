//! The account's own sending domain, with a DNS server on loopback: set, verified, sent from, failed, removed.

mod answers;
mod emails;
mod input;

use chrono::TimeDelta;
use mailer::Mailer;
use serde_json::{Value, json};

use crate::support::{TestDns, TestServer, wait_until};

const FIELDS: &str = "domain status checkedAt problem records { purpose type name value found ok required }";

/// A server that asks a DNS server of the test.
struct Mailing {
    server: TestServer,
    dns: TestDns,
}

impl Mailing {
    async fn open() -> Self {
        let dns = TestDns::open().await;
        let address = dns.address.to_string();
        let settings = [
            ("VESTIBULE_DNS_SERVER", &address[..]),
            ("VESTIBULE_MAIL_FROM", "portal@mail.server.example"),
            ("VESTIBULE_BOUNCE_HOST", "mx.server.example"),
        ];
        let server = TestServer::open_with(&settings, |_| Mailer::memory()).await;
        Self { server, dns }
    }

    /// The payload of a mutation.
    async fn run(&self, credential: &str, verb: &str, domain: &str) -> Value {
        let (field, query) = mutation(verb);
        let done = self
            .server
            .data(credential, &query, json!({"domain": domain}))
            .await;
        done[field].clone()
    }

    /// The domain after a mutation of the owner of `acme`.
    async fn change(&self, verb: &str, domain: &str) -> Value {
        self.run(&self.server.acme.owner, verb, domain).await["sendingDomain"].clone()
    }

    async fn refused(&self, credential: &str, verb: &str, domain: &str) -> (String, Option<String>) {
        let variables = json!({"domain": domain});
        self.server
            .error(Some(credential), &mutation(verb).1, variables)
            .await
    }

    async fn shown(&self) -> Value {
        let query = format!("{{ portal {{ sendingDomain {{ {FIELDS} }} }} }}");
        let shown = self.server.data(&self.server.acme.owner, &query, json!({})).await;
        shown["portal"]["sendingDomain"].clone()
    }

    /// Publishes the records that the API shows.
    fn publish(&self, domain: &Value) {
        for record in domain["records"].as_array().expect("records") {
            let text = |name: &str| record[name].as_str().expect("a text").to_owned();
            self.dns.add(&text("type"), &text("name"), &text("value"));
        }
    }

    /// Waits until another check is allowed, and checks.
    async fn check(&self, domain: &str) -> Value {
        self.server.clock.advance(TimeDelta::seconds(10));
        self.change("verify", domain).await
    }

    async fn verified(&self, domain: &str) -> Value {
        let set = self.change("set", domain).await;
        self.publish(&set);
        let verified = self.check(domain).await;
        assert_eq!(verified["status"], "VERIFIED", "{verified:#}");
        verified
    }

    /// Waits for the status, which is read from the table: the clock has moved past the end of the tokens.
    async fn wait_for_status(&self, status: &str) {
        let query = "select status from sending_domains";
        wait_until(status, async || {
            self.server.test.texts(query).await == [Some(status.to_owned())]
        })
        .await;
    }

    async fn events(&self) -> Vec<String> {
        let events = "select kind || ' ' || left(actor, 6) from audit_events where kind like 'SENDING_DOMAIN%' order by id";
        self.server
            .test
            .texts(events)
            .await
            .into_iter()
            .flatten()
            .collect()
    }
}

fn mutation(verb: &str) -> (String, String) {
    let payload = match verb {
        "remove" => "removedDomain".to_owned(),
        _ => format!("sendingDomain {{ {FIELDS} }}"),
    };
    let field = format!("{verb}SendingDomain");
    let query =
        format!("mutation ($domain: String!) {{ {field}(input: {{domain: $domain}}) {{ {payload} }} }}");
    (field, query)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_set_and_verified_and_fails_when_its_records_go() {
    let mailing = Mailing::open().await;
    assert_eq!(mailing.shown().await, Value::Null);
    let set = mailing.change("set", " Bücher.example. ").await;
    assert_eq!(
        (&set["domain"], &set["status"], &set["checkedAt"], &set["problem"]),
        (
            &json!("xn--bcher-kva.example"),
            &json!("PENDING"),
            &Value::Null,
            &Value::Null
        )
    );
    assert!(
        set["records"][0]["value"]
            .as_str()
            .is_some_and(|value| value.len() > 400),
        "{set:#}"
    );
    assert_eq!(set["records"][1]["value"], "10 mx.server.example");
    assert_eq!(
        set["records"][2]["value"],
        "v=spf1 include:mail.server.example ~all"
    );

    let missing = mailing.change("verify", "bücher.example").await;
    assert_eq!(missing["status"], "PENDING");
    let problem = missing["problem"].as_str().unwrap_or_default();
    assert!(
        problem.starts_with("No TXT record was found at vestibule-"),
        "{problem}"
    );

    mailing.publish(&set);
    let verified = mailing.check("bücher.example").await;
    assert_eq!(
        (&verified["status"], &verified["problem"]),
        (&json!("VERIFIED"), &Value::Null)
    );
    for record in verified["records"].as_array().expect("records") {
        assert_eq!(
            (&record["ok"], &record["found"]),
            (&json!(true), &json!([record["value"]]))
        );
    }
    assert_eq!(mailing.shown().await, verified, "shown without asking the DNS");

    mailing.dns.clear();
    let failed = mailing.check("bücher.example").await;
    assert_eq!(failed["status"], "FAILED");
    assert_eq!(failed["records"][0]["found"], json!([]));
    mailing.server.clock.advance(TimeDelta::seconds(1));
    let removed = mailing
        .run(&mailing.server.acme.admin, "remove", "xn--bcher-kva.example")
        .await;
    assert_eq!(removed["removedDomain"], "xn--bcher-kva.example");
    assert_eq!(mailing.shown().await, Value::Null);
    assert_eq!(
        mailing.events().await,
        [
            "SENDING_DOMAIN_SET member",
            "SENDING_DOMAIN_VERIFIED member",
            "SENDING_DOMAIN_FAILED member",
            "SENDING_DOMAIN_REMOVED member"
        ]
    );
    mailing.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_checks_a_domain_by_itself() {
    let mailing = Mailing::open().await;
    let set = mailing.change("set", "acme.example").await;
    mailing.publish(&set);
    mailing.server.clock.advance(TimeDelta::minutes(1));
    mailing.wait_for_status("VERIFIED").await;
    mailing.dns.clear();
    mailing.server.clock.advance(TimeDelta::hours(1));
    mailing.wait_for_status("FAILED").await;
    let problem = "select count(*) from sending_domains where problem like '%\\_domainkey%'";
    assert_eq!(mailing.server.test.number(problem).await, 1);
    mailing.publish(&set);
    mailing.server.clock.advance(TimeDelta::minutes(1));
    mailing.wait_for_status("VERIFIED").await;
    let events = mailing.events().await;
    assert_eq!(
        events[1..],
        [
            "SENDING_DOMAIN_VERIFIED system",
            "SENDING_DOMAIN_FAILED system",
            "SENDING_DOMAIN_VERIFIED system"
        ]
    );
    mailing.server.stop().await;
}
