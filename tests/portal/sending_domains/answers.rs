//! Answers of the DNS that prove nothing, and wrong ones.

use serde_json::{Value, json};

use super::Mailing;
use crate::support::DnsBehaviour;

#[tokio::test(flavor = "multi_thread")]
async fn only_a_definite_answer_ends_a_verification() {
    let mailing = Mailing::open().await;
    let verified = mailing.verified("acme.example").await;
    let key = verified["records"][0]["name"]
        .as_str()
        .expect("a name")
        .to_owned();
    let dns = &mailing.dns;
    let lies: [(&str, Box<dyn Fn()>); 6] = [
        ("SERVFAIL", Box::new(|| dns.set(&key, DnsBehaviour::Fails))),
        ("silence", Box::new(|| dns.set(&key, DnsBehaviour::Silent))),
        (
            "another question",
            Box::new(|| dns.set(&key, DnsBehaviour::AnotherQuestion)),
        ),
        (
            "a loop",
            Box::new(|| {
                dns.set(&key, DnsBehaviour::Records(Vec::new()));
                dns.add("CNAME", &key, "loop.example");
                dns.add("CNAME", "loop.example", &key);
            }),
        ),
        (
            "a loop of one name",
            Box::new(|| {
                dns.set(&key, DnsBehaviour::Records(Vec::new()));
                dns.add("CNAME", &key, &key);
            }),
        ),
        (
            "an oversized text",
            Box::new(|| {
                dns.set(&key, DnsBehaviour::Records(Vec::new()));
                dns.add("TXT", &key, &"x".repeat(5_000));
            }),
        ),
    ];
    for (lie, tell) in lies {
        tell();
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
    mailing.dns.set(name, DnsBehaviour::Records(Vec::new()));
    mailing.dns.add("CNAME", name, "keys.other.example");
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
