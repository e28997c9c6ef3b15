use super::*;

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let server = TestServer::start().await;
    let reply = send(server.post(&" ".repeat(3 << 20))).await;
    assert_eq!(
        (reply.status, reply.code(), reply.header("connection")),
        (413, "BAD_USER_INPUT", "close")
    );
    let announced = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000000\r\n\r\n";
    assert!(send_raw(&server, announced).await.starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn a_body_without_a_length_is_counted() {
    let server = TestServer::start().await;
    let mut stream = server.tcp().await;
    let head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head).await.expect("the server reads");
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    // The response must arrive although the client keeps sending for a while.
    for _ in 0..40 {
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    assert!(read_to_end(&mut stream).await.starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn a_body_that_does_not_arrive_times_out() {
    let server =
        TestServer::start_with(|settings, _| settings.body_timeout = Duration::from_millis(200)).await;
    let half = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    assert!(send_raw(&server, half).await.starts_with("HTTP/1.1 408"));
}

#[tokio::test]
async fn a_client_that_writes_everything_before_it_reads_gets_its_refusal() {
    let server = TestServer::start().await;
    let body = " ".repeat(30 << 20);
    for content_type in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=B",
    ] {
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = server.tcp().await;
        stream.write_all(head.as_bytes()).await.expect("the server reads");
        stream
            .write_all(body.as_bytes())
            .await
            .expect("the server reads everything");
        stream.shutdown().await.expect("the end");
        assert!(
            read_to_end(&mut stream).await.starts_with("HTTP/1.1 4"),
            "{content_type}"
        );
    }
}
