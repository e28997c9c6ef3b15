//! Without a provider, texts are files, which the owner of a local server reads in the outbox.

use vestibule::base::actor::Role;
use vestibule::team::model::staff_link::StaffLink;

use super::{NUMBER, contact_with, send_link, wait_for_status};
use crate::support::{TestBrowser, TestServer};

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_local_server_reads_texts_in_the_outbox() {
    let server = TestServer::open().await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    send_link(&server, &contact).await;
    let message = wait_for_status(&server, &contact, "KEPT").await;
    let id = message["id"].as_str().expect("an id");
    let file = server.folder().join(format!("sms/{}/{id}.json", server.acme.id));
    assert!(file.exists(), "{}", file.display());

    let mut owner = TestBrowser::new(&server);
    let moment = server.clock.moment();
    let member = server.member("ben@acme.example", Role::Owner).await;
    let mut conn = server.test.db.conn().await.expect("a connection");
    let link = StaffLink::issue(&mut conn, server.acme.id, member.id, &moment).await;
    drop(conn);
    let link = link.expect("a link").reveal();
    assert_eq!(owner.redeem(&format!("/dashboard/link/{link}")).await, 303);
    let (status, list) = owner.open("/dashboard/acme/outbox").await;
    assert_eq!(status, 200);
    for part in [
        NUMBER,
        "acme: sign in with this link.",
        "/p/acme/link/",
        "SMS, ",
        "segment",
    ] {
        assert!(list.contains(part), "{part}: {list}");
    }
    // There is no mail outbox to look into.
    let (status, _) = owner.open("/dashboard/acme/outbox/x").await;
    assert_eq!(status, 404);
    server.stop().await;
}
