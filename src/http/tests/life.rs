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
async fn a_client_that_goes_away_ends_its_query() {
    let stage = Stage::open().await;
    let mut stream = stage.tcp().await;
    stream.write_all(&raw("{ slow }")).await.expect("it is taken");
    soon(|| Log::count(&stage.log.begun) == 1).await;
    drop(stream);
    soon(|| Log::count(&stage.log.dropped) == 1).await;
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_end_its_mutation() {
    let stage = Stage::open().await;
    let mut stream = stage.tcp().await;
    stream
        .write_all(&raw("mutation { save }"))
        .await
        .expect("it is taken");
    soon(|| Log::count(&stage.log.begun) == 1).await;
    drop(stream);
    soon(|| Log::count(&stage.log.saved) == 1).await;
}

#[tokio::test]
async fn a_panic_leaves_the_connection_alive() {
    let stage = Stage::open().await;
    let mut stream = stage.tcp().await;
    for _ in 0..2 {
        stream.write_all(&raw("{ panics }")).await.expect("it is taken");
        let text = read_some(&mut stream).await;
        assert!(
            text.starts_with("HTTP/1.1 200") && text.contains("INTERNAL"),
            "{text}"
        );
    }
    stream
        .write_all(b"GET /panic HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("it is taken");
    let text = read_some(&mut stream).await;
    assert!(
        text.starts_with("HTTP/1.1 500") && text.contains("INTERNAL"),
        "{text}"
    );
    assert!(!text.contains("on purpose"), "{text}");
    stream.write_all(&raw("{ who }")).await.expect("it is taken");
    assert!(read_some(&mut stream).await.contains("anonymous"));
}

#[tokio::test]
async fn silence_and_slow_heads_are_ended() {
    let stage = Stage::open_with(|_, patience| patience.head = Duration::from_millis(200)).await;
    for beginning in ["", "PRI * HTTP/2.0\r\n", "POST /graphql HTTP/1.1\r\nhost:"] {
        assert_eq!(talk(&stage, beginning.as_bytes()).await, "", "{beginning}");
    }
    let mut stream = stage.tcp().await;
    stream.write_all(&raw("{ who }")).await.expect("it is taken");
    read_some(&mut stream).await;
    stream.write_all(b"POST /gra").await.expect("it is taken");
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn a_kept_connection_ends_when_nothing_comes_and_not_before() {
    let stage = Stage::open_with(|_, patience| patience.idle = Duration::from_millis(400)).await;
    let mut stream = stage.tcp().await;
    stream
        .write_all(&raw("{ pause(ms: 800) }"))
        .await
        .expect("it is taken");
    assert!(read_some(&mut stream).await.contains("pause"));
    stream.write_all(&raw("{ who }")).await.expect("it is taken");
    assert!(read_some(&mut stream).await.contains("anonymous"));
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn a_stop_finishes_what_runs_and_takes_nothing_new() {
    let stage = Stage::open().await;
    let mut running = stage.tcp().await;
    running
        .write_all(&raw("{ pause(ms: 300) }"))
        .await
        .expect("it is taken");
    let mut idle = stage.tcp().await;
    idle.write_all(&raw("{ who }")).await.expect("it is taken");
    read_some(&mut idle).await;
    stage.running.stop.cancel();
    assert_eq!(rest(&mut idle).await, "");
    assert!(rest(&mut running).await.contains("pause"));
    stage.server.await.expect("it ends");
    assert!(TcpStream::connect(stage.address).await.is_err());
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let stage = Stage::open_with(|_, patience| patience.farewell = Duration::from_millis(200)).await;
    let mut stream = stage.tcp().await;
    stream.write_all(&raw("{ slow }")).await.expect("it is taken");
    soon(|| Log::count(&stage.log.begun) == 1).await;
    stage.running.stop.cancel();
    tokio::time::timeout(Duration::from_secs(2), stage.server)
        .await
        .expect("in time")
        .expect("it ends");
    soon(|| Log::count(&stage.log.dropped) == 1).await;
}

#[tokio::test]
async fn a_stop_waits_for_a_mutation_whose_client_is_gone() {
    let stage = Stage::open().await;
    let mut stream = stage.tcp().await;
    stream
        .write_all(&raw("mutation { save }"))
        .await
        .expect("it is taken");
    soon(|| Log::count(&stage.log.begun) == 1).await;
    drop(stream);
    stage.running.stop.cancel();
    stage.server.await.expect("it ends");
    assert_eq!(Log::count(&stage.log.saved), 1);
}

#[tokio::test]
async fn a_panic_at_the_door_is_an_internal_error() {
    let stage = Stage::open().await;
    let reply = sent(stage.post("{ who }").bearer_auth("panic")).await;
    assert_eq!((reply.status, reply.code()), (500, "INTERNAL"));
    assert!(!reply.body.to_string().contains("on purpose"));
}
