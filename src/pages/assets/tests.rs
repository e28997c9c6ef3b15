use std::collections::BTreeSet;
use std::path::Path;

use poem::http::HeaderMap;

use super::*;

async fn ask(method: Method, path: &str, if_none_match: Option<&str>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let uri = path.parse().expect("a path");
    let mut request = Request::builder().method(method).uri(uri);
    if let Some(etag) = if_none_match {
        request = request.header(header::IF_NONE_MATCH, etag);
    }
    let answer = Assets.get_response(request.finish()).await;
    let (parts, body) = answer.into_parts();
    (
        parts.status,
        parts.headers,
        body.into_vec().await.expect("a body"),
    )
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn every_file_is_served_with_its_type_and_a_strong_etag() {
    for &(path, content_type, bytes) in FILES {
        let (status, headers, body) = ask(Method::GET, &format!("/{path}"), None).await;
        assert_eq!((status, body.as_slice()), (StatusCode::OK, bytes), "{path}");
        assert_eq!(text(&headers, header::CONTENT_TYPE), content_type);
        assert_eq!(text(&headers, header::CACHE_CONTROL), "no-cache");
        assert_eq!(text(&headers, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        let etag = text(&headers, header::ETAG);
        assert!(
            etag.len() == 18 && etag.starts_with('"') && etag.ends_with('"'),
            "{etag}"
        );
    }
}

#[tokio::test]
async fn a_file_is_packed_for_who_can_read_it_under_an_etag_of_its_own() {
    let mut etags = BTreeSet::new();
    for coding in ["identity", "gzip", "br"] {
        let ask = async |etag: &str| {
            let request = Request::builder()
                .uri("/app.css".parse().expect("a path"))
                .header(header::ACCEPT_ENCODING, coding)
                .header(header::IF_NONE_MATCH, etag);
            Assets.get_response(request.finish()).await
        };
        let answer = ask("").await;
        let said = text(answer.headers(), header::CONTENT_ENCODING);
        assert_eq!(said, if coding == "identity" { "" } else { coding });
        assert_eq!(text(answer.headers(), header::VARY), "Accept-Encoding");
        let etag = text(answer.headers(), header::ETAG);
        let body = answer.into_body().into_vec().await.expect("a body");
        let plain = find("app.css").expect("it is there").bytes;
        assert_eq!(body.len() < plain.len() / 2, coding != "identity", "{coding}");
        assert_eq!(ask(&etag).await.status(), StatusCode::NOT_MODIFIED);
        etags.insert(etag);
    }
    assert_eq!(etags.len(), 3);
}

#[tokio::test]
async fn head_says_the_length_and_sends_nothing() {
    let (status, headers, body) = ask(Method::HEAD, "/app.css", None).await;
    let (_, _, whole) = ask(Method::GET, "/app.css", None).await;
    assert_eq!((status, body.len()), (StatusCode::OK, 0));
    assert_eq!(text(&headers, header::CONTENT_LENGTH), whole.len().to_string());
}

#[tokio::test]
async fn a_known_etag_is_not_sent_again() {
    let (_, headers, _) = ask(Method::GET, "/app.css", None).await;
    let etag = text(&headers, header::ETAG);
    for known in [
        etag.clone(),
        format!("W/{etag}"),
        format!("\"other\", {etag}"),
        "*".to_owned(),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let (status, headers, body) = ask(method, "/app.css", Some(&known)).await;
            assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
            assert_eq!(text(&headers, header::ETAG), etag);
        }
    }
    let (status, _, _) = ask(Method::GET, "/app.css", Some("\"other\"")).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_release_s_address_is_kept_for_ever_and_another_s_is_not() {
    let address = url("app.css");
    let path = address.strip_prefix(MOUNT).expect("under the mount");
    let (status, headers, _) = ask(Method::GET, path, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        text(&headers, header::CACHE_CONTROL),
        "public, max-age=31536000, immutable"
    );

    let (status, headers, _) = ask(Method::GET, "/0123456789abcdef/app.css", None).await;
    assert_eq!(
        (status, text(&headers, header::CACHE_CONTROL)),
        (StatusCode::OK, "no-cache".to_owned())
    );
}

#[tokio::test]
async fn what_is_not_embedded_is_not_found() {
    for path in [
        "/",
        "/nothing.js",
        "/vendor",
        "/../Cargo.toml",
        "/vendor/../app.css",
        "/APP.css",
        "/%61pp.css",
    ] {
        let (status, headers, _) = ask(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(text(&headers, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    let (status, headers, _) = ask(Method::POST, "/app.css", None).await;
    assert_eq!(
        (status, text(&headers, header::ALLOW)),
        (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD".to_owned())
    );
}

#[tokio::test]
async fn it_answers_where_it_is_mounted() {
    let app = poem::Route::new().nest(MOUNT, Assets);
    let request = Request::builder()
        .uri(url("icon.svg").parse().expect("a path"))
        .finish();
    assert_eq!(app.get_response(request).await.status(), StatusCode::OK);
}

#[test]
fn the_table_lists_every_file_of_ours_and_of_vendor() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let mut found = BTreeSet::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let served = path
                .extension()
                .is_some_and(|kind| ["css", "js", "svg"].iter().any(|known| kind == *known));
            if path.is_dir() {
                folders.push(path);
            } else if served {
                found.insert(
                    path.strip_prefix(&root)
                        .expect("below")
                        .to_string_lossy()
                        .replace('\\', "/"),
                );
            }
        }
    }
    let listed = FILES.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(found, listed);
}

#[test]
fn vendored_files_are_those_the_readme_names() {
    let readme = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/vendor/README.md"));
    for (path, _, bytes) in FILES {
        let Some(name) = path.strip_prefix("vendor/") else {
            continue;
        };
        let digest = Sha256::digest(bytes)
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let line = readme
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}`")))
            .unwrap_or_default();
        assert!(line.contains(&digest), "{name}");
    }
}

#[test]
fn our_files_name_no_other_host_and_write_no_markup() {
    for &(path, content_type, bytes) in FILES {
        if path.starts_with("vendor/") || content_type == SVG {
            continue;
        }
        let source = std::str::from_utf8(bytes).expect("UTF-8");
        for banned in [
            "http://",
            "https://",
            "\"//",
            "'//",
            "url(",
            "@import",
            "innerHTML",
            "outerHTML",
            "eval(",
            "document.write",
        ] {
            assert!(!source.contains(banned), "{path} has {banned}");
        }
        assert!(source.lines().count() <= 300, "{path} is long");
    }
}

#[test]
fn the_playground_asks_this_server_only() {
    let page = graphiql_page();
    assert!(!page.contains("{assets}") && !page.contains("://") && !page.contains("<style"));
    for address in page.split('"').filter(|text| text.starts_with(MOUNT)) {
        let path = address.splitn(4, '/').nth(3).expect("a file");
        assert_eq!(url(path), address);
    }
    assert!(!page.replace("type=\"module\"", "").contains("<script>"));
}
