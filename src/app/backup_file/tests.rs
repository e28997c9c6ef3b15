use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::writer::hex;
use super::*;
use crate::base::clock::Clock;
use sha2::{Digest, Sha256};

const OUR_SECRET: &str = "a secret of the tests, long enough for all";
const DUMP: &[u8] = &[7; 1500];

fn manifest(format: u32, parts: Vec<Part>) -> Manifest {
    Manifest {
        format,
        vestibule: "0.1.0".to_owned(),
        created_at: Clock::System.now(),
        database: DatabaseManifest {
            postgres: "15.18".to_owned(),
            postgres_major: 15,
            pg_dump_major: 15,
            migrations: vec!["20261123000001".to_owned()],
            size_bytes: 1,
        },
        secret_fingerprint: secret_fingerprint(OUR_SECRET),
        parts,
    }
}

fn write(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("backup.tar");
    let moment = Clock::System.moment();
    let now = moment.now;
    let mut writer = BackupWriter::create(&path, &moment).expect("it is created");
    let mut dump = writer.part(DATABASE, now).expect("a part");
    dump.write_all(&DUMP[..1000]).expect("it is written");
    dump.write_all(&DUMP[1000..]).expect("it is written");
    dump.finish().expect("it is finished");
    for (name, content) in [
        (SECRET, OUR_SECRET),
        ("mail/account_1/message_1.eml", "Subject: Hello"),
    ] {
        writer
            .copy(name, now, &mut content.as_bytes())
            .expect("it is written");
    }
    let manifest = manifest(FORMAT, writer.parts.clone());
    writer.finish(&manifest).expect("it is finished");
    path
}

/// A tar of these entries and a manifest that lists them all, as an attacker would make it.
fn craft(path: &Path, format: u32, entries: &[(&str, tar::EntryType)]) {
    let mut tar = tar::Builder::new(fs::File::create(path).expect("a file"));
    let mut append = |name: &str, kind: tar::EntryType, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mtime(0);
        header.set_cksum();
        tar.append(&header, content).expect("it is written");
    };
    let mut parts = Vec::new();
    for (name, kind) in entries {
        let content: &[u8] = if *name == SECRET {
            OUR_SECRET.as_bytes()
        } else {
            b""
        };
        append(name, *kind, content);
        parts.push(Part {
            name: (*name).to_owned(),
            bytes: content.len() as u64,
            sha256: hex(&Sha256::digest(content)),
        });
    }
    let json = serde_json::to_vec(&manifest(format, parts)).expect("JSON");
    append(MANIFEST, tar::EntryType::Regular, &json);
    tar.finish().expect("it is finished");
}

fn refusal(path: &Path) -> String {
    BackupFile::open(path).expect_err("it is refused").to_string()
}

#[test]
fn a_backup_is_read_as_it_was_written() {
    let folder = TempDir::new().expect("a folder");
    let path = write(&folder);
    assert_eq!(fs::metadata(&path).expect("a file").mode() & 0o777, 0o600);
    let backup = BackupFile::open(&path).expect("it is whole");
    assert_eq!(backup.secret.as_deref(), Some(OUR_SECRET));
    let names: Vec<_> = backup.parts.iter().map(|part| &*part.name).collect();
    assert_eq!(names, [DATABASE, SECRET, "mail/account_1/message_1.eml"]);
    let mut dump = Vec::new();
    let mut content = backup.read(&backup.parts[0]).expect("it can be read");
    content.read_to_end(&mut dump).expect("it can be read");
    assert_eq!(dump, DUMP);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn an_unfinished_backup_leaves_no_file_and_keeps_an_older_one() {
    let folder = TempDir::new().expect("a folder");
    let path = write(&folder);
    let mut writer = BackupWriter::create(&path, &Clock::System.moment()).expect("it is created");
    writer
        .copy(DATABASE, Clock::System.now(), &mut &b"half"[..])
        .expect("it is written");
    drop(writer);
    assert!(BackupFile::open(&path).is_ok());
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn a_cut_or_extended_file_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let whole = fs::read(write(&folder)).expect("a file");
    let path = folder.path().join("other.tar");
    let file = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("it is written");
        refusal(&path)
    };
    for length in (1..whole.len()).step_by(61) {
        let said = file(&whole[..length]);
        let expected = if length < 512 + DUMP.len() {
            "not a backup"
        } else {
            "cut"
        };
        assert!(
            said.contains(expected) || said.contains("cut"),
            "{length}: {said}"
        );
    }
    assert!(file(b"").contains("not a backup"));
    assert!(file(&[b'x'; 4096]).contains("not a backup"));
    assert!(file(&[&whole[..], b"more"].concat()).contains("appended"));
}

