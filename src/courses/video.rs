//! Videos that a lesson's page shows in a frame, by the players of their platforms.

use url::Url;

/// A player for a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Player {
    /// The address of the frame, made from the video's id alone.
    pub address: String,
    /// Its origin, for the page's policy.
    pub origin: &'static str,
}

impl Player {
    /// The player of a video at this address; `None` for a platform that is not known.
    pub(crate) fn of(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let host = url.host_str()?.trim_start_matches("www.").to_owned();
        let path: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
        match &host[..] {
            "youtube.com" | "m.youtube.com" | "music.youtube.com" | "youtube-nocookie.com" => {
                youtube(&url, youtube_id(&url, &path)?)
            }
            "youtu.be" => youtube(&url, path.first()?),
            "vimeo.com" | "player.vimeo.com" => vimeo(&url, &path),
            "loom.com" => match path[..] {
                ["share" | "embed", id] => Self::new("https://www.loom.com", "/embed/", id, ""),
                _ => None,
            },
            "fast.wistia.net" | "fast.wistia.com" => match path[..] {
                ["embed", "iframe" | "medias", id] => wistia(id),
                _ => None,
            },
            host if host.ends_with(".wistia.com") => match path[..] {
                ["medias", id] => wistia(id),
                _ => None,
            },
            _ => None,
        }
    }

    fn new(origin: &'static str, path: &str, id: &str, query: &str) -> Option<Self> {
        let well_formed = (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        well_formed.then(|| Self {
            address: format!("{origin}{path}{id}{query}"),
            origin,
        })
    }
}

fn query(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn youtube_id<'a>(url: &Url, path: &[&'a str]) -> Option<std::borrow::Cow<'a, str>> {
    match path {
        ["watch"] => query(url, "v").map(Into::into),
        ["shorts" | "embed" | "live" | "v", id] => Some((*id).into()),
        _ => None,
    }
}

/// `t` or `start`: where the video starts, in seconds, such as `90` or `90s`.
fn youtube(url: &Url, id: impl AsRef<str>) -> Option<Player> {
    let start = query(url, "t").or_else(|| query(url, "start"));
    let start = start.and_then(|text| text.trim_end_matches('s').parse::<u32>().ok());
    let start = start.map_or_else(String::new, |seconds| format!("?start={seconds}"));
    Player::new("https://www.youtube-nocookie.com", "/embed/", id.as_ref(), &start)
}

/// An unlisted video has a second part, its key.
fn vimeo(url: &Url, path: &[&str]) -> Option<Player> {
    let (id, key) = match *path {
        [id] | ["video", id] => (id, query(url, "h")),
        [id, key] => (id, Some(key.to_owned())),
        _ => return None,
    };
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let key = key.filter(|key| key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let key = key.map_or_else(String::new, |key| format!("?h={key}"));
    let player = Player::new("https://player.vimeo.com", "/video/", id, &key);
    player.filter(|_| is_id(id))
}

fn wistia(id: &str) -> Option<Player> {
    Player::new("https://fast.wistia.net", "/embed/iframe/", id, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_known_platforms_become_players() {
        for (address, player) in [
            (
                "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
                "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
            ),
            (
                "https://youtube.com/watch?list=x&v=a-_b&t=90s",
                "https://www.youtube-nocookie.com/embed/a-_b?start=90",
            ),
            (
                "https://youtu.be/dQw4w9WgXcQ?si=x",
                "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
            ),
            (
                "https://m.youtube.com/shorts/abc",
                "https://www.youtube-nocookie.com/embed/abc",
            ),
            (
                "https://www.youtube.com/live/abc",
                "https://www.youtube-nocookie.com/embed/abc",
            ),
            (
                "https://vimeo.com/76979871",
                "https://player.vimeo.com/video/76979871",
            ),
            (
                "https://vimeo.com/76979871/ab12cd",
                "https://player.vimeo.com/video/76979871?h=ab12cd",
            ),
            (
                "https://player.vimeo.com/video/76979871?h=ab12",
                "https://player.vimeo.com/video/76979871?h=ab12",
            ),
            (
                "https://www.loom.com/share/0281766fa2d04bb788eaf19e65135184",
                "https://www.loom.com/embed/0281766fa2d04bb788eaf19e65135184",
            ),
            (
                "https://acme.wistia.com/medias/e4a27b971d",
                "https://fast.wistia.net/embed/iframe/e4a27b971d",
            ),
            (
                "https://fast.wistia.net/embed/iframe/e4a27b971d",
                "https://fast.wistia.net/embed/iframe/e4a27b971d",
            ),
        ] {
            let found = Player::of(address).unwrap_or_else(|| panic!("{address}"));
            assert_eq!(found.address, player);
            assert!(player.starts_with(&format!("{}/", found.origin)), "{address}");
        }
    }

    #[test]
    fn every_other_address_has_none() {
        for address in [
            "https://example.com/watch?v=abc",
            "https://youtube.com.evil.example/watch?v=abc",
            "https://notyoutube.com/watch?v=abc",
            "https://www.youtube.com/watch",
            "https://www.youtube.com/@channel",
            "https://www.youtube.com/watch?v=a%22%3E%3Cscript%3E",
            "https://youtu.be/",
            "https://youtu.be/..%2f..%2fredirect",
            "https://vimeo.com/channels/staffpicks/1",
            "https://vimeo.com/about",
            "https://www.loom.com/looms",
            "https://evilwistia.com/medias/abc",
            "https://acme.wistia.com/projects/abc",
            "https://cdn.example/video.mp4",
        ] {
            assert_eq!(Player::of(address), None, "{address}");
        }
    }
}
