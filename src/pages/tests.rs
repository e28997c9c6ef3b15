mod not_me;
mod samples;

use askama::Template;

use super::csp::Sources;
use super::{CurrentUser, ErrorKind, csp};
use crate::magic_links::model::redeem::LinkRefusal;

use samples::{HOSTILE, all};

#[test]
fn every_page_renders_with_its_head() {
    for (name, page) in all() {
        for expected in [
            "<!doctype html>",
            "<html lang=\"en\">",
            "<meta name=\"referrer\" content=\"no-referrer\">",
            "<meta name=\"robots\" content=\"noindex, nofollow\">",
            "<meta name=\"viewport\"",
        ] {
            assert!(page.contains(expected), "{name} lacks {expected}");
        }
        assert_eq!(page.matches("<h1").count(), 1, "{name} has one heading");
    }
}

/// A form that is submitted before or without JavaScript must not put its fields into a URL.
#[test]
fn every_form_posts() {
    for (name, page) in all() {
        for form in page.split("<form").skip(1) {
            let (tag, _) = form.split_once('>').expect("a tag");
            assert!(tag.contains(" method=\"post\""), "{name}: {tag}");
            // A form without an action is disabled until its script handles it.
            let body = form.split("</form>").next().unwrap_or_default();
            let handled_by_script = !tag.contains(" action=");
            assert_eq!(
                handled_by_script,
                body.contains("<button type=\"submit\" disabled>"),
                "{name}: {body}"
            );
        }
    }
}

#[test]
fn every_form_posts_with_its_token() {
    let with_forms = all()
        .into_iter()
        .filter(|(_, page)| page.contains("method=\"post\""));
    let mut forms = 0;
    for (name, page) in with_forms {
        for form in page
            .split("<form")
            .skip(1)
            .filter(|form| form.contains(" action="))
        {
            let form = form.split("</form>").next().unwrap_or_default();
            assert!(
                form.contains("name=\"form_token\" value=\"tok-&#34;1&#34;\""),
                "{name}: {form}"
            );
            forms += 1;
        }
    }
    assert!(forms >= 10, "{forms} forms");
}

#[test]
fn names_are_escaped() {
    for (name, page) in all() {
        assert!(!page.contains(HOSTILE), "{name} shows a name as markup");
        assert!(!page.contains("<script>"), "{name} has an inline script");
        assert!(!page.contains("javascript:"), "{name}");
    }
}

#[test]
fn pages_keep_to_their_policy() {
    for (name, page) in all() {
        // The markup of a stored email is escaped in `srcdoc` and has a policy of its own.
        let page = page.split("srcdoc=").next().unwrap_or_default().to_owned();
        for banned in [" style=", " onclick=", " onload=", " onsubmit="] {
            assert!(!page.contains(banned), "{name} has {banned}");
        }
        for tag in page.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
            for value in ["src=\"", "href=\"", "action=\""]
                .iter()
                .flat_map(|name| tag.split(*name).skip(1))
            {
                let value = value.split('"').next().unwrap_or_default();
                let local = value.starts_with('/') && !value.starts_with("//");
                let shown = value.starts_with("http://localhost:8000/p/demo");
                let is_ours = local || shown || value.is_empty();
                assert!(is_ours || is_foreign_content(&name, tag), "{name}: <{tag}>");
            }
        }
        assert_eq!(page.matches("<style>").count(), 1, "{name}");
    }
}

/// A link, a picture or a player of other sites that staff put into the portal: no such site gets to know the page's address.
fn is_foreign_content(page: &str, tag: &str) -> bool {
    let is_kept_secret = match tag.split(' ').next() {
        Some("a") => tag.contains("rel=\"noopener noreferrer\""),
        Some("img") => tag.contains("referrerpolicy=\"no-referrer\""),
        Some("iframe") => {
            tag.contains(" sandbox=") && tag.contains("referrerpolicy=\"strict-origin-when-cross-origin\"")
        }
        _ => false,
    };
    page.starts_with("portal_") && tag.contains("https://") && is_kept_secret
}

#[test]
fn the_policy_allows_the_page_s_own_style_by_hash() {
    let page = samples::error(ErrorKind::NotFound, false);
    let style = page
        .split("<style>")
        .nth(1)
        .and_then(|rest| rest.split("</style>").next())
        .unwrap_or_default();
    let policy = csp::page(samples::colors(), &Sources::default());
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
    assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
    assert!(!policy.contains("unsafe"));
}

#[test]
fn a_link_page_names_the_contact_and_the_section() {
    let page = samples::link_confirm(None);
    assert!(page.contains("a***@example.com") && page.contains("your courses"));
    assert!(!page.contains("name=\"switch\""));

    let page = samples::link_confirm(Some(CurrentUser {
        name: "Ben",
        href: "/p/demo/",
    }));
    assert!(page.contains("name=\"switch\" value=\"yes\""));
    assert!(page.contains("Stay signed in as Ben") && page.contains("a***@example.com"));
}

