use super::*;

const PUBLISHED: Published<'_> = Published {
    domain: "acme.example",
    selector: "s1",
    public_key: "MIIB+key=",
};

fn hosts() -> MailHosts {
    MailHosts::new("portal@mail.server.example", Some("mx.server.example"), [])
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

/// What is to be published.
fn complete() -> Found {
    let mut found = Found::default();
    for record in PUBLISHED.records(&hosts(), &Found::default()) {
        let place = match record.purpose {
            DnsRecordPurpose::Dkim => &mut found.dkim,
            DnsRecordPurpose::ReturnPath => &mut found.return_path,
            DnsRecordPurpose::Spf => &mut found.spf,
            DnsRecordPurpose::Dmarc => &mut found.dmarc,
        };
        place.push(record.value);
    }
    found
}

fn problem_of(found: &Found) -> Option<String> {
    problem(&PUBLISHED.records(&hosts(), found))
}

#[test]
fn the_shown_records_are_those_that_verify() {
    let records = PUBLISHED.records(&hosts(), &complete());
    assert!(records.iter().all(|record| record.ok), "{records:?}");
    let lines: Vec<String> = records
        .iter()
        .map(|record| {
            format!(
                "{} {} {}",
                record.purpose.record_type().as_str(),
                record.name,
                record.value
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "TXT s1._domainkey.acme.example v=DKIM1; k=rsa; p=MIIB+key=",
            "MX bounces.acme.example 10 mx.server.example",
            "TXT bounces.acme.example v=spf1 include:mail.server.example ~all",
            "TXT _dmarc.acme.example v=DMARC1; p=none",
        ]
    );
}

#[test]
fn equivalent_values_verify_as_well() {
    let found = Found {
        dkim: texts(["p=MIIB +key= ; h=sha1:sha256; s=email; t=s"]),
        return_path: texts(["20 other.example", "5 MX.server.example"]),
        spf: texts([
            "some verification",
            "V=SPF1 ip4:192.0.2.1 +include:Mail.Server.Example. -all",
        ]),
        dmarc: texts(["v=DMARC1;p=Reject;rua=mailto:a@acme.example"]),
    };
    let records = PUBLISHED.records(&hosts(), &found);
    assert!(records.iter().all(|record| record.ok), "{records:?}");
}

#[test]
fn the_problem_names_the_record_and_what_is_wrong() {
    let several = "There are several SPF records at bounces.acme.example: keep one (RFC 7208, section 4.5).";
    let spf = "v=spf1 include:mail.server.example ~all";
    type Change = fn(&mut Found);
    let cases: [(Change, &str); 10] = [
        (
            |found| found.dkim.clear(),
            "No TXT record was found at s1._domainkey.acme.example.",
        ),
        (
            |found| found.dkim = texts(["v=DKIM1; p=MIIB"]),
            "The TXT record at s1._domainkey.acme.example has another value.",
        ),
        (
            |found| found.dkim = texts(["v=DKIM1; k=rsa; h=sha1; p=MIIB+key="]),
            "The TXT record at s1._domainkey.acme.example has another value.",
        ),
        (
            |found| found.dkim.push("v=DKIM1; p=".to_owned()),
            "There are several TXT records at s1._domainkey.acme.example: keep one.",
        ),
        (
            |found| found.return_path.clear(),
            "No MX record was found at bounces.acme.example.",
        ),
        (
            |found| found.return_path.push("0 other.example".to_owned()),
            "The MX record at bounces.acme.example has another value.",
        ),
        (
            |found| found.spf.clear(),
            "No SPF record was found at bounces.acme.example.",
        ),
        (
            |found| found.spf = texts(["v=spf10 -all"]),
            "No SPF record was found at bounces.acme.example.",
        ),
        (
            |found| found.spf = texts(["v=spf1 -include:mail.server.example -all"]),
            "The TXT record at bounces.acme.example has another value.",
        ),
        (|found| found.spf.push("v=spf1 -all".to_owned()), several),
    ];
    for (change, expected) in cases {
        let mut found = complete();
        change(&mut found);
        assert_eq!(problem_of(&found).as_deref(), Some(expected));
    }
    assert!(complete().spf == [spf]);
}

#[test]
fn dmarc_is_shown_and_not_required() {
    for dmarc in [
        texts([]),
        texts(["v=DMARC1"]),
        texts(["v=DMARC1; p=none", "v=DMARC1; p=reject"]),
    ] {
        let found = Found { dmarc, ..complete() };
        let records = PUBLISHED.records(&hosts(), &found);
        assert_eq!(problem(&records), None);
        assert!(!records.iter().all(|record| record.ok), "{found:?}");
    }
}
