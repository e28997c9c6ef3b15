//! The account's logo and colours.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{TestBrowser, TestServer};

const UPDATE: &str = "mutation ($input: UpdatePortalSettingsInput!) { updatePortalSettings(input: $input) { portal { settings {
    accentColor secondaryColor logoUrl logoImageUrl } } } }";

fn picture(width: u32, height: u32) -> DynamicImage {
    RgbaImage::from_fn(width, height, |x, y| Rgba([x as u8, y as u8, 90, 255])).into()
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let opaque = DynamicImage::from(picture.to_rgb8());
    opaque.write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

/// Serves what `file` has for each path, with a status; ends with the test.
async fn serve(file: impl Fn(&str) -> (String, Vec<u8>) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4_096];
            let length = stream.read(&mut head).await.expect("a request");
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let (status, body) = file(head.split(' ').nth(1).unwrap_or_default());
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            // A client that has read enough closes the connection.
            let _sent = stream.write_all(&[head.as_bytes(), &body].concat()).await;
        }
    });
    url
}

async fn settings(server: &TestServer, input: Value) -> Value {
    let done = server
        .data(&server.acme.admin, UPDATE, json!({"input": input}))
        .await;
    done["updatePortalSettings"]["portal"]["settings"].clone()
}

async fn open() -> TestServer {
    TestServer::open_with(&[("VESTIBULE_ALLOW_PRIVATE_ADDRESSES", "true")], |_| {
        mailer::Mailer::memory()
    })
    .await
}