#[test]
fn a_refused_link_says_why_and_may_offer_a_new_one() {
    for refusal in samples::REFUSALS {
        let page = samples::link_refused(refusal, true);
        assert!(
            page.contains(&refusal_heading(refusal)) && page.contains("Email me a new link"),
            "{refusal:?}"
        );
        assert!(!samples::link_refused(refusal, false).contains("Email me a new link"));
    }
    assert!(samples::link_refused(LinkRefusal::Used { retry_after: Some(7) }, true).contains("7 seconds"));
    assert!(samples::link_refused(LinkRefusal::Used { retry_after: Some(0) }, true).contains("1 second<"));
}

fn refusal_heading(refusal: LinkRefusal) -> String {
    let word = match refusal {
        LinkRefusal::Invalid => "work",
        LinkRefusal::Expired => "expired",
        LinkRefusal::Used { retry_after: None } => "already used",
        LinkRefusal::Superseded => "was replaced",
        LinkRefusal::Revoked => "no longer works",
        LinkRefusal::Used { retry_after: Some(_) } => "was just used",
        LinkRefusal::AccessRevoked => "access has ended",
        LinkRefusal::MethodDisabled => "turned off",
    };
    word.to_owned()
}

#[test]
fn a_page_links_the_sections_of_the_session_and_marks_the_current_one() {
    let page = samples::portal::courses::courses(&[]);
    assert!(page.contains("href=\"/p/demo/courses\" aria-current=\"page\""));
    assert!(page.contains("href=\"/p/demo/\"") && page.contains("href=\"/p/demo/affiliates\""));
    assert!(!page.contains("/step-up"));

    let page = samples::portal::courses::limited();
    assert!(!page.contains("/p/demo/affiliates") && page.contains("/p/demo/step-up?to=HOME"));
}

#[test]
fn a_picture_is_shown_only_if_the_policy_can_name_its_host() {
    let page = samples::portal::courses::limited();
    assert!(page.contains("src=\"https://covers.example/bread.jpg\"") && !page.contains("evil.example"));
}

#[test]
fn an_error_shows_its_status_and_no_internals() {
    for kind in samples::ERRORS {
        assert!(
            samples::error(kind, false).contains(&format!(">{}<", kind.status())),
            "{kind:?}"
        );
    }
    assert!(samples::error(ErrorKind::Internal { id: "err_01" }, false).contains("err_01"));
}

#[test]
fn a_temporary_error_offers_a_retry() {
    for kind in samples::ERRORS {
        let (got, posted) = (samples::error(kind, false), samples::error(kind, true));
        for page in [&got, &posted] {
            assert!(
                page.contains(&format!("href=\"{}\">Go to Acme Academy<", samples::HOME)),
                "{page}"
            );
        }
        let temporary = matches!(kind.status(), 409 | 429 | 500 | 503);
        assert_eq!(got.contains("href=\"\">Try again<"), temporary, "{kind:?}");
        let form = temporary || kind.status() == 400;
        assert_eq!(posted.contains("href=\"\">Back to the form<"), form, "{kind:?}");
    }
    let expired = ErrorKind::FormExpired {
        retry_href: "/p/demo/login",
    };
    assert!(samples::error(expired, true).contains("href=\"/p/demo/login\">Open the form again<"));
}

#[test]
fn only_the_start_page_of_a_local_server_shows_commands() {
    for (name, page) in all() {
        assert_eq!(page.contains("vestibule account"), name == "start", "{name}");
    }
}

/// Words that the style guide bans from pages.
#[test]
fn pages_are_in_plain_words() {
    for (name, page) in all() {
        let page = page.to_lowercase();
        for banned in [
            "nobody",
            "whoever",
            "anew",
            "once more who you are",
            "somebody else",
            "somebody ",
            "look into",
            "you land",
        ] {
            assert!(!page.contains(banned), "{name}: {banned}");
        }
    }
}

#[test]
fn a_stored_email_is_shown_in_a_sandbox() {
    let page = samples::outbox_mail();
    assert!(page.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    assert!(page.contains("srcdoc=\"&#60;base target="));
    assert!(page.contains("<a href=\"http://localhost:8000/p/demo/link/ml_x\" target=\"_blank\""));
}

#[test]
#[ignore = "writes the pages into the folder PAGES_TO, to look at them"]
fn write_the_pages() {
    let folder = std::path::PathBuf::from(std::env::var("PAGES_TO").expect("PAGES_TO names a folder"));
    for (name, page) in all() {
        std::fs::write(folder.join(format!("{name}.html")), page).expect("written");
    }
}

fn render(view: &impl Template) -> String {
    view.render().expect("rendered")
}
