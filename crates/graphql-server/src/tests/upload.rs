use reqwest::multipart::{Form, Part};

use super::*;

const OPERATION: &str = r#"{"query": "mutation($f: Upload!) { read(file: $f) }", "variables": {"f": null}}"#;
const MAP: &str = r#"{"0": ["variables.f"]}"#;

fn form(operations: &str, map: &str, file: Vec<u8>) -> Form {
    Form::new()
        .text("operations", operations.to_owned())
        .text("map", map.to_owned())
        .part("0", Part::bytes(file).file_name("people.csv"))
}

fn request(server: &TestServer, form: Form) -> reqwest::RequestBuilder {
    let request = reqwest::Client::new().post(server.url()).multipart(form);
    request
        .bearer_auth("good")
        .header("apollo-require-preflight", "1")
}

fn files_in_upload_dir(server: &TestServer) -> usize {
    std::fs::read_dir(server.upload_dir.path())
        .expect("the folder")
        .count()
}

#[tokio::test]
async fn a_file_arrives_and_is_removed_afterwards() {
    let server = TestServer::start().await;
    let file = "email".repeat(200_000).into_bytes();
    let reply = send(request(&server, form(OPERATION, MAP, file))).await;
    assert_eq!(
        reply.body,
        json!({ "data": { "read": "people.csv: 1000000 bytes, email" } })
    );
    assert_eq!(files_in_upload_dir(&server), 0);
}

#[tokio::test]
async fn a_form_needs_a_preflight_header() {
    let server = TestServer::start().await;
    let plain = reqwest::Client::new().post(server.url()).bearer_auth("good");
    let reply = send(plain.multipart(form(OPERATION, MAP, Vec::new()))).await;
    assert_eq!((reply.status, reply.code()), (403, "FORBIDDEN"));
}