fn path(server: &TestServer, url: &Value) -> String {
    let url = url.as_str().expect("a URL");
    url.strip_prefix(&server.url)
        .expect("a path of this server")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logo_is_fetched_once_encoded_anew_and_served_under_a_name_of_its_own() {
    let server = open().await;
    let pictures = serve(|path| match path {
        "/moved" => ("302 Found\r\nlocation: /logo.webp".to_owned(), Vec::new()),
        "/logo.gif" => {
            let mut bytes = Vec::new();
            let frames =
                [picture(40, 40), picture(40, 40)].map(|frame| image::Frame::new(frame.into_rgba8()));
            GifEncoder::new(&mut bytes)
                .encode_frames(frames)
                .expect("a picture");
            ("200 OK".to_owned(), bytes)
        }
        "/logo.jpg" => ("200 OK".to_owned(), encoded(&picture(90, 30), ImageFormat::Jpeg)),
        _ => (
            "200 OK".to_owned(),
            encoded(&picture(2_000, 400), ImageFormat::WebP),
        ),
    })
    .await;
    for (file, width, height, name) in [
        ("/moved", 640, 128, "alt=\"acme\""),
        ("/logo.jpg", 90, 30, "alt=\"acme\""),
        ("/logo.gif", 40, 40, "alt=\"\">acme"),
    ] {
        let changed = settings(&server, json!({"logoUrl": format!("{pictures}{file}")})).await;
        assert_eq!(changed["logoUrl"], format!("{pictures}{file}"));
        let path = path(&server, &changed["logoImageUrl"]);
        let answer = server
            .http
            .get(format!("{}{path}", server.url))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.headers()["content-type"], "image/png");
        assert_eq!(
            answer.headers()["cache-control"],
            "public, max-age=31536000, immutable"
        );
        let bytes = answer.bytes().await.expect("a picture");
        let served = image::load_from_memory_with_format(&bytes, ImageFormat::Png).expect("a PNG");
        assert_eq!((served.width(), served.height()), (width, height), "{file}");
        let (_, page) = TestBrowser::new(&server).open("/p/acme/login").await;
        assert!(
            page.contains(&format!(
                "src=\"{path}\" width=\"{width}\" height=\"{height}\" {name}"
            )),
            "{page}"
        );
    }
    let old = format!(
        "{}/p/acme/logo/0123456789abcdef0123456789abcdef-1x1.png",
        server.url
    );
    let answer = server.http.get(&old).send().await.expect("an answer");
    assert_eq!(
        answer.headers()["cache-control"],
        "no-cache",
        "the page is older than the logo"
    );
    let removed = settings(&server, json!({"logoUrl": null})).await;
    assert_eq!(
        (&removed["logoUrl"], &removed["logoImageUrl"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        server.http.get(&old).send().await.expect("an answer").status(),
        404
    );
    let (_, page) = TestBrowser::new(&server).open("/p/acme/login").await;
    assert!(
        page.contains("class=\"mark\"") && !page.contains("/logo/"),
        "{page}"
    );
    assert_eq!(server.test.number("select count(*) from account_logos").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_small_picture_of_a_public_host_is_refused_and_changes_nothing() {
    let server = open().await;
    let pictures = serve(|path| {
        let good = encoded(&picture(30, 30), ImageFormat::Png);
        let ok = || "200 OK".to_owned();
        match path {
            "/good" => (ok(), good),
            "/svg" => (
                ok(),
                b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec(),
            ),
            "/html" => (ok(), b"<!doctype html><title>Not here</title>".to_vec()),
            "/half" => (ok(), good[..good.len() / 2].to_vec()),
            "/large" => (ok(), vec![0; (2 << 20) + 1]),
            "/wide" => (ok(), encoded(&picture(4_097, 1), ImageFormat::Png)),
            "/empty" => (ok(), Vec::new()),
            "/loop" => ("302 Found\r\nlocation: /loop".to_owned(), Vec::new()),
            "/nowhere" => ("302 Found".to_owned(), Vec::new()),
            _ => ("404 Not Found".to_owned(), Vec::new()),
        }
    })
    .await;
    let before = settings(&server, json!({"logoUrl": format!("{pictures}/good")})).await;
    for (file, reason) in [
        ("/svg", "SVG can hold scripts"),
        ("/html", "no picture"),
        ("/half", "no picture"),
        ("/large", "larger than 2097152 bytes"),
        ("/wide", "at most 4096 pixels"),
        ("/empty", "no picture"),
        ("/loop", "more than 3 times"),
        ("/nowhere", "answered 302"),
        ("/missing", "answered 404"),
    ] {
        let input = json!({"logoUrl": format!("{pictures}{file}"), "accentColor": "#000000"});
        let response = server
            .request(Some(&server.acme.admin), UPDATE, json!({"input": input}))
            .await;
        let error = &response["errors"][0];
        assert_eq!(error["extensions"]["field"], "input.logoUrl", "{response}");
        assert!(
            error["message"].as_str().expect("a message").contains(reason),
            "{file}: {error}"
        );
    }
    assert_eq!(settings(&server, json!({})).await, before);
    server.stop().await;
    let strict = TestServer::open().await;
    for address in [
        format!("{pictures}/good"),
        "https://127.0.0.1/x.png".to_owned(),
        "ftp://example.com/x.png".to_owned(),
    ] {
        let error = strict
            .error(
                Some(&strict.acme.admin),
                UPDATE,
                json!({"input": {"logoUrl": address}}),
            )
            .await;
        assert_eq!(
            error,
            ("BAD_USER_INPUT".to_owned(), Some("input.logoUrl".to_owned()))
        );
    }
    strict.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_colours_that_look_alike_are_refused_at_the_one_that_changed() {
    let server = TestServer::open().await;
    let colors = settings(
        &server,
        json!({"accentColor": "#1f5f5b", "secondaryColor": "#FFF3C4"}),
    )
    .await;
    assert_eq!(colors["secondaryColor"], "#fff3c4");
    let (_, page) = TestBrowser::new(&server).open("/p/acme/login").await;
    assert!(page.contains("--surface:#fff3c4"), "{page}");
    for (input, field) in [
        (json!({"secondaryColor": "#2f6f5b"}), "input.secondaryColor"),
        (json!({"accentColor": "#ffe000"}), "input.accentColor"),
        (
            json!({"accentColor": "#111111", "secondaryColor": "#222222"}),
            "input.secondaryColor",
        ),
        (json!({"secondaryColor": "yellow"}), "input.secondaryColor"),
    ] {
        let error = server
            .error(Some(&server.acme.admin), UPDATE, json!({"input": input}))
            .await;
        assert_eq!(
            error,
            ("BAD_USER_INPUT".to_owned(), Some(field.to_owned())),
            "{input}"
        );
    }
    assert_eq!(settings(&server, json!({})).await, colors);
    let removed = settings(&server, json!({"secondaryColor": null, "accentColor": "#ffe000"})).await;
    assert_eq!(removed["secondaryColor"], Value::Null);
    server.stop().await;
}
