//! A thousand contacts of a smart list, and a worker that is killed twice.

use serde_json::json;

use super::bulk::{add_people, finish, start, to_all};
use crate::contents::Rooms;
use crate::support::wait_until;

#[tokio::test(flavor = "multi_thread")]
async fn every_contact_has_one_message_and_one_link_though_the_worker_is_killed_twice() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    add_people(&rooms, 1_000).await;
    test.test.run("update contacts set tags = array['course'] where email_key like 'person%'").await;
    let list = json!({"name": "Course", "filter": {"tags": ["course"]}});
    let made = rooms.write("createSmartList", list, "smartList { id }").await;
    let mut input = to_all("[Open]({{ portal.login_url }})");
    input["selection"] = json!({"smartListId": made["smartList"]["id"]});
    let job = start(&rooms, input).await;
    for sent in [100, 600] {
        let worker = test.start_worker();
        wait_until("some are sent", async || {
            test.clock.advance(chrono::TimeDelta::milliseconds(200));
            test.mailbox.sent().len() >= sent
        })
        .await;
        drop(worker);
    }
    let worker = test.start_worker();
    finish(test, job).await;
    worker.stop().await;
    let done = test.find_job(job).await;
    assert_eq!((done.succeeded_count, done.done_count, done.total_count), (1_000, 1_000, 1_000));
    for (one_each, expected) in [
        ("select count(*) from messages", 1_000),
        ("select count(distinct contact_id) from messages where status = 'SENT'", 1_000),
        ("select count(*) from magic_links where purpose = 'MESSAGE'", 1_000),
        ("select count(distinct contact_id) from magic_links", 1_000),
        ("select count(*) from messages m join magic_links l on l.id = m.magic_link_id and l.contact_id = m.contact_id", 1_000),
    ] {
        assert_eq!(test.test.number(one_each).await, expected, "{one_each}");
    }
    // What was being sent when the worker was killed may have been sent twice, with another secret of the same link.
    let sent = test.mailbox.sent().len();
    assert!((1_000..1_300).contains(&sent), "{sent}");
}
