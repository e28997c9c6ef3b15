//! Erasing a contact: the row with everything that belongs to it, as deleting does, and what is personal about them elsewhere. What
//! remains says that something happened, and when, but not to whom.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::Contact;
use crate::affiliates::model::Affiliate;
use crate::base::actor::Requester;
use crate::base::audit::{AuditEvent, EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::sign_in::sessions::model::{Holder, Session};

/// The reason that is stored with the sessions that end.
const REASON: &str = "CONTACT_ERASED";

/// The addresses and numbers that the contact has or had, without those that another contact has now.
const ADDRESSES: &str = "select a as address from ( \
        select lower(m.address) as a from messages m where m.account_id = ? and m.contact_id = ? \
        union select email_key from contacts where account_id = ? and id = ? \
        union select lower(email) from contacts where account_id = ? and id = ? \
        union select phone from contacts where account_id = ? and id = ?) as own \
     where a is not null and not exists (select from contacts c where c.account_id = ? and c.email_key = a and c.id <> ?) \
        and not exists (select from contacts c where c.account_id = ? and c.phone = a and c.id <> ?)";

/// Replaces them in what the branches of workflows search for.
macro_rules! searched_in_branches {
    ($table:literal) => {
        concat!(
            "update ",
            $table,
            " f set definition = jsonb_set(f.definition, '{steps}', (select jsonb_agg(case when found.in_it \
                then jsonb_set(s.step, '{action,BRANCH,conditions,search}', to_jsonb(p.id_text)) else s.step end order by s.n) \
                from jsonb_array_elements(f.definition -> 'steps') with ordinality as s (step, n) cross join lateral \
                (select exists (select from unnest(p.addresses || p.words) as w \
                    where strpos(lower(s.step #>> '{action,BRANCH,conditions,search}'), w) > 0) as in_it) found)) \
             from person p where f.account_id = p.account_id and exists (select from jsonb_array_elements(f.definition -> 'steps') as step, \
                unnest(p.addresses || p.words) as w where strpos(lower(step #>> '{action,BRANCH,conditions,search}'), w) > 0)"
        )
    };
}

/// The parameters of the statements below: the account, the contact with their id as text, their addresses, and their phone number
/// and full name.
const PERSON: &str = "person as (select ?::uuid as account_id, ?::uuid as id, ?::text as id_text, ?::text[] as addresses, ?::text[] as words)";

/// What is personal in rows that don't belong to the contact. Items of jobs that have not come to the contact yet name their id instead,
/// which no contact has, and so do the searches of jobs.
const ELSEWHERE: [&str; 14] = [
    ", gone as (delete from suppressions s using person p where s.account_id = p.account_id and s.email_key = any(p.addresses) \
        returning s.account_id, s.email_key, s.reason, s.created_at, s.expires_at) \
     insert into erased_suppressions (account_id, address_hash, complained, stopped, created_at) \
     select account_id, erased_address_hash(account_id, email_key), reason = 'COMPLAINED', reason = 'STOPPED', created_at from gone \
     where expires_at is null on conflict do nothing",
    ", gone as (delete from marketing_opt_outs o using person p where o.account_id = p.account_id and o.email_key = any(p.addresses) \
        returning o.account_id, o.email_key, o.created_at) \
     insert into erased_opt_outs (account_id, address_hash, created_at) \
     select account_id, erased_address_hash(account_id, email_key), created_at from gone on conflict do nothing",
    "delete from challenges c using person p \
     where c.account_id = p.account_id and c.audience = 'PORTAL' and c.email_key = any(p.addresses)",
    "delete from password_resets r using person p \
     where r.account_id = p.account_id and r.audience = 'PORTAL' and r.email_key = any(p.addresses)",
    "delete from messages m using person p where m.account_id = p.account_id and m.contact_id is null and m.team_member_id is null \
        and lower(m.address collate \"C\") = any(p.addresses)",
    "update bulk_job_items i set email = null, detail = null, \
        payload = case when i.outcome is null then jsonb_build_object('id', p.id_text) end \
     from person p where i.account_id = p.account_id and (i.contact_id = p.id or lower(i.email) = any(p.addresses) \
        or i.outcome is null and (i.payload ->> 'id' = p.id_text or exists (select from unnest(p.addresses) as a \
            where lower(btrim(i.payload ->> 'email')) = a or strpos(lower(i.payload ->> 'email'), '<' || a || '>') > 0)))",
    "update bulk_jobs j set plan = jsonb_set(jsonb_set(jsonb_set(j.plan, '{filter,search}', to_jsonb(p.id_text), false), \
        '{invitations,search}', to_jsonb(p.id_text), false), '{audience,matching,search}', to_jsonb(p.id_text), false) \
     from person p where j.account_id = p.account_id and exists (select from unnest(p.addresses || p.words) as w \
        where strpos(lower(j.plan #>> '{filter,search}'), w) > 0 or strpos(lower(j.plan #>> '{invitations,search}'), w) > 0 \
            or strpos(lower(j.plan #>> '{audience,matching,search}'), w) > 0)",
    "update smart_lists l set updated_at = now(), \
        name = case when exists (select from unnest(p.addresses || p.words) as w where strpos(lower(l.name), w) > 0) \
            then left(l.id::text, 8) else l.name end, \
        conditions = case when exists (select from unnest(p.addresses || p.words) as w where strpos(lower(l.conditions ->> 'search'), w) > 0) \
            then jsonb_set(l.conditions, '{search}', to_jsonb(p.id_text)) else l.conditions end \
     from person p where l.account_id = p.account_id and exists (select from unnest(p.addresses || p.words) as w \
        where strpos(lower(l.name), w) > 0 or strpos(lower(l.conditions ->> 'search'), w) > 0)",
    "update workflows f set name = left(f.id::text, 8) from person p where f.account_id = p.account_id \
        and exists (select from unnest(p.addresses || p.words) as w where strpos(lower(f.name), w) > 0)",
    searched_in_branches!("workflows"),
    searched_in_branches!("workflow_versions"),
    // What was written to them alone.
    "delete from mailings g using person p where g.account_id = p.account_id \
        and g.id in (select about from messages where account_id = p.account_id and contact_id = p.id and kind = 'WRITTEN' \
            and requested_by not like 'workflow\\_%') \
        and not exists (select from messages m where m.account_id = g.account_id and m.kind = 'WRITTEN' and m.about = g.id \
            and m.contact_id is distinct from p.id)",
    "delete from idempotency_keys k using person p where k.account_id = p.account_id and k.viewer_id = p.id",
    // The worker is about to delete those that it has locked.
    "delete from workflow_events where (account_id, event_id) in (select e.account_id, e.event_id from workflow_events e, person p \
        where e.account_id = p.account_id and e.contact_id = p.id for update of e skip locked)",
];

#[derive(QueryableByName)]
struct Address {
    #[diesel(sql_type = Text)]
    address: String,
}

impl Contact {
    /// Erases a contact whose row is locked. Returns the sessions that ended; the caller nudges for each.
    pub(crate) async fn erase(
        &self,
        conn: &mut Conn,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Vec<SessionId>> {
        let account = self.account_id;
        let addresses = self.own_addresses(conn).await?;
        let ended = Session::end_all(conn, account, Holder::Contact(self.id), REASON, moment.now).await?;
        Affiliate::leave_contact(conn, account, self.id, moment).await?;
        for statement in ELSEWHERE {
            self.erase_elsewhere(conn, statement, &addresses).await?;
        }
        Self::delete(conn, account, self.id).await?;
        AuditEvent::erase_of_contact(conn, account, self.id).await?;
        let event = NewEvent::for_contact(EventKind::ContactErased, self.id);
        record(conn, account, requester, &[event], moment).await?;
        Ok(ended)
    }

    async fn own_addresses(&self, conn: &mut Conn) -> Result<Vec<String>> {
        let found: Vec<Address> = sql::statement(ADDRESSES)
            .bind::<SqlUuid, _>(self.account_id)
            .bind::<SqlUuid, _>(self.id)
            .bind::<SqlUuid, _>(self.account_id)
            .bind::<SqlUuid, _>(self.id)
            .bind::<SqlUuid, _>(self.account_id)
            .bind::<SqlUuid, _>(self.id)
            .bind::<SqlUuid, _>(self.account_id)
            .bind::<SqlUuid, _>(self.id)
            .bind::<SqlUuid, _>(self.account_id)
            .bind::<SqlUuid, _>(self.id)
            .bind::<SqlUuid, _>(self.account_id)
            .bind::<SqlUuid, _>(self.id)
            .load(conn)
            .await?;
        Ok(found.into_iter().map(|row| row.address).collect())
    }

    async fn erase_elsewhere(
        &self,
        conn: &mut Conn,
        statement: &'static str,
        addresses: &[String],
    ) -> Result<()> {
        let full_name = self
            .first_name
            .as_ref()
            .and(self.last_name.as_ref())
            .and(self.name());
        let words = self.phone.clone().into_iter().chain(full_name);
        let words: Vec<String> = words.map(|word| word.to_lowercase()).collect();
        sql::statement(format!("with {PERSON} {statement}"))
            .bind::<SqlUuid, _>(self.account_id)
            .bind::<SqlUuid, _>(self.id)
            .bind::<Text, _>(self.id.to_string())
            .bind::<Array<Text>, _>(addresses.to_vec())
            .bind::<Array<Text>, _>(words)
            .execute(conn)
            .await?;
        Ok(())
    }
}
