//! Emails to many contacts at once.

use std::time::Instant;

use mailer::{AutoSubmitted, Email, MailSettings, Mailbox, Mailer};
use vestibule::base::clock::Clock;

use crate::bench_server::BenchServer;
use crate::row::{Row, median, per_second};

pub async fn measure(server: &BenchServer) {
    let mut ratios = Vec::new();
    let (mut ours, mut alone) = (Vec::new(), Vec::new());
    let mut used = String::new();
    for turn in 0..3 {
        let start = server.cpu().await;
        let invited = server.invite(turn, 10_000).await;
        used = server.cpu().await.since(start, 10_000);
        let bare = server.send_alone(10_000).await;
        ratios.push(invited / bare);
        ours.push(invited);
        alone.push(bare);
    }
    Row {
        name: format!("invite 10,000 contacts by a filter, mails per second to the last: {used}"),
        measured: per_second(median(ours)),
        against: format!("the pool alone {}", per_second(median(alone))),
        ratio: Some(median(ratios)),
        limit: "≥ 0.8".to_owned(),
    }
    .print();
}

impl BenchServer {
    /// Invites this many new contacts at once. Returns emails per second until the last arrived.
    pub async fn invite(&self, turn: usize, count: usize) -> f64 {
        self.execute(&format!(
            "insert into contacts (account_id, id, email, email_key, first_name, tags, created_at, updated_at)
             select '{}', gen_random_uuid(), 'b{turn}x' || i || '@example.com', 'b{turn}x' || i || '@example.com', 'Ann',
                 array['turn{turn}'], now(), now() from generate_series(1, {count}) i",
            self.account.0
        ))
        .await;
        self.invite_tagged(&format!("turn{turn}"), count).await.1
    }

    /// Invites the contacts with a tag, of which there are `count`. Returns the seconds until the first email arrived, and emails
    /// per second until the last.
    pub async fn invite_tagged(&self, tag: &str, count: usize) -> (f64, f64) {
        let before = self.sink.count();
        let started_at = Instant::now();
        self.request(&format!(
            "mutation {{ inviteContacts(input: {{filter: {{tags: [\"{tag}\"]}}}}) {{ count }} }}"
        ))
        .await;
        self.sink.reached(before + 1).await;
        let first = started_at.elapsed().as_secs_f64();
        self.sink.reached(before + count).await;
        (first, count as f64 / started_at.elapsed().as_secs_f64())
    }

    /// Sends the same emails through the mailer only.
    pub async fn send_alone(&self, count: usize) -> f64 {
        let settings = MailSettings {
            smtp_url: Some(self.sink.url.parse().expect("a URL")),
            ..MailSettings::new(self.folder.join("alone"))
        };
        let mailer = Mailer::new(&settings).expect("a mailer");
        let before = self.sink.count();
        let started_at = Instant::now();
        let mut tasks = Vec::new();
        for worker in 0..16 {
            let mailer = mailer.clone();
            tasks.push(tokio::spawn(async move {
                for number in (worker..count).step_by(16) {
                    mailer.send(&email(number)).await.expect("it is taken");
                }
            }));
        }
        for task in tasks {
            task.await.expect("a worker");
        }
        self.sink.reached(before + count).await;
        let rate = count as f64 / started_at.elapsed().as_secs_f64();
        mailer.close().await;
        rate
    }
}

fn email(number: usize) -> Email {
    Email {
        folder: "bench".to_owned(),
        key: format!("mail{number}"),
        from: Mailbox::named("Bench", "portal@bench.example"),
        reply_to: None,
        to: Mailbox::new(format!("c{number}@example.com")),
        subject: "Bench invites you to its portal".to_owned(),
        text: "Hello,\n\nBench invites you to its portal.\n".repeat(8),
        html: "<p>Hello,</p><p>Bench invites you to its portal.</p>".repeat(30),
        message_id: format!("{number}@bench.example"),
        date: Clock::System.now(),
        auto_submitted: AutoSubmitted::Generated,
        list_unsubscribe: None,
        envelope_from: None,
        dkim: None,
    }
}
