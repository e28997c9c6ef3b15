//! Which mutations take a file, and the scope that their callers need.

use super::mutation::UPLOADS;
use crate::base::actor::Scope;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::sign_in::auth_context::Viewer;

/// A mutation field that takes a file, and the scope that is required before the file is read. The resolver checks it again,
/// with its other requirements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UploadField {
    pub name: &'static str,
    pub scope: Scope,
}

/// Whether the viewer may send a file to this field, and to which account.
pub(crate) fn authorize(field: &str, viewer: &Viewer) -> Result<AccountId> {
    let declared = UPLOADS.iter().find(|upload| upload.name == field);
    let declared = declared.ok_or_else(|| Error::bad_input("operations", "This mutation takes no file."));
    match viewer {
        Viewer::Anonymous => Err(Error::unauthenticated()),
        viewer => viewer.staff(declared?.scope).map(|staff| staff.account),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mutation fields of the schema whose input has an `Upload`.
    fn fields_with_a_file(sdl: &str) -> Vec<String> {
        let inputs: Vec<String> = sdl
            .split("\ninput ")
            .skip(1)
            .map(|rest| rest.split("\n}").next().unwrap_or_default())
            .filter(|body| body.contains(": Upload"))
            .filter_map(|body| body.split_whitespace().next())
            .map(|input| format!("input: {input}!"))
            .collect();
        // Arguments with a description are on lines of their own.
        let fields: Vec<&str> = sdl.lines().collect();
        let takes_one = |at: &usize| inputs.iter().any(|input| fields[*at].contains(&input[..]));
        let field_of = |at: usize| {
            let lines = fields[..=at].iter().rev();
            let mut names = lines.filter_map(|line| line.trim().split_once('('));
            names.next().map(|(name, _)| name.to_owned())
        };
        (0..fields.len()).filter(takes_one).filter_map(field_of).collect()
    }

    #[test]
    fn every_field_that_takes_a_file_declares_its_scope() {
        let sdl = crate::api::sdl();
        let declared: Vec<&str> = UPLOADS.iter().map(|upload| upload.name).collect();
        assert!(!declared.is_empty());
        assert_eq!(fields_with_a_file(&sdl), declared);
    }
}
