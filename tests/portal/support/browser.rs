use std::collections::BTreeMap;

use super::TestServer;

/// A browser: it keeps cookies and submits forms.
pub struct TestBrowser<'a> {
    server: &'a TestServer,
    pub cookies: BTreeMap<String, String>,
    /// The redirect target of the last response.
    pub location: Option<String>,
}

impl<'a> TestBrowser<'a> {
    pub fn new(server: &'a TestServer) -> Self {
        Self {
            server,
            cookies: BTreeMap::new(),
            location: None,
        }
    }

    pub async fn send(&mut self, request: reqwest::RequestBuilder) -> (u16, String) {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .expect("an answer");
        for cookie in answer.headers().get_all("set-cookie") {
            let (pair, _) = cookie
                .to_str()
                .expect("text")
                .split_once(';')
                .expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = answer.headers().get("location");
        self.location = location.map(|value| value.to_str().expect("text").to_owned());
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    pub async fn open(&mut self, path: &str) -> (u16, String) {
        self.send(self.server.http.get(format!("{}{path}", self.server.url)))
            .await
    }

    /// The redirect target of a page, with the cookies of this browser.
    pub async fn redirect_of(&self, path: &str) -> Option<String> {
        let cookies: Vec<String> = (self.cookies.iter())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = self.server.http.get(format!("{}{path}", self.server.url));
        let answer = request.header("cookie", cookies.join("; ")).send().await;
        let answer = answer.expect("an answer");
        let location = answer.headers().get("location")?;
        location.to_str().ok().map(str::to_owned)
    }

    /// Opens the page and submits its form with this `action`.
    pub async fn submit(&mut self, page: &str, action: &str, more: &str) -> u16 {
        self.submit_and_read(page, action, more).await.0
    }

    /// Does the same, and returns the page that follows.
    pub async fn submit_and_read(&mut self, page: &str, action: &str, more: &str) -> (u16, String) {
        let (_, html) = self.open(page).await;
        let (_, form) = html
            .split_once(&format!("action=\"{action}\""))
            .expect("the form");
        let (_, token) = form
            .split_once("name=\"form_token\" value=\"")
            .expect("its token");
        let token = token.split('"').next().unwrap_or_default();
        let post = self.server.http.post(format!("{}{action}", self.server.url));
        let post = post.header("content-type", "application/x-www-form-urlencoded");
        self.send(post.body(format!("form_token={token}{more}"))).await
    }

    /// Redeems a link with its button.
    pub async fn redeem(&mut self, path: &str) -> u16 {
        self.submit(path, path, "").await
    }
}
