use std::collections::BTreeSet;
use std::path::Path;

use poem::http::HeaderMap;

use super::*;

async fn send(method: Method, path: &str, if_none_match: Option<&str>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let uri = path.parse().expect("a path");
    let mut request = Request::builder().method(method).uri(uri);
    if let Some(etag) = if_none_match {
        request = request.header(header::IF_NONE_MATCH, etag);
    }
    let response = Assets.get_response(request.finish()).await;
    let (parts, body) = response.into_parts();
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
        let (status, headers, body) = send(Method::GET, &format!("/{path}"), None).await;
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
async fn a_file_is_compressed_as_accepted_with_its_own_etag() {
    let mut etags = BTreeSet::new();
    for coding in ["identity", "gzip", "br"] {
        let send = async |etag: &str| {
            let request = Request::builder()
                .uri("/app.css".parse().expect("a path"))
                .header(header::ACCEPT_ENCODING, coding)
                .header(header::IF_NONE_MATCH, etag);
            Assets.get_response(request.finish()).await
        };
        let response = send("").await;
        let encoding = text(response.headers(), header::CONTENT_ENCODING);
        assert_eq!(encoding, if coding == "identity" { "" } else { coding });
        assert_eq!(text(response.headers(), header::VARY), "Accept-Encoding");
        let etag = text(response.headers(), header::ETAG);
        let body = response.into_body().into_vec().await.expect("a body");
        let plain = find("app.css").expect("it is embedded").bytes;
        assert_eq!(body.len() < plain.len() / 2, coding != "identity", "{coding}");
        assert_eq!(send(&etag).await.status(), StatusCode::NOT_MODIFIED);
        etags.insert(etag);
    }
    assert_eq!(etags.len(), 3);
}

#[tokio::test]
async fn head_sends_the_length_without_a_body() {
    let (status, headers, body) = send(Method::HEAD, "/app.css", None).await;
    let (_, _, whole) = send(Method::GET, "/app.css", None).await;
    assert_eq!((status, body.len()), (StatusCode::OK, 0));
    assert_eq!(text(&headers, header::CONTENT_LENGTH), whole.len().to_string());
}

#[tokio::test]
async fn a_known_etag_is_not_sent_again() {
    let (_, headers, _) = send(Method::GET, "/app.css", None).await;
    let etag = text(&headers, header::ETAG);
    for known in [
        etag.clone(),
        format!("W/{etag}"),
        format!("\"other\", {etag}"),
        "*".to_owned(),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let (status, headers, body) = send(method, "/app.css", Some(&known)).await;
            assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
            assert_eq!(text(&headers, header::ETAG), etag);
        }
    }
    let (status, _, _) = send(Method::GET, "/app.css", Some("\"other\"")).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn only_the_current_release_is_cached_forever() {
    let address = url("app.css");
    let path = address.strip_prefix(MOUNT).expect("under the mount");
    let (status, headers, _) = send(Method::GET, path, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        text(&headers, header::CACHE_CONTROL),
        "public, max-age=31536000, immutable"
    );

    let (status, headers, _) = send(Method::GET, "/0123456789abcdef/app.css", None).await;
    assert_eq!(
        (status, text(&headers, header::CACHE_CONTROL)),
        (StatusCode::OK, "no-cache".to_owned())
    );
}

#[tokio::test]
async fn other_paths_are_not_found() {
    for path in [
        "/",
        "/nothing.js",
        "/vendor",
        "/../Cargo.toml",
        "/vendor/../app.css",
        "/APP.css",
        "/%61pp.css",
    ] {
        let (status, headers, _) = send(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(text(&headers, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    let (status, headers, _) = send(Method::POST, "/app.css", None).await;
    assert_eq!(
        (status, text(&headers, header::ALLOW)),
        (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD".to_owned())
    );
}

#[tokio::test]
async fn files_are_served_below_the_mount() {
    let app = poem::Route::new().nest(MOUNT, Assets);
    let request = Request::builder()
        .uri(url("icon.svg").parse().expect("a path"))
        .finish();
    assert_eq!(app.get_response(request).await.status(), StatusCode::OK);
}

#[test]
fn the_table_lists_every_file_of_the_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let mut found = BTreeSet::new();
    let mut folders = vec![root.clone()];
    // Sources and tools of the dashboard, which are bundled into `dist`.
    let sources = ["dashboard", "node_modules", "eslint.config.js"].map(|name| root.join(name));
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let served = path
                .extension()
                .is_some_and(|kind| ["css", "js", "svg"].iter().any(|known| kind == *known));
            if sources.contains(&path) {
                continue;
            }
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
fn vendored_files_have_the_digests_of_the_readme() {
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
        if path.starts_with("vendor/") || path.starts_with("dist/") || content_type == SVG {
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
fn the_playground_loads_files_of_this_server_only() {
    let page = graphiql_page();
    assert!(!page.contains("{assets}") && !page.contains("://") && !page.contains("<style"));
    for address in page.split('"').filter(|text| text.starts_with(MOUNT)) {
        let path = address.splitn(4, '/').nth(3).expect("a file");
        assert_eq!(url(path), address);
    }
    assert!(!page.replace("type=\"module\"", "").contains("<script>"));
}
