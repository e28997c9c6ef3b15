//! An account with its contacts, its mailbox and its workers.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::SimpleAsyncConnection;
use mailer::{Email, Mailbox, Mailer, MemoryMailbox};
use serde_json::json;
use sms::{Sender, SmsSender};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use vestibule::accounts::model::Account;
use vestibule::accounts::urls::{Addresses, PortalTemplate};
use vestibule::base::actor::{Actor, Client, Requester};
use vestibule::base::address::EmailAddress;
use vestibule::base::clock::Clock;
use vestibule::base::db::Conn;
use vestibule::base::error::Result;
use vestibule::base::ids::{BulkJobId, TeamMemberId};
use vestibule::base::secrets::{PlainSecret, SecretKind, ServerKey};
use vestibule::bulk_jobs::model::{BulkJob, BulkJobKind, BulkJobStatus, JobAction, NewJob, Plan};
use vestibule::contacts::model::list::Filter;
use vestibule::contacts::model::{Contact, ContactDetails};
use vestibule::live::Live;
use vestibule::messages::metrics::DeliveryMetrics;
use vestibule::messages::texting::Texting;
use vestibule::sending_domains::dns::Dns;
use vestibule::sending_domains::records::{MailHosts, Sending};
use vestibule::sign_in::keys::Keys;
use vestibule::worker::{Worker, WorkerParts};

use super::{TestDatabase, wait_until};

pub struct TestAccount {
    pub test: TestDatabase,
    pub clock: Clock,
    pub mailbox: MemoryMailbox,
    pub account: Account,
    /// A member of the account's staff.
    pub requester: Requester,
    pub parts: WorkerParts,
    /// Stops the background tasks.
    _stop: DropGuard,
}

impl TestAccount {
    /// The account is Acme, at 10:00 on Monday, 5 January 2026.
    pub async fn open() -> Self {
        let test = TestDatabase::new().await;
        let ten = "2026-01-05T10:00:00Z".parse::<DateTime<Utc>>().expect("a time");
        let clock = Clock::manual(ten);
        let stop = CancellationToken::new();
        let mailer = Mailer::memory();
        let mailbox = mailer.mailbox().expect("a mailbox in memory").clone();
        let moment = clock.moment();
        let mut conn = test.db.conn().await.expect("a connection");
        let account = Account::create(&mut conn, "acme", "Acme", &moment)
            .await
            .expect("an account");
        drop(conn);
        let parts = WorkerParts {
            db: test.db.clone(),
            clock: clock.clone(),
            mailer,
            sms: Texting {
                sender: SmsSender::memory(),
                from: Sender::Name("Acme".to_owned()),
            },
            live: Live::start(test.db.clone(), clock.clone(), None, &TaskTracker::new(), &stop),
            addresses: Addresses {
                public: "http://localhost:8000".to_owned(),
                portal: PortalTemplate::parse("http://localhost:8000/p/{slug}").expect("a template"),
            },
            mail_from: Mailbox::new("portal@vestibule.example"),
            sending: Sending {
                hosts: MailHosts::new("portal@vestibule.example", None, []),
                dns: Dns::default(),
            },
            daily_messages: 50_000,
            keys: Keys::new(&ServerKey::new(b"the key of a test")),
            metrics: DeliveryMetrics::default(),
        };
        Self {
            test,
            clock,
            mailbox,
            account,
            requester: Requester {
                actor: Actor::Member(TeamMemberId::new(&moment)),
                client: Client::default(),
            },
            parts,
            _stop: stop.drop_guard(),
        }
    }

    /// Runs model calls in one transaction.
    pub async fn write<T>(&self, work: impl AsyncFnOnce(&mut Conn) -> Result<T>) -> T {
        let mut conn = self.test.db.conn().await.expect("a connection");
        conn.batch_execute("begin").await.expect("it begins");
        let done = work(&mut conn).await.expect("it works");
        conn.batch_execute("commit").await.expect("it commits");
        done
    }

    pub async fn add_contacts(&self, emails: impl IntoIterator<Item = String>) -> Vec<Contact> {
        let parse = |email: String| EmailAddress::parse(&email).expect("an address");
        let details: Vec<ContactDetails> = emails
            .into_iter()
            .map(|email| ContactDetails {
                email: Some(parse(email)),
                ..ContactDetails::default()
            })
            .collect();
        let moment = self.clock.moment();
        self.write(async |conn| Contact::create_missing(conn, self.account.id, &details, &moment).await)
            .await
    }

