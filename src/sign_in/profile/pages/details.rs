//! The form of a contact's own details in the profile: name, language, time zone.

use chrono_tz::TZ_VARIANTS;
use diesel_async::AsyncConnection;
use poem::handler;

use super::{FormResult, FullSession, profile};
use crate::base::error::{Code, Error, Result};
use crate::base::locale::Language;
use crate::contacts::model::Contact;
use crate::contacts::model::own_details::OwnDetails;
use crate::live::Topic;
use crate::pages::{Form, PageSession, Reply, Visit};
use crate::sign_in::person::Person;

/// Posts `first_name`, `last_name`, `language`, `timezone` to `{base}/profile/details`. An empty language is the browser's, an
/// empty time zone the account's.
#[derive(Clone, Debug)]
pub(crate) struct DetailsForm {
    pub form_token: String,
    pub first_name: String,
    pub last_name: String,
    pub language: Option<Language>,
    pub timezone: String,
    pub account_timezone: String,
}

/// A field of the form that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DetailsField {
    FirstName,
    LastName,
    Language,
    Timezone,
}

impl DetailsField {
    /// The field that an error names.
    fn of(error: &Error) -> Self {
        match error.field.as_deref() {
            Some("input.lastName") => Self::LastName,
            Some("input.locale") => Self::Language,
            Some("input.timezone") => Self::Timezone,
            _ => Self::FirstName,
        }
    }
}

impl DetailsForm {
    /// `None` for team members, who have their profile in the dashboard.
    pub(super) fn of(visit: &Visit<'_>, user: &PageSession) -> Option<Self> {
        let Person::Contact(contact) = &user.person else {
            return None;
        };
        Some(Self {
            form_token: visit.form_token(&user.site.path("profile/details")),
            first_name: contact.first_name.clone().unwrap_or_default(),
            last_name: contact.last_name.clone().unwrap_or_default(),
            language: language_of(contact),
            timezone: contact.timezone.clone().unwrap_or_default(),
            account_timezone: user.site.account.timezone.clone(),
        })
    }

    pub(super) fn has_language(&self, language: &Language) -> bool {
        self.language == Some(*language)
    }

    /// The zones to choose from: those named after a place, and the contact's own.
    pub(super) fn timezones(&self) -> impl Iterator<Item = &str> {
        const AREAS: [&str; 9] = [
            "Africa/",
            "America/",
            "Antarctica/",
            "Asia/",
            "Atlantic/",
            "Australia/",
            "Europe/",
            "Indian/",
            "Pacific/",
        ];
        let names = TZ_VARIANTS.iter().map(|zone| zone.name());
        let offered = names.filter(|name| AREAS.iter().any(|area| name.starts_with(area)));
        let own = Some(&self.timezone[..]).filter(|own| !own.is_empty());
        let others = offered.filter(move |name| Some(*name) != own);
        own.into_iter().chain(others)
    }
}

/// The contact's own language, if pages are written in it.
fn language_of(contact: &Contact) -> Option<Language> {
    contact.locale.as_deref().and_then(Language::of_tag)
}

#[handler]
pub(super) async fn save(visit: Visit<'_>, FullSession(user): FullSession, form: Form) -> Result<Reply> {
    let Person::Contact(contact) = &user.person else {
        return Ok(Reply::see_other(user.site.path("profile")));
    };
    let field = |name| {
        Some(form.get(name))
            .filter(|text| !text.trim().is_empty())
            .map(str::to_owned)
    };
    let language = language_of(contact).map(Language::code);
    let details = OwnDetails {
        first_name: Some(field("first_name")),
        last_name: Some(field("last_name")),
        timezone: Some(field("timezone")),
        // The region of a locale, and a language that is not offered, stay until another one is chosen.
        locale: (field("language").as_deref() != language).then(|| field("language")),
    };
    let (moment, requester) = (visit.moment(), user.own.requester(&visit.client));
    let mut conn = visit.conn().await?;
    let saved = conn
        .transaction(async |conn| {
            details
                .save(conn, (contact.account_id, contact.id), &requester, &moment)
                .await
        })
        .await;
    drop(conn);
    match saved {
        Ok(_) => {
            visit.live().nudge(user.own.account, &[Topic::Activity]);
            Ok(Reply::see_other(user.site.path("profile?saved")))
        }
        Err(error) if error.code == Code::BadUserInput => {
            let result = FormResult {
                details_error: Some(DetailsField::of(&error)),
                ..FormResult::default()
            };
            profile(&visit, &user, result).await
        }
        Err(error) => Err(error),
    }
}
