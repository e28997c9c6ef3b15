use super::*;

#[test]
fn the_connection_is_passed_in_the_environment() {
    let url =
        "postgres://ann:hun%20ter2@db1:5433,db2:5434/a'b?sslmode=require&target_session_attrs=read-write";
    let config: Config = url.parse().expect("a URL");
    let of = |roots| {
        environment(&Database {
            config: &config,
            root_certificates: roots,
        })
    };
    let all = of(Some(Path::new("/roots.pem")));
    for pair in [
        ("PGHOST", "db1,db2"),
        ("PGPORT", "5433,5434"),
        ("PGUSER", "ann"),
        ("PGPASSWORD", "hun ter2"),
        ("PGSSLMODE", "verify-full"),
        ("PGSSLROOTCERT", "/roots.pem"),
        ("PGTARGETSESSIONATTRS", "read-write"),
    ] {
        assert!(all.contains(&(pair.0, pair.1.into())), "{pair:?}: {all:?}");
    }
    assert!(of(None).contains(&("PGSSLMODE", "require".into())));
    assert_eq!(name_of(&config), r"dbname='a\'b'");
}

#[test]
fn errors_are_reported_without_the_rows_they_are_about() {
    let stderr = b"pg_restore: error: COPY failed for table \"contacts\"\nCONTEXT:  COPY contacts: \"ann@example.com\"\n";
    let failed = |stderr: &[u8]| Output {
        status: std::os::unix::process::ExitStatusExt::from_raw(256),
        stdout: Vec::new(),
        stderr: stderr.to_owned(),
    };
    let error = check(RESTORE, Ok(failed(stderr)))
        .expect_err("it failed")
        .to_string();
    assert_eq!(error, "pg_restore failed: COPY failed for table \"contacts\"");
    let error = check(RESTORE, Ok(failed(b"")))
        .expect_err("it failed")
        .to_string();
    assert_eq!(error, "pg_restore failed: exit status: 1");
}
