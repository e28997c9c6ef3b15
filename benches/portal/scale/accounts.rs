//! Many accounts, with the rows that `account create` leaves.

use tokio_postgres::Client;
use uuid::Uuid;
use vestibule::base::ids::AccountId;

use super::copy::Copy;
use super::person::{id_at, mixed};

/// A new account, whose ids follow from its number.
pub struct NewAccount {
    pub id: Uuid,
    pub slug: String,
    owner: Uuid,
    created_at: i64,
    seed: u64,
}

impl NewAccount {
    pub fn new(number: usize, now: i64) -> Self {
        // A second apart.
        let created_at = now - 86_400_000_000 + number as i64 * 1_000_000;
        let seed = mixed(number as u64);
        Self {
            id: id_at(created_at, seed),
            slug: format!("scale-{number}"),
            owner: id_at(created_at, seed ^ 1),
            created_at,
            seed,
        }
    }

    fn secret_hash(&self, salt: u64) -> [u8; 32] {
        let parts = [2, 3, 4, 5].map(|part| mixed(self.seed ^ salt ^ part).to_be_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(&parts.concat());
        hash
    }

    fn own_id(&self, salt: u64) -> Uuid {
        id_at(self.created_at, self.seed ^ salt)
    }
}

pub async fn fill(sql: &Client, accounts: &[NewAccount]) {
    let mut copy = Copy::into(sql, "accounts", "id, slug, name, created_at").await;
    for account in accounts {
        let row = copy.row().await.uuid(account.id).text(&account.slug);
        row.text("An account").time(account.created_at);
    }
    copy.finish().await;
    let columns = "account_id, id, email, email_key, role, created_at";
    let mut copy = Copy::into(sql, "team_members", columns).await;
    for account in accounts {
        let address = format!("owner@{}.example", account.slug);
        let row = copy.row().await.uuid(account.id).uuid(account.owner);
        row.text(&address)
            .text(&address)
            .text("OWNER")
            .time(account.created_at);
    }
    copy.finish().await;
    credentials(sql, accounts).await;
    audit_events(sql, accounts).await;
}

async fn credentials(sql: &Client, accounts: &[NewAccount]) {
    let columns = "account_id, id, team_member_id, secret_hash, created_at, expires_at";
    let mut copy = Copy::into(sql, "staff_links", columns).await;
    for account in accounts {
        let row = copy.row().await.uuid(account.id).uuid(account.own_id(20));
        let row = row.uuid(account.owner).bytes(&account.secret_hash(21));
        row.time(account.created_at)
            .time(account.created_at + 900_000_000);
    }
    copy.finish().await;
    let columns = "account_id, id, name, secret_hash, scopes, created_at, hint";
    let mut copy = Copy::into(sql, "api_keys", columns).await;
    for account in accounts {
        let row = copy.row().await.uuid(account.id).uuid(account.own_id(22));
        let row = row.text("command line").bytes(&account.secret_hash(23));
        row.texts(&["READ", "INVITE", "LINKS", "CONTACTS", "CONTENT", "AFFILIATES"])
            .time(account.created_at)
            .text("hint");
    }
    copy.finish().await;
}

async fn audit_events(sql: &Client, accounts: &[NewAccount]) {
    let columns = "account_id, id, at, kind, actor, subject, outcome";
    let mut copy = Copy::into(sql, "audit_events", columns).await;
    for account in accounts {
        let subject = AccountId(account.id).to_string();
        let kinds = ["ACCOUNT_CREATED", "STAFF_LINK_CREATED", "API_KEY_CREATED"];
        for (salt, kind) in (30..).zip(kinds) {
            let row = copy.row().await.uuid(account.id).uuid(account.own_id(salt));
            row.time(account.created_at)
                .text(kind)
                .text("system")
                .text(&subject)
                .text("OK");
        }
    }
    copy.finish().await;
}
