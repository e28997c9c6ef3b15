use std::fmt::Write as _;

use vestibule::accounts::model::section::PortalSection;
use vestibule::base::error::{Code, Error};
use vestibule::bulk_jobs::model::BulkJobStatus;
use vestibule::contacts::model::import::{NewImport, QueuedImport, queue_import};

use crate::support::TestAccount;

impl TestAccount {
    async fn queue_import(&self, csv: impl AsRef<[u8]>, invite: bool) -> QueuedImport {
        let moment = self.clock.moment();
        self.write(async |conn| {
            let new = NewImport {
                csv: csv.as_ref(),
                invite,
                section: PortalSection::Home,
                note: None,
                grant_offer: None,
            };
            queue_import(conn, self.account.id, new, &self.requester, &moment).await
        })
        .await
    }

    async fn import(&self, csv: &str) -> [i32; 3] {
        // So that the ids of the jobs sort by creation.
        self.clock.advance(chrono::TimeDelta::seconds(1));
        let queued = self.queue_import(csv, false).await;
        let worker = self.start_worker();
        let done = self.wait_for_job(queued.job.id, BulkJobStatus::Succeeded).await;
        worker.stop().await;
        [done.succeeded_count, done.skipped_count, done.failed_count]
    }

    async fn refusal(&self, csv: &[u8]) -> Error {
        use diesel_async::SimpleAsyncConnection;
        let moment = self.clock.moment();
        let mut conn = self.test.db.conn().await.expect("a connection");
        conn.batch_execute("begin").await.expect("it begins");
        let new = NewImport {
            csv,
            invite: false,
            section: PortalSection::Home,
            note: None,
            grant_offer: None,
        };
        let queued = queue_import(&mut conn, self.account.id, new, &self.requester, &moment).await;
        conn.batch_execute("rollback").await.expect("it ends");
        queued.expect_err("it is refused")
    }

