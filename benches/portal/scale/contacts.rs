//! The contacts of an account, and what they have: an invitation if they were invited, an email, a course.

use std::ops::Range;

use tokio_postgres::Client;
use uuid::Uuid;

use super::copy::Copy;
use super::person::{MICROS_PER_DAY, Person, id_at};

/// Contacts to add to an account: the numbers of `count` in total.
pub struct NewContacts {
    pub account: Uuid,
    pub numbers: Range<usize>,
    pub count: usize,
    /// What a third of them may open.
    pub course: Option<Uuid>,
}

/// Adds contacts to accounts, by one statement for each table.
pub async fn fill(sql: &Client, added: &[NewContacts], now: i64) {
    contacts(sql, people(added, now)).await;
    invitations(sql, people(added, now)).await;
    messages(sql, people(added, now)).await;
    for added in added {
        if let Some(course) = added.course {
            grants(sql, people(std::slice::from_ref(added), now), course).await;
        }
    }
}

fn people(added: &[NewContacts], now: i64) -> impl Iterator<Item = Person> {
    added.iter().flat_map(move |added| {
        let numbers = added.numbers.clone();
        numbers.map(move |number| Person::new(added.account, number, added.count, now))
    })
}

async fn contacts(sql: &Client, people: impl Iterator<Item = Person>) {
    let groups: Vec<String> = (0..200).map(|group| format!("group {group}")).collect();
    let columns = "account_id, id, email, email_key, phone, first_name, last_name, tags, invited_at, first_invited_at, joined_at,
        last_seen_at, revoked_at, created_at, updated_at";
    let mut copy = Copy::into(sql, "contacts", columns).await;
    let (mut address, mut last_name, mut phone) = (String::new(), String::new(), String::new());
    for person in people {
        for text in [&mut address, &mut last_name, &mut phone] {
            text.clear();
        }
        person.address(&mut address);
        person.last_name(&mut last_name);
        let row = copy.row().await.uuid(person.account).uuid(person.id);
        row.text(&address).text(&address);
        if person.phone(&mut phone) {
            row.text(&phone);
        } else {
            row.null();
        }
        row.text(person.first_name())
            .text(&last_name)
            .texts(&person.tags(&groups))
            .time_or_null(person.invited_at)
            .time_or_null(person.invited_at)
            .time_or_null(person.joined_at)
            .time_or_null(person.last_seen_at)
            .time_or_null(person.revoked_at)
            .time(person.created_at)
            .time(person.created_at);
    }
    copy.finish().await;
}

async fn invitations(sql: &Client, people: impl Iterator<Item = Person>) {
    let columns =
        "account_id, id, contact_id, section, invited_by, created_at, last_sent_at, expires_at, accepted_at";
    let mut copy = Copy::into(sql, "invitations", columns).await;
    for person in people {
        let Some(invited_at) = person.invited_at else {
            continue;
        };
        let row = copy.row().await.uuid(person.account);
        row.uuid(id_at(invited_at, person.seed(31)))
            .uuid(person.id)
            .text("HOME")
            .text("system")
            .time(invited_at)
            .time(invited_at)
            .time(invited_at + 7 * MICROS_PER_DAY)
            .time_or_null(person.joined_at);
    }
    copy.finish().await;
}

async fn messages(sql: &Client, people: impl Iterator<Item = Person>) {
    let columns = "account_id, id, contact_id, channel, kind, address, subject, invitation_id, requested_by, status, priority,
        due_at, give_up_at, created_at, sent_at";
    let mut copy = Copy::into(sql, "messages", columns).await;
    let mut address = String::new();
    for person in people.filter(Person::has_message) {
        let Some(at) = person.invited_at else { continue };
        address.clear();
        person.address(&mut address);
        let row = copy.row().await.uuid(person.account);
        row.uuid(id_at(at, person.seed(32)))
            .uuid(person.id)
            .text("EMAIL")
            .text("INVITATION")
            .text(&address)
            .text("Bench invites you to its portal")
            .uuid(id_at(at, person.seed(31)))
            .text("system")
            .text("SENT")
            .smallint(2)
            .time(at)
            .time(at + MICROS_PER_DAY)
            .time(at)
            .time(at + 1_000_000);
    }
    copy.finish().await;
}

async fn grants(sql: &Client, people: impl Iterator<Item = Person>, course: Uuid) {
    let columns = "account_id, id, contact_id, course_id, source, starts_at, granted_by, created_at";
    let mut copy = Copy::into(sql, "access_grants", columns).await;
    for person in people.filter(Person::has_course) {
        let row = copy.row().await.uuid(person.account);
        row.uuid(id_at(person.created_at, person.seed(33)))
            .uuid(person.id)
            .uuid(course)
            .text("DIRECT")
            .time(person.created_at)
            .text("system")
            .time(person.created_at);
    }
    copy.finish().await;
}
