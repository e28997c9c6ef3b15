//! Answers of the DNS that prove nothing, and wrong ones.

use serde_json::{Value, json};

use super::Mailing;
use crate::support::{DnsBehaviour, TestDns};

type Tell = fn(&TestDns, &str);

/// Answers about the name of the key.
const LIES: [(&str, Tell); 6] = [
    ("SERVFAIL", |dns, key| dns.set(key, DnsBehaviour::Fails)),
    ("silence", |dns, key| dns.set(key, DnsBehaviour::Silent)),
    ("another question", |dns, key| {
        dns.set(key, DnsBehaviour::AnotherQuestion);
    }),
    ("a loop", |dns, key| {
        replace(dns, key, "CNAME", "loop.example");
        dns.add("CNAME", "loop.example", key);
    }),
    ("a loop of one name", |dns, key| replace(dns, key, "CNAME", key)),
    ("an oversized text", |dns, key| {
        replace(dns, key, "TXT", &"x".repeat(5_000));
    }),
];

fn replace(dns: &TestDns, name: &str, kind: &str, value: &str) {
    dns.set(name, DnsBehaviour::Records(Vec::new()));
    dns.add(kind, name, value);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_definite_answer_ends_a_verification() {
    let mailing = Mailing::open().await;
    let verified = mailing.verified("acme.example").await;
    let key = verified["records"][0]["name"]
        .as_str()
        .expect("a name")
        .to_owned();
    for (lie, tell) in LIES {
        tell(&mailing.dns, &key);
        let checked = mailing.check("acme.example").await;
        assert_eq!(checked["status"], "VERIFIED", "{lie}");
        assert_eq!(checked["records"], verified["records"], "{lie}");
        assert_eq!(
            checked["problem"], "The DNS server did not answer. Try again.",
            "{lie}"
        );
    }
    assert_eq!(mailing.events().await.len(), 2, "set and verified");
    mailing.dns.clear();
    assert_eq!(mailing.check("acme.example").await["status"], "FAILED");
    mailing.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_behind_an_alias_is_found() {
    let mailing = Mailing::open().await;
    let set = mailing.change("set", "acme.example").await;
    mailing.publish(&set);
    let key = &set["records"][0];
    let name = key["name"].as_str().expect("a name");
    replace(&mailing.dns, name, "CNAME", "keys.other.example");
    mailing.dns.add(
        "TXT",
        "keys.other.example",
        key["value"].as_str().expect("a value"),
    );
    assert_eq!(mailing.check("acme.example").await["status"], "VERIFIED");
    mailing
        .dns
        .set("keys.other.example", DnsBehaviour::Records(Vec::new()));
    assert_eq!(
        mailing.check("acme.example").await["status"],
        "FAILED",
        "the alias ends"
    );
    mailing.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_problem_names_several_spf_records_and_dmarc_is_not_needed() {
    let mailing = Mailing::open().await;
    let set = mailing.change("set", "acme.example").await;
    mailing.publish(&set);
    mailing.dns.add("TXT", "bounces.acme.example", "v=spf1 -all");
    mailing.dns.set("_dmarc.acme.example", DnsBehaviour::Fails);
    let several = mailing.check("acme.example").await;
    assert_eq!(
        (&several["status"], several["problem"].as_str()),
        (
            &json!("PENDING"),
            Some("There are several SPF records at bounces.acme.example: keep one (RFC 7208, section 4.5).")
        )
    );
    mailing.dns.clear();
    mailing.publish(&set);
    mailing.dns.set("_dmarc.acme.example", DnsBehaviour::Silent);
    let verified = mailing.check("acme.example").await;
    assert_eq!(verified["status"], "VERIFIED");
    assert_eq!(
        (&verified["records"][3]["ok"], &verified["records"][3]["required"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(verified["problem"], Value::Null);
    mailing.server.stop().await;
}