    /// Line, outcome, reason and detail of each item.
    async fn outcomes(&self) -> Vec<String> {
        let query = "select concat_ws(' ', line, outcome, reason, detail) from bulk_job_items \
                     order by bulk_job_id, position";
        self.test.texts(query).await.into_iter().flatten().collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_row_is_reported_with_its_line_and_the_others_are_imported() {
    let test = TestAccount::open().await;
    let csv = "\u{feff}Email, FIRST_NAME ,last_name,phone,tags,shoe size,timezone,locale\r\n\
        anna@example.com,Anna,\"O'Neil, Jr.\",+44 20 7946 0958,vip; new;vip,38,Europe/London,en-GB\r\n\
        no address,B,B,,,,,\r\n\
        \r\n\
        c@example.com,C,C,12345,,,,\r\n\
        d@example.com,D\r\n\
        e@example.com,\"E,E,,,,,\r\n\
        f@example.com,\"F\r\nF\",F,,,,,\r\n\
        g@example.com,Zoë,\"He said \"\"hi\"\"\",,,,Berlin,\r\n\
        h@example.com,Zoë,\"He said \"\"hi\"\"\",,,,,english\r\n\
        ANNA@Example.com,Anna,,,,,,\r\n\
        ,X,,,,,,\r\n\
        ,,,,,,,\r\n\
        i@example.com,I,,,,,,";
    let queued = test.queue_import(csv, false).await;
    assert_eq!((queued.row_count, queued.invalid_count), (11, 8));
    assert_eq!(queued.unknown_columns, ["shoe size"]);
    assert_eq!(
        (
            queued.job.total_count,
            queued.job.failed_count,
            queued.job.done_count
        ),
        (11, 8, 8)
    );
    let worker = test.start_worker();
    let done = test.wait_for_job(queued.job.id, BulkJobStatus::Succeeded).await;
    worker.stop().await;
    assert_eq!(
        (done.done_count, done.succeeded_count, done.failed_count),
        (11, 3, 8)
    );
    let outcomes = test.outcomes().await;
    assert_eq!(
        outcomes,
        [
            "2 DONE",
            "3 FAILED INVALID_EMAIL email: It is not an email address: write one such as anna@example.com.",
            "5 FAILED INVALID_PHONE phone: It is not a phone number with its country code: write one such as +4915112345678.",
            "6 FAILED BAD_ROW It has 2 cells where the header has 8.",
            "7 FAILED BAD_ROW A quoted cell is not closed correctly. Write a quote inside a cell twice.",
            "8 FAILED BAD_NAME first_name: It holds a line break or a control character: write it on one line.",
            "10 FAILED BAD_TIMEZONE timezone: It is not a time zone: write one such as Europe/Berlin, or UTC.",
            "11 FAILED BAD_LOCALE locale: It is not a language: write one such as en or pt-BR.",
            "12 UNCHANGED",
            "13 FAILED INVALID_EMAIL email: It is empty: write an address such as anna@example.com.",
            "15 DONE",
        ]
    );
    let anna = "select concat_ws('|', email, first_name, last_name, phone, tags::text, timezone, locale) \
                from contacts order by email_key limit 1";
    let kept = "anna@example.com|Anna|O'Neil, Jr.|+442079460958|{vip,new}|Europe/London|en-GB";
    assert_eq!(test.test.texts(anna).await, [Some(kept.to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_contact_gets_missing_fields_and_a_second_import_changes_nothing() {
    let test = TestAccount::open().await;
    test.add_contacts(["anna@example.com".to_owned()]).await;
    let csv = "email;first_name;tags\nAnna@Example.com;Anna;\"a;b\"\nbob@example.com;Bob;\n";
    assert_eq!(test.import(csv).await, [2, 0, 0]);
    assert_eq!(test.import(csv).await, [2, 0, 0]);
    assert_eq!(
        test.import("EMAIL,first_name\nanna@example.com,Another\n").await,
        [1, 0, 0]
    );
    assert_eq!(
        test.outcomes().await,
        ["2 UPDATED", "3 DONE", "2 UNCHANGED", "3 UNCHANGED", "2 UNCHANGED"]
    );
    let names = "select first_name || tags::text from contacts order by email_key";
    assert_eq!(
        test.test.texts(names).await,
        [Some("Anna{a,b}".to_owned()), Some("Bob{}".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_with_invitations_reports_each_outcome_with_its_reason() {
    let test = TestAccount::open().await;
    test.add_contacts(["gone@example.com".to_owned(), "known@example.com".to_owned()])
        .await;
    test.test
        .run("update contacts set revoked_at = created_at where email_key = 'gone@example.com'")
        .await;
    let csv = "email\nnew@example.com\nknown@example.com\ngone@example.com\nNEW@example.com\n";
    let queued = test.queue_import(csv, true).await;
    let worker = test.start_worker();
    test.wait_for_job(queued.job.id, BulkJobStatus::Succeeded).await;
    test.wait_for_emails(2).await;
    worker.stop().await;
    assert_eq!(
        test.outcomes().await,
        [
            "2 DONE",
            "3 UNCHANGED",
            "4 UNCHANGED REVOKED",
            "5 UNCHANGED DUPLICATE"
        ]
    );
    assert_eq!(test.mailbox.sent().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_file_is_refused_as_a_whole() {
    let test = TestAccount::open().await;
    let late = |bad: &[u8]| {
        [
            b"email,first_name\n".as_slice(),
            &b"a@example.com,A\n".repeat(5_000),
            bad,
        ]
        .concat()
    };
    let cases: [(Vec<u8>, &str); 13] = [
        (Vec::new(), "It is empty"),
        (b"\n \n".to_vec(), "It is empty"),
        (b"email,first_name\n".to_vec(), "no rows"),
        (b"name,phone\nA,1\n".to_vec(), "including `email`"),
        (
            b"email\tphone\na@example.com\t1\n".to_vec(),
            "commas or semicolons",
        ),
        (b"email,Email\na@example.com,b\n".to_vec(), "twice"),
        (b"\"email\nx".to_vec(), "Line 1 is no header"),
        (b"PK\x03\x04 and so on".to_vec(), "zip or Excel"),
        (b"\xd0\xcf\x11\xe0 and so on".to_vec(), "Excel"),
        (b"\xff\xfee\0m\0a\0".to_vec(), "Line 1 is not UTF-8"),
        (late(b"b@example.com,Z\xf6e\n"), "Line 5002 is not UTF-8"),
        (late(b"b@example.com,\0\n"), "Line 5002 holds a NUL"),
        (
            "\"a\n".repeat(1_100).replacen("\"a", "email", 1).into_bytes(),
            "Line 1002: more than 1000 rows",
        ),
    ];
    for (csv, words) in cases {
        let error = test.refusal(&csv).await;
        assert_eq!(
            (error.code, error.field.as_deref()),
            (Code::BadUserInput, Some("input.csv"))
        );
        assert!(error.message().contains(words), "{words}: {}", error.message());
    }
    assert_eq!(test.test.number("select count(*) from bulk_jobs").await, 0);
    assert_eq!(test.test.number("select count(*) from bulk_job_items").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_become_contacts_once_each() {
    let test = TestAccount::open().await;
    let mut csv = "email,first_name,tags\n".to_owned();
    for n in 0..10_000 {
        writeln!(csv, "person{}@example.com,Person {n},{}", n % 9_000, n % 7).expect("memory");
    }
    let queued = test.queue_import(&csv, false).await;
    let workers = [test.start_worker(), test.start_worker()];
    let done = test.wait_for_job(queued.job.id, BulkJobStatus::Succeeded).await;
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!((done.succeeded_count, done.failed_count), (10_000, 0));
    assert_eq!(test.test.number("select count(*) from contacts").await, 9_000);
    let unchanged = "select count(*) from bulk_job_items where outcome = 'UNCHANGED'";
    assert_eq!(test.test.number(unchanged).await, 1_000);
}
