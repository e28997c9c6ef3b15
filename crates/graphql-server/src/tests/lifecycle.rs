use super::*;

fn raw(query: &str) -> Vec<u8> {
    let body = json!({ "query": query }).to_string();
    let length = body.len();
    format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

async fn read_some(stream: &mut TcpStream) -> String {
    let mut buffer = vec![0; 64 << 10];
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut buffer)).await;
    let count = read.expect("in time").expect("bytes");
    String::from_utf8_lossy(&buffer[..count]).into_owned()
}

#[tokio::test]
async fn a_disconnected_client_ends_its_query() {
    let server = TestServer::start().await;
    let mut stream = server.tcp().await;
    stream
        .write_all(&raw("{ slow }"))
        .await
        .expect("the server reads");
    wait_until(|| Log::count(&server.log.begun) == 1).await;
    drop(stream);
    wait_until(|| Log::count(&server.log.dropped) == 1).await;
}

#[tokio::test]
async fn a_disconnected_client_does_not_end_its_mutation() {
    let server = TestServer::start().await;
    let mut stream = server.tcp().await;
    stream
        .write_all(&raw("mutation { save }"))
        .await
        .expect("the server reads");
    wait_until(|| Log::count(&server.log.begun) == 1).await;
    drop(stream);
    wait_until(|| Log::count(&server.log.saved) == 1).await;
}

#[tokio::test]
async fn a_panic_does_not_end_the_connection() {
    let server = TestServer::start().await;
    let mut stream = server.tcp().await;
    for _ in 0..2 {
        stream
            .write_all(&raw("{ panics }"))
            .await
            .expect("the server reads");
        let text = read_some(&mut stream).await;
        assert!(
            text.starts_with("HTTP/1.1 200") && text.contains("INTERNAL"),
            "{text}"
        );
    }
    stream
        .write_all(b"GET /panic HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("the server reads");
    let text = read_some(&mut stream).await;
    assert!(
        text.starts_with("HTTP/1.1 500") && text.contains("INTERNAL"),
        "{text}"
    );
    assert!(!text.contains("on purpose"), "{text}");
    stream.write_all(&raw("{ who }")).await.expect("the server reads");
    assert!(read_some(&mut stream).await.contains("anonymous"));
}

#[tokio::test]
async fn idle_connections_and_slow_heads_time_out() {
    let server = TestServer::start_with(|_, server| server.timeouts.head = Duration::from_millis(200)).await;
    for beginning in ["", "PRI * HTTP/2.0\r\n", "POST /graphql HTTP/1.1\r\nhost:"] {
        assert_eq!(send_raw(&server, beginning.as_bytes()).await, "", "{beginning}");
    }
    let mut stream = server.tcp().await;
    stream.write_all(&raw("{ who }")).await.expect("the server reads");
    read_some(&mut stream).await;
    stream.write_all(b"POST /gra").await.expect("the server reads");
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn a_kept_alive_connection_ends_only_when_it_is_idle() {
    let server = TestServer::start_with(|_, server| server.timeouts.idle = Duration::from_millis(400)).await;
    let mut stream = server.tcp().await;
    stream
        .write_all(&raw("{ pause(ms: 800) }"))
        .await
        .expect("the server reads");
    assert!(read_some(&mut stream).await.contains("pause"));
    stream.write_all(&raw("{ who }")).await.expect("the server reads");
    assert!(read_some(&mut stream).await.contains("anonymous"));
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn a_shutdown_finishes_running_requests_and_accepts_no_more() {
    let server = TestServer::start().await;
    let mut running = server.tcp().await;
    running
        .write_all(&raw("{ pause(ms: 300) }"))
        .await
        .expect("the server reads");
    let mut idle = server.tcp().await;
    idle.write_all(&raw("{ who }")).await.expect("the server reads");
    read_some(&mut idle).await;
    server.handle.stop.cancel();
    assert_eq!(read_to_end(&mut idle).await, "");
    assert!(read_to_end(&mut running).await.contains("pause"));
    server.task.await.expect("it stops");
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_shutdown_waits_for_a_limited_time() {
    let server =
        TestServer::start_with(|_, server| server.timeouts.graceful_shutdown = Duration::from_millis(200))
            .await;
    let mut stream = server.tcp().await;
    stream
        .write_all(&raw("{ slow }"))
        .await
        .expect("the server reads");
    wait_until(|| Log::count(&server.log.begun) == 1).await;
    server.handle.stop.cancel();
    tokio::time::timeout(Duration::from_secs(2), server.task)
        .await
        .expect("in time")
        .expect("it stops");
    wait_until(|| Log::count(&server.log.dropped) == 1).await;
}

#[tokio::test]
async fn a_shutdown_waits_for_a_mutation_whose_client_has_disconnected() {
    let server = TestServer::start().await;
    let mut stream = server.tcp().await;
    stream
        .write_all(&raw("mutation { save }"))
        .await
        .expect("the server reads");
    wait_until(|| Log::count(&server.log.begun) == 1).await;
    drop(stream);
    server.handle.stop.cancel();
    server.task.await.expect("it stops");
    assert_eq!(Log::count(&server.log.saved), 1);
}

#[tokio::test]
async fn a_panic_of_the_authentication_is_an_internal_error() {
    let server = TestServer::start().await;
    let reply = send(server.post("{ who }").bearer_auth("panic")).await;
    assert_eq!((reply.status, reply.code()), (500, "INTERNAL"));
    assert!(!reply.body.to_string().contains("on purpose"));
}

#[tokio::test]
async fn an_operation_over_its_deadline_is_unavailable() {
    let deadline = Duration::from_millis(100);
    let server = TestServer::start_with(|settings, _| settings.request_deadline = deadline).await;
    let reply = send(server.post("{ who }").bearer_auth("hang")).await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
    let reply = send(server.post("{ slow }")).await;
    assert_eq!((reply.status, reply.code()), (200, "UNAVAILABLE"));
    wait_until(|| Log::count(&server.log.dropped) == 1).await;
    let reply = send(server.post("mutation { save }")).await;
    assert_eq!(reply.code(), "UNAVAILABLE");
    assert!(reply.message().contains("not known whether"), "{reply:?}");
}
