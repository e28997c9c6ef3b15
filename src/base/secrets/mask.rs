//! Masks the secrets in a text.

use super::{PlainSecret, SecretKind};

/// In place of a token or a code.
pub(crate) const MASK: &str = "••••••";

/// The length of `_<account>_<43 base64url>`.
const SUFFIX_LEN: usize = 1 + 26 + 1 + 43;

/// The text with each well-formed secret masked, whatever surrounds it.
pub(crate) fn mask_secrets(text: &str) -> String {
    let (mut masked, mut rest) = (String::with_capacity(text.len()), text);
    let first = |rest: &str| SecretKind::ALL.iter().filter_map(|kind| find(*kind, rest)).min();
    while let Some((start, end)) = first(rest) {
        masked.push_str(&rest[..start]);
        masked.push_str(MASK);
        rest = &rest[end..];
    }
    masked.push_str(rest);
    masked
}

/// The start and the end of the first secret of that kind.
fn find(kind: SecretKind, text: &str) -> Option<(usize, usize)> {
    let mut starts = text.match_indices(kind.prefix());
    starts.find_map(|(start, prefix)| {
        let end = start + prefix.len() + SUFFIX_LEN;
        PlainSecret::parse(kind, text.get(start..end)?)?;
        Some((start, end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;
    use crate::base::ids::AccountId;

    #[test]
    fn every_secret_is_masked_and_nothing_else() {
        let moment = Clock::System.moment();
        let account = AccountId::new(&moment);
        let secret = |kind| PlainSecret::generate(kind, account, &moment).reveal();
        for kind in SecretKind::ALL {
            let text = format!("http://x/link/{}?a, {}.", secret(kind), secret(kind));
            assert_eq!(mask_secrets(&text), format!("http://x/link/{MASK}?a, {MASK}."));
        }
        let two = format!("ö{}{}", secret(SecretKind::Reset), secret(SecretKind::MagicLink));
        assert_eq!(mask_secrets(&two), format!("ö{MASK}{MASK}"));
        let whole = secret(SecretKind::MagicLink);
        for text in [
            "",
            "a link_to the staff_room",
            "link_€",
            &whole[..whole.len() - 1],
        ] {
            assert_eq!(mask_secrets(text), text);
        }
    }
}
