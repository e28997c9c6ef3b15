//! Contacts, links and positions in lists, of the account `bench`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use vestibule::base::ids::ContactId;

use crate::bench_server::{BenchServer, uuid};

impl BenchServer {
    /// Adds contacts up to `count`: a third not invited, a third invited, a third active.
    pub async fn fill(&self, count: usize) {
        let have: i64 = self
            .sql
            .query_one("select count(*) from contacts", &[])
            .await
            .expect("a count")
            .get(0);
        self.execute(&format!(
            "insert into contacts (account_id, id, email, email_key, first_name, last_name, tags, invited_at, first_invited_at,
                 joined_at, last_seen_at, created_at, updated_at)
             select '{}', ('01900000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'c' || i || '@example.com',
                 'c' || i || '@example.com', 'Name' || i % 997, 'Last' || i % 1009, array['tag' || i % 7],
                 case when i % 3 > 0 then now() end, case when i % 3 > 0 then now() end,
                 case when i % 3 > 1 then now() end, case when i % 3 > 1 then now() - i % 40 * interval '1 day' end, now(), now()
             from generate_series({}, {count}) i",
            self.account.0,
            have + 1
        ))
        .await;
        self.execute("vacuum analyze contacts").await;
        self.execute("insert into invitations (account_id, id, contact_id, section, invited_by, created_at, last_sent_at, expires_at)
                  select account_id, id, id, 'HOME', 'system', now(), now(), now() + interval '7 days' from contacts
                  where status = 1 order by id desc limit 1000 on conflict do nothing").await;
    }

    pub async fn contact(&self) -> ContactId {
        let row = self
            .sql
            .query_one("select id::text from contacts limit 1 offset 500", &[])
            .await
            .expect("a contact");
        ContactId(uuid(&row, 0))
    }

    /// Changes the counts.
    pub async fn change(&self, turn: usize) {
        let email = format!("change{turn}@example.com");
        self.request(&format!(
            "mutation {{ inviteContacts(input: {{emails: [\"{email}\"]}}) {{ count }} }}"
        ))
        .await;
    }

    /// Creates links for this many contacts, and returns their tokens.
    pub async fn links(&self, count: usize) -> Vec<String> {
        self.fill(10_000).await;
        let rows = self
            .sql
            .query(
                "select id::text from contacts order by contacts.id limit $1",
                &[&(count as i64)],
            )
            .await
            .expect("contacts");
        let mut tokens = Vec::new();
        for part in rows.chunks(25) {
            let fields: Vec<String> = part
                .iter()
                .enumerate()
                .map(|(server, row)| {
                    let id = ContactId(uuid(row, 0));
                    format!("l{server}: generateMagicLink(input: {{contactId: \"{id}\"}}) {{ url }}")
                })
                .collect();
            let created = self
                .request(&format!("mutation {{ {} }}", fields.join(" ")))
                .await;
            let urls = created.as_object().into_iter().flat_map(|fields| fields.values());
            tokens.extend(urls.filter_map(|one| Some(one["url"].as_str()?.rsplit('/').next()?.to_owned())));
        }
        tokens
    }

    /// The cursor before page 10,000 of the contacts by address.
    pub async fn deep_cursor(&self) -> String {
        self.cursor("contacts/Email/ASC", "email_key", 200_000).await
    }

    /// The cursor after so many contacts of a list, which is ordered by this expression.
    pub async fn cursor(&self, list: &str, key: &str, count: usize) -> String {
        let direction = list.rsplit('/').next().unwrap_or_default();
        let query = format!(
            "select {key}, id::text from contacts where account_id = '{}' order by {key} {direction}, contacts.id {direction}
             offset {} limit 1",
            self.account.0,
            count - 1
        );
        let row = self.sql.query_one(&query, &[]).await.expect("a row");
        let (key, id): (String, uuid::Uuid) = (row.get(0), uuid(&row, 1));
        URL_SAFE_NO_PAD.encode(json!([list, key, id.simple().to_string()]).to_string())
    }
}