#[tokio::test]
async fn a_file_needs_an_authenticated_caller() {
    let server = TestServer::start().await;
    for token in [None, Some("stale")] {
        let request = reqwest::Client::new().post(server.url()).header("x-csrf", "1");
        let request = token
            .into_iter()
            .fold(request, reqwest::RequestBuilder::bearer_auth);
        let reply = send(request.multipart(form(OPERATION, MAP, vec![b'x'; 100]))).await;
        assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"));
    }
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused() {
    let server = TestServer::start_with(|settings, _| settings.max_upload = 100_000).await;
    let reply = send(request(&server, form(OPERATION, MAP, vec![b'x'; 100_001]))).await;
    assert_eq!((reply.status, reply.code()), (413, "BAD_USER_INPUT"));
    let reply = send(request(&server, form(OPERATION, MAP, vec![b'x'; 5_000_000]))).await;
    assert_eq!(reply.status, 413);
    let reply = send(request(&server, form(OPERATION, MAP, vec![b'x'; 100_000]))).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(files_in_upload_dir(&server), 0);
}

#[tokio::test]
async fn operations_over_the_limit_are_refused() {
    let server = TestServer::start().await;
    let long = format!("{OPERATION}{}", " ".repeat(3 << 20));
    assert_eq!(
        send(request(&server, form(&long, MAP, Vec::new()))).await.status,
        413
    );
}

#[tokio::test]
async fn an_invalid_form_names_the_invalid_part() {
    let server = TestServer::start().await;
    let query = r#"{"query": "query($f: Int) { add(a: 1, b: 2) }", "variables": {"f": null}}"#;
    for (operations, map, field) in [
        (OPERATION, "{}", "map"),
        (OPERATION, r#"{"0": ["variables.g"]}"#, "map"),
        (OPERATION, r#"{"0": ["variables.f", "variables.f"]}"#, "map"),
        (OPERATION, r#"{"1": ["variables.f"]}"#, "map"),
        (OPERATION, r#"{"0": ["query"]}"#, "map"),
        (query, MAP, "operations"),
        ("[]", MAP, "body"),
    ] {
        let reply = send(request(&server, form(operations, map, Vec::new()))).await;
        assert_eq!(
            (reply.status, reply.code()),
            (400, "BAD_USER_INPUT"),
            "{operations} {map} {reply:?}"
        );
        assert_eq!(reply.error()["extensions"]["field"], field, "{operations} {map}");
    }
    let two = form(OPERATION, MAP, Vec::new()).part("1", Part::bytes(vec![1]).file_name("b"));
    assert_eq!(
        send(request(&server, two)).await.error()["extensions"]["field"],
        "map"
    );
    let backwards = Form::new().text("map", MAP).text("operations", OPERATION);
    assert_eq!(send(request(&server, backwards)).await.status, 400);
}

#[tokio::test]
async fn a_truncated_file_is_refused() {
    let server = TestServer::start().await;
    let body = format!(
        "--B\r\ncontent-disposition: form-data; name=\"operations\"\r\n\r\n{OPERATION}\r\n--B\r\ncontent-disposition: form-data; name=\"map\"\r\n\r\n{MAP}\r\n--B\r\ncontent-disposition: form-data; name=\"0\"; filename=\"a\"\r\n\r\nhalf"
    );
    let request = reqwest::Client::new()
        .post(server.url())
        .bearer_auth("good")
        .header("x-csrf", "1");
    let reply = send(
        request
            .header("content-type", "multipart/form-data; boundary=B")
            .body(body),
    )
    .await;
    assert_eq!((reply.status, reply.code()), (400, "BAD_USER_INPUT"));
    assert_eq!(files_in_upload_dir(&server), 0);
}

/// Sends a form up to the beginning of its file. The test sends the rest.
async fn start_upload(server: &TestServer, token: &str, forwarded_for: Option<&str>) -> TcpStream {
    let part =
        |name: &str, rest: &str| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"{rest}");
    let body = [
        part("operations", &format!("\r\n\r\n{OPERATION}\r\n")),
        part("map", &format!("\r\n\r\n{MAP}\r\n")),
        part("0", "; filename=\"people.csv\"\r\n\r\n"),
    ];
    let forwarded = forwarded_for.map(|ip| format!("x-forwarded-for: {ip}\r\n"));
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nx-csrf: 1\r\n{}\
        content-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n",
        forwarded.unwrap_or_default()
    );
    let mut stream = server.tcp().await;
    let sent = format!("{head}{}", body.concat());
    stream.write_all(sent.as_bytes()).await.expect("the server reads");
    stream
}

/// The status line of the response to an unfinished file.
async fn status(stream: &mut TcpStream) -> String {
    let mut result = [0; 12];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut result)).await;
    read.expect("a response before the file ends")
        .expect("a response");
    String::from_utf8_lossy(&result).into_owned()
}

#[tokio::test]
async fn a_caller_without_the_scope_is_refused_before_the_file_is_read() {
    let server = TestServer::start().await;
    for (token, expected) in [("narrow", "HTTP/1.1 403"), ("stale", "HTTP/1.1 401")] {
        let mut stream = start_upload(&server, token, None).await;
        assert_eq!(status(&mut stream).await, expected);
    }
    assert_eq!(server.uploads.count(), 0);
}

#[tokio::test]
async fn a_scope_uploads_two_files_at_a_time() {
    let server = TestServer::start().await;
    let (first, _second) = tokio::join!(
        start_upload(&server, "shared", None),
        start_upload(&server, "shared", None)
    );
    wait_until(|| server.uploads.count() == 2).await;
    let whole = || {
        let request =
            reqwest::Client::new()
                .post(server.url())
                .multipart(form(OPERATION, MAP, b"email".to_vec()));
        request.bearer_auth("shared").header("x-csrf", "1")
    };
    let reply = send(whole()).await;
    assert_eq!((reply.status, reply.code()), (429, "RATE_LIMITED"));
    assert_eq!(reply.error()["extensions"]["retryAfter"], 30);
    assert_eq!(reply.header("retry-after"), "30");
    assert_eq!(
        send(request(&server, form(OPERATION, MAP, Vec::new())))
            .await
            .status,
        200,
        "another scope"
    );
    wait_until(|| server.uploads.count() == 2).await;
    drop(first);
    wait_until(|| server.uploads.count() == 1).await;
    assert_eq!(send(whole()).await.status, 200);
    assert_eq!(server.uploads.count(), 1, "an ended upload is not counted");
}

#[tokio::test]
async fn a_source_uploads_two_files_at_a_time_and_the_server_eight() {
    let server =
        TestServer::start_with(|_, server| server.proxies.trusted = "127.0.0.1".parse().expect("a proxy"))
            .await;
    let mut held = Vec::new();
    for number in 0..8_usize {
        let source = format!("203.0.113.{}", number / 2);
        held.push(start_upload(&server, "good", Some(&source)).await);
        wait_until(|| server.uploads.count() == number + 1).await;
        if number == 1 {
            let mut third = start_upload(&server, "good", Some(&source)).await;
            assert_eq!(status(&mut third).await, "HTTP/1.1 429");
        }
    }
    let mut ninth = start_upload(&server, "good", Some("203.0.113.99")).await;
    assert_eq!(status(&mut ninth).await, "HTTP/1.1 429");
    drop(held);
    wait_until(|| server.uploads.count() == 0).await;
}

#[tokio::test]
async fn the_bytes_of_files_in_flight_are_limited() {
    let server = TestServer::start_with(|settings, _| settings.uploads.total_bytes = 100_000).await;
    let mut first = start_upload(&server, "good", None).await;
    first.write_all(&[b'x'; 90_000]).await.expect("the server reads");
    wait_until(|| server.uploads.bytes() == 90_000).await;
    let reply = send(request(&server, form(OPERATION, MAP, vec![b'x'; 10_001]))).await;
    assert_eq!((reply.status, reply.code()), (429, "RATE_LIMITED"));
    let reply = send(request(&server, form(OPERATION, MAP, vec![b'x'; 10_000]))).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn a_slow_file_times_out() {
    let server =
        TestServer::start_with(|settings, _| settings.upload_timeout = Duration::from_millis(300)).await;
    let mut stream = start_upload(&server, "good", None).await;
    let mut result = [0; 12];
    for _ in 0..100 {
        let _ = stream.write_all(b"x").await;
        let wait = Duration::from_millis(20);
        if tokio::time::timeout(wait, stream.read_exact(&mut result))
            .await
            .is_ok()
        {
            break;
        }
    }
    assert_eq!(&result, b"HTTP/1.1 408");
    assert_eq!(files_in_upload_dir(&server), 0);
}
