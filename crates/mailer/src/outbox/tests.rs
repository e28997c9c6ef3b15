use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::email::tests::email;
use crate::{Email, MailSettings, Mailer, SendError};

fn mailer() -> (TempDir, Mailer) {
    let folder = tempfile::tempdir().expect("a folder");
    let mailer = Mailer::new(&MailSettings::new(folder.path().join("outbox"))).expect("a mailer");
    (folder, mailer)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_stored_message_is_read_back_unchanged() {
    let (_folder, mailer) = mailer();
    let mut email = email();
    email.subject = "Añadido: “cursos” für Zoë 🎓".into();
    email.text = "Hallo Zoë,\n\nhttps://portal.acme.example/l/x=1\n.\n-- \nAcme\n".into();
    email.html = format!("<p>Zoë {}</p>", "x".repeat(2000));
    mailer.send(&email).await.expect("stored");
    let mail = mailer
        .outbox()
        .expect("an outbox")
        .read("acme", "msg_01")
        .expect("readable")
        .expect("a message");
    assert_eq!(mail.from, "Acme <portal@mail.acme.example>");
    assert_eq!(mail.to, "Maria Perez <maria@example.com>");
    assert_eq!(mail.subject, email.subject);
    assert_eq!(mail.date, Some(email.date));
    assert_eq!(mail.text.trim_end(), email.text.trim_end());
    assert_eq!(mail.html.trim_end(), email.html);
    let header = |name: &str| {
        mail.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(header("Message-ID"), Some("<msg_01@mail.acme.example>"));
    assert_eq!(header("Auto-Submitted"), Some("auto-generated"));
}

#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    let (folder, mailer) = mailer();
    mailer.send(&email()).await.expect("stored");
    let outbox = folder.path().join("outbox");
    assert_eq!(mode(&outbox), 0o700);
    assert_eq!(mode(&outbox.join("acme")), 0o700);
    assert_eq!(mode(&outbox.join("acme/msg_01.eml")), 0o600);
    assert_eq!(
        fs::read_dir(outbox.join("acme")).expect("a folder").count(),
        1,
        "no temporary file remains"
    );
}

#[tokio::test]
async fn a_message_with_the_same_key_replaces_the_first() {
    let (_folder, mailer) = mailer();
    mailer.send(&email()).await.expect("stored");
    let again = Email {
        subject: "Again".into(),
        ..email()
    };
    mailer.send(&again).await.expect("stored again");
    let list = mailer
        .outbox()
        .expect("an outbox")
        .list("acme", 10)
        .expect("a list");
    assert_eq!(
        list.iter()
            .map(|entry| entry.subject.as_str())
            .collect::<Vec<_>>(),
        ["Again"]
    );
}

#[tokio::test]
async fn the_list_has_only_messages_newest_first() {
    let (folder, mailer) = mailer();
    let acme = folder.path().join("outbox/acme");
    for (age, key) in [(30, "msg_03"), (20, "msg_01"), (10, "msg_02")] {
        mailer
            .send(&Email {
                key: key.into(),
                ..email()
            })
            .await
            .expect("stored");
        let file = fs::File::options()
            .write(true)
            .open(acme.join(format!("{key}.eml")))
            .expect("the file");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_892_000 - age))
            .expect("a time");
    }
    fs::write(acme.join(".1-1.tmp"), "half").expect("written");
    fs::write(acme.join("Notes.txt"), "note").expect("written");
    let outbox = mailer.outbox().expect("an outbox");
    let keys = |limit| -> Vec<_> {
        outbox
            .list("acme", limit)
            .expect("a list")
            .into_iter()
            .map(|entry| entry.key)
            .collect()
    };
    assert_eq!(keys(10), ["msg_02", "msg_01", "msg_03"]);
    assert_eq!(keys(2), ["msg_02", "msg_01"]);
    assert!(outbox.list("globex", 10).expect("an empty list").is_empty());
}

#[tokio::test]
async fn no_name_escapes_the_folder() {
    let (folder, mailer) = mailer();
    let outside = folder.path().join("secret.eml");
    fs::write(&outside, "Subject: secret\r\n\r\nx").expect("written");
    let outbox = mailer.outbox().expect("an outbox");
    let long = "a".repeat(101);
    for bad in [
        "",
        ".",
        "..",
        "../acme",
        "a/b",
        "/etc",
        "a\0",
        "A",
        "é",
        "a.b",
        "a b",
        long.as_str(),
    ] {
        for (folder_name, key) in [(bad, "msg_01"), ("acme", bad)] {
            let email = Email {
                folder: folder_name.into(),
                key: key.into(),
                ..email()
            };
            assert!(
                matches!(mailer.send(&email).await, Err(SendError::Unsendable { .. })),
                "{bad:?}"
            );
            assert_eq!(outbox.read(folder_name, key).expect("no error"), None, "{bad:?}");
        }
        assert!(outbox.list(bad, 5).expect("no error").is_empty(), "{bad:?}");
    }
    assert_eq!(
        fs::read_dir(folder.path()).expect("a folder").count(),
        2,
        "nothing was written outside"
    );
}

#[tokio::test]
async fn check_reports_an_unusable_folder() {
    let (folder, mailer) = mailer();
    assert_eq!(mailer.check().await, Ok(()));
    assert_eq!(
        fs::read_dir(folder.path().join("outbox"))
            .expect("a folder")
            .count(),
        0
    );
    fs::remove_dir(folder.path().join("outbox")).expect("removed");
    fs::write(folder.path().join("outbox"), "a file in its place").expect("written");
    let error = mailer.check().await.expect_err("no folder");
    assert!(
        error.reason().starts_with("the outbox folder can't be written: "),
        "{error}"
    );
    assert!(matches!(
        mailer.send(&email()).await,
        Err(SendError::Retry { .. })
    ));
}
