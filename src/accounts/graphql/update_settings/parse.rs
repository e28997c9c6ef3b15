//! The settings of the input, validated.

use super::UpdatePortalSettingsInput;
use crate::accounts::model::frame_hosts::parse_frame_hosts;
use crate::accounts::model::section::PortalSection;
use crate::accounts::model::{SettingsChanges, reserved, slug_is_well_formed};
use crate::accounts::urls::Addresses;
use crate::affiliates::model::target::parse_target;
use crate::api::input::change as changed_value;
use crate::api::scalars::EmailAddress;
use crate::base::error::{Error, Result};
use crate::base::{address, plain_text};
use crate::contacts::model::details;

/// The number, if it lies within the bounds.
fn within(field: &str, number: Option<i32>, least: i16, most: i16) -> Result<Option<i16>> {
    let checked = number.map(|number| {
        let fits = i16::try_from(number)
            .ok()
            .filter(|fit| (least..=most).contains(fit));
        let message = || format!("It must be between {least} and {most}.");
        fits.ok_or_else(|| Error::bad_input(format!("input.{field}"), message()))
    });
    checked.transpose()
}

fn parse_name(text: &str) -> Result<String> {
    let name = plain_text::line("input.name", text, 120)?;
    name.ok_or_else(|| Error::bad_input("input.name", "The name can't be removed."))
}

fn parse_slug(text: &str, addresses: &Addresses) -> Result<String> {
    let slug = text.trim().to_ascii_lowercase();
    if !slug_is_well_formed(&slug) {
        let message = "Use 2 to 40 characters: a-z, 0-9 and single dashes inside, such as acme.";
        return Err(Error::bad_input("input.slug", message));
    }
    if addresses.slug_is_reserved(&slug) {
        return Err(reserved(&slug).at("input.slug"));
    }
    Ok(slug)
}

fn parse_reply_to(address: &EmailAddress) -> Result<Option<String>> {
    let invalid = |error| Error::bad_input("input.replyTo", format!("Invalid value: {error}."));
    let parsed = address::EmailAddress::parse(&address.0).map_err(invalid)?;
    Ok(Some(parsed.text))
}

fn parse_color(field: &str, text: &str) -> Result<String> {
    let color = text.trim().to_ascii_lowercase();
    let digits = color.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(color);
    }
    Err(Error::bad_input(field, "Write it as #rrggbb, such as #3b5bdb."))
}

fn parse_timezone(text: &str) -> Result<String> {
    details::timezone("input.timezone", text)?.ok_or_else(unknown_timezone)
}

pub(super) fn unknown_timezone() -> Error {
    Error::bad_input(
        "input.timezone",
        "There is no such time zone: write one such as Europe/Berlin, or UTC.",
    )
}

/// What the input changes, but the logo, which has to be fetched.
pub(super) fn parse(input: UpdatePortalSettingsInput, addresses: &Addresses) -> Result<SettingsChanges> {
    let frame_hosts = input.frame_hosts.as_deref();
    let frame_hosts = frame_hosts.map(|hosts| parse_frame_hosts("input.frameHosts", hosts));
    let accent_color = input.accent_color.as_deref();
    let accent_color = accent_color.map(|color| parse_color("input.accentColor", color));
    Ok(SettingsChanges {
        name: input.name.as_deref().map(parse_name).transpose()?,
        slug: (input.slug.as_deref())
            .map(|slug| parse_slug(slug, addresses))
            .transpose()?,
        renamed_at: None,
        reply_to: changed_value(&input.reply_to, parse_reply_to)?,
        accent_color: accent_color.transpose()?,
        invitation_days: within("invitationDays", input.invitation_days, 1, 30)?,
        limit_copied_links: input.limit_copied_links,
        password_allowed: input.password_allowed,
        code_allowed: input.code_allowed,
        google_allowed: input.google_allowed,
        link_allowed: input.link_allowed,
        self_sign_up: input.self_sign_up,
        shortest_password: within("shortestPassword", input.shortest_password, 8, 15)?,
        audit_days: changed_value(&input.audit_days, |days| {
            within("auditDays", Some(*days), 30, 3_650)
        })?,
        timezone: input.timezone.as_deref().map(parse_timezone).transpose()?,
        sections: input.sections.as_deref().map(PortalSection::with_home),
        show_empty_sections: input.show_empty_sections,
        language: input.language,
        frame_hosts: frame_hosts.transpose()?,
        affiliate_target_url: changed_value(&input.affiliate_target_url, |url| {
            parse_target("input.affiliateTargetUrl", &url.0, addresses)
        })?,
        secondary_color: changed_value(&input.secondary_color, |color| {
            parse_color("input.secondaryColor", color).map(Some)
        })?,
        logo_url: None,
        logo_file: None,
    })
}