    pub fn start_worker(&self) -> TestWorker {
        TestWorker::start(self.parts.clone())
    }

    /// Creates a job that invites these addresses.
    pub async fn invite(&self, emails: impl IntoIterator<Item = String>) -> BulkJobId {
        let payloads = emails.into_iter().map(|email| json!({"email": email})).collect();
        self.job(BulkJobKind::Invite, payloads).await
    }

    pub async fn job(&self, kind: BulkJobKind, payloads: Vec<serde_json::Value>) -> BulkJobId {
        self.create_job(kind, None, payloads).await
    }

    /// Creates a job for all contacts of a filter.
    pub async fn job_for_filter(&self, kind: BulkJobKind, filter: Filter) -> BulkJobId {
        self.create_job(kind, Some(filter), Vec::new()).await
    }

    async fn create_job(
        &self,
        kind: BulkJobKind,
        filter: Option<Filter>,
        payloads: Vec<serde_json::Value>,
    ) -> BulkJobId {
        let plan = Plan {
            filter,
            section: "HOME".to_owned(),
            ..Plan::default()
        };
        let (account, moment) = (self.account.id, self.clock.moment());
        self.write(async |conn| {
            let new = NewJob {
                kind,
                plan: &plan,
                total: payloads.len(),
                items: payloads,
            };
            Ok(BulkJob::create(conn, account, new, &self.requester, &moment)
                .await?
                .id)
        })
        .await
    }

    pub async fn find_job(&self, id: BulkJobId) -> BulkJob {
        let mut conn = self.test.db.conn().await.expect("a connection");
        let found = BulkJob::find(&mut conn, self.account.id, id).await;
        found.expect("a look").expect("the job")
    }

    pub async fn apply_action(&self, id: BulkJobId, action: JobAction) -> Option<BulkJob> {
        let (job, moment) = (self.find_job(id).await, self.clock.moment());
        self.write(async |conn| job.apply(conn, action, &self.requester, &moment).await)
            .await
    }

    pub async fn wait_for_job(&self, id: BulkJobId, status: BulkJobStatus) -> BulkJob {
        wait_until(status.as_str(), async || self.find_job(id).await.status == status).await;
        self.find_job(id).await
    }

    /// Waits until this many messages are marked as sent, and returns the emails.
    pub async fn wait_for_emails(&self, count: usize) -> Vec<Email> {
        wait_until(&format!("{count} mails"), async || {
            self.messages("SENT").await == count as i64
        })
        .await;
        self.mailbox.sent()
    }

    /// Inserts deferred messages to `count` domains (`0.deferred.example`, …), one of each priority.
    pub async fn defer(&self, count: usize, due_at: &str) {
        let insert = format!(
            "insert into messages (account_id, id, channel, kind, address, requested_by, status, priority, due_at, give_up_at, created_at)
             select '{}', gen_random_uuid(), 'EMAIL', 'LOGIN_EMAIL', 'p@' || n || '.deferred.example', 'system', 'DEFERRED', priority,
                 timestamptz '{due_at}', timestamptz '{due_at}' + interval '1 day', '2026-01-05T10:00:00Z'
             from generate_series(1, {count}) n, unnest(array[0, 1, 2]) priority",
            self.account.id.0
        );
        self.test.run(&insert).await;
    }

    /// The number of messages with this status.
    pub async fn messages(&self, status: &str) -> i64 {
        let query = format!("select count(*) from messages where status = '{status}'");
        self.test.number(&query).await
    }
}

/// A worker in the background. Dropping it aborts it, like a kill.
pub struct TestWorker {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl TestWorker {
    pub fn start(parts: WorkerParts) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(Arc::new(Worker::new(parts)).run(stop.clone()));
        Self { task, stop }
    }

    /// Stops gracefully, like `SIGTERM`.
    pub async fn stop(mut self) {
        self.stop.cancel();
        (&mut self.task).await.expect("the worker leaves in order");
    }
}

impl Drop for TestWorker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The secret of the link in an email's text.
pub fn mailed_link(email: &Email) -> PlainSecret {
    let (_, rest) = email.text.split_once("/link/").expect("a link in the mail");
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .unwrap_or(rest.len());
    PlainSecret::parse(SecretKind::MagicLink, &rest[..end]).expect("a well-formed secret")
}