#[test]
fn an_altered_part_is_named() {
    let folder = TempDir::new().expect("a folder");
    let path = write(&folder);
    let whole = fs::read(&path).expect("a file");
    let altered = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).expect("it is written");
        refusal(&path)
    };
    assert!(altered(512 + 700).contains("database.dump is not as it was written"));
    let secret = 512 + DUMP.len().next_multiple_of(512) + 512;
    assert!(altered(secret).contains("secret is not as it was written"));
    // The name in the header of the second part.
    assert!(altered(secret - 512).contains("what follows database.dump is damaged"));
}

#[test]
fn unknown_names_links_and_folders_are_refused() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("crafted.tar");
    let regular = tar::EntryType::Regular;
    craft(&path, FORMAT, &[(DATABASE, regular), (SECRET, regular)]);
    assert!(BackupFile::open(&path).is_ok());
    for (name, kind) in [
        ("other", regular),
        ("../secret", regular),
        ("/etc/passwd", regular),
        ("mail/../../x.eml", regular),
        ("mail/a/b.eml", tar::EntryType::Symlink),
        ("mail/a/b.eml", tar::EntryType::Link),
        ("mail/a/b.eml", tar::EntryType::Directory),
    ] {
        craft(
            &path,
            FORMAT,
            &[(DATABASE, regular), (SECRET, regular), (name, kind)],
        );
        let said = refusal(&path);
        assert!(said.contains("altered: it contains"), "{name}: {said}");
    }
}

#[test]
fn a_newer_format_is_refused_whatever_it_contains() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("newer.tar");
    let regular = tar::EntryType::Regular;
    craft(
        &path,
        FORMAT + 1,
        &[(DATABASE, regular), ("something-new", regular)],
    );
    let said = refusal(&path);
    assert!(
        said.contains("its format is 2") && said.contains("use a newer version"),
        "{said}"
    );
}

#[test]
fn names_can_not_leave_the_data_directory_or_replace_its_files() {
    for name in [
        "database.dump",
        "secret",
        "mail/acc_1/msg_1.eml",
        "sms/acc_1/msg_1.json",
        "signing-keys/a.pem",
        "signing-keys/keys/2026-1.pem",
    ] {
        assert!(part_is_known(name), "{name}");
    }
    for name in [
        "",
        "manifest.json",
        "secret/",
        "mail/a.eml",
        "mail/a/b.txt",
        "sms/a/b.eml",
        "sms/a/../b.json",
        "mail/a/.eml",
        "mail/a/b/c.eml",
        "mail/A/b.eml",
        "signing-keys/",
        "signing-keys/../a.pem",
        "signing-keys/.hidden",
        "signing-keys//a.pem",
        "signing-keys/secret",
        "signing-keys/postgres/PG_VERSION",
        "signing-keys/postgres.log",
        "signing-keys/restoring",
    ] {
        assert!(!part_is_known(name), "{name}");
    }
}

#[test]
fn the_fingerprint_differs_between_secrets_and_contains_none() {
    let one = secret_fingerprint(OUR_SECRET);
    assert_eq!(one, secret_fingerprint(OUR_SECRET));
    assert_ne!(
        one,
        secret_fingerprint("another secret of the tests, long enough too")
    );
    assert!(!one.contains("secret"));
}
