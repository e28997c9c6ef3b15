//! Changing the account's settings.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result as GraphqlResult, SimpleObject};
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::accounts::brand::LEAST_CONTRAST;
use crate::accounts::graphql::Portal;
use crate::accounts::graphql::settings::SignInMethod;
use crate::accounts::logo::Logo;
use crate::accounts::model::frame_hosts::parse_frame_hosts;
use crate::accounts::model::section::PortalSection;
use crate::accounts::model::{Account, SettingsChanges, reserved, slug_is_well_formed, timezone_exists};
use crate::accounts::urls::Addresses;
use crate::affiliates::model::target::{changed_hosts, parse_target};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::change as changed_value;
use crate::api::mutation::mutate;
use crate::api::scalars::{EmailAddress, Url};
use crate::base::actor::{Requester, Scope};
use crate::base::address;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;
use crate::base::locale::Language;
use crate::base::plain_text;
use crate::base::public_http::PublicHttp;
use crate::contacts::model::details;
use crate::menu::model::MenuItem;

#[derive(Default)]
pub(crate) struct SettingsMutations;

/// The changes. An omitted setting stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdatePortalSettingsInput {
    /// The account's name, as contacts read it: one line of 1 to 120 characters.
    name: Option<String>,
    /// The short name in the addresses of the portal and the dashboard: 2 to 40 characters `a-z` and `0-9`, with single dashes inside.
    /// Addresses with the former one redirect, and no other account gets it. At most 10 changes within 365 days. Only a team member may
    /// change it.
    slug: Option<String>,
    /// The address for replies to the portal's emails; `null` for none.
    reply_to: MaybeUndefined<EmailAddress>,
    /// The colour of buttons, as `#rrggbb`.
    accent_color: Option<String>,
    /// The colour of the bar above the portal's pages, as `#rrggbb`; `null` for none of its own. Its contrast to `accentColor` must be at
    /// least 3:1 (WCAG 2.2, 1.4.11), so that buttons stand out.
    secondary_color: MaybeUndefined<String>,
    /// An https address of a PNG, JPEG, GIF or WebP of at most 2 MiB and 4,096 × 4,096 pixels. It is fetched now, scaled to at most
    /// 640 × 160 pixels, and served by the portal; the same address again fetches it anew. `null` removes the logo.
    logo_url: MaybeUndefined<Url>,
    /// How many days an invitation stays open: 1 to 30. Sent invitations keep their expiry.
    invitation_days: Option<i32>,
    /// Whether links from `generateMagicLink` are limited to their section by default.
    limit_copied_links: Option<bool>,
    /// Whether people may sign in with a password. At least one way must stay open.
    password_allowed: Option<bool>,
    /// Whether people may sign in with a code by email.
    code_allowed: Option<bool>,
    /// Whether people may sign in with Google. It applies only if the server offers it.
    google_allowed: Option<bool>,
    /// Whether people may sign in with login emails and magic links. Invitations work either way: contacts join with them.
    link_allowed: Option<bool>,
    /// Whether visitors may sign up to the portal by themselves: an address that belongs to no contact gets a code that creates one. It needs
    /// `codeAllowed`.
    self_sign_up: Option<bool>,
    /// The fewest characters of a new password: 8 to 15.
    shortest_password: Option<i32>,
    /// How many days the audit log is kept: 30 to 3,650; `null`: forever.
    audit_days: MaybeUndefined<i32>,
    /// The IANA time zone of the account's days, weeks and months, such as `Europe/Berlin`, or `UTC`.
    timezone: Option<String>,
    /// The sections that the portal has. The home page is always on, named or not. A link to a section that is off opens the home
    /// page. It changes what the portal shows, not what contacts may open.
    sections: Option<Vec<PortalSection>>,
    /// Whether the portal also shows sections in which the contact has nothing.
    show_empty_sections: Option<bool>,
    /// The language of pages and emails for contacts and visitors whose own is not known, and of the emails to the team.
    language: Option<Language>,
    /// Where the links of affiliates lead that have no target of their own: an https URL that is not itself such a link; `null`: to the
    /// portal.
    affiliate_target_url: MaybeUndefined<Url>,
    /// All hosts whose pages menu items may show in a frame: at most 20 host names such as `app.example.com`, or `*.example.com` for all hosts
    /// below a domain, which can't be a public suffix such as `co.uk`.
    frame_hosts: Option<Vec<String>>,
}

/// The changed portal.
#[derive(SimpleObject)]
pub(crate) struct UpdatePortalSettingsPayload {
    /// The portal as it is now.
    portal: Portal,
}

#[Object]
impl SettingsMutations {
    /// Changes the account's settings, all or none of them. Needs the scope `ADMIN`.
    async fn update_portal_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdatePortalSettingsInput,
    ) -> Option<GraphqlResult<UpdatePortalSettingsPayload>> {
        mutate(update(ctx, input)).await
    }
}

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

fn parse_reply_to(address: MaybeUndefined<EmailAddress>) -> Result<Option<Option<String>>> {
    let parse = |address: EmailAddress| {
        let invalid = |error| Error::bad_input("input.replyTo", format!("Invalid value: {error}."));
        address::EmailAddress::parse(&address.0).map_err(invalid)
    };
    Ok(match address {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(address) => Some(Some(parse(address)?.text)),
    })
}

fn parse_color(field: &str, text: &str) -> Result<String> {
    let color = text.trim().to_ascii_lowercase();
    let digits = color.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(color);
    }
    Err(Error::bad_input(field, "Write it as #rrggbb, such as #3b5bdb."))
}

fn parse_audit_days(days: MaybeUndefined<i32>) -> Result<Option<Option<i16>>> {
    Ok(match days {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(days) => Some(within("auditDays", Some(days), 30, 3_650)?),
    })
}

fn parse_timezone(text: &str) -> Result<String> {
    details::timezone("input.timezone", text)?.ok_or_else(unknown_timezone)
}

fn unknown_timezone() -> Error {
    Error::bad_input(
        "input.timezone",
        "There is no such time zone: write one such as Europe/Berlin, or UTC.",
    )
}

fn parse(input: UpdatePortalSettingsInput, addresses: &Addresses) -> Result<SettingsChanges> {
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
        reply_to: parse_reply_to(input.reply_to)?,
        accent_color: accent_color.transpose()?,
        invitation_days: within("invitationDays", input.invitation_days, 1, 30)?,
        limit_copied_links: input.limit_copied_links,
        password_allowed: input.password_allowed,
        code_allowed: input.code_allowed,
        google_allowed: input.google_allowed,
        link_allowed: input.link_allowed,
        self_sign_up: input.self_sign_up,
        shortest_password: within("shortestPassword", input.shortest_password, 8, 15)?,
        audit_days: parse_audit_days(input.audit_days)?,
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

async fn update(ctx: &Context<'_>, input: UpdatePortalSettingsInput) -> Result<UpdatePortalSettingsPayload> {
    let staff = ctx.staff(Scope::Admin)?;
    if input.slug.is_some() {
        ctx.manager()?;
    }
    let services = ctx.services();
    let logo_url = input.logo_url.clone();
    let mut changes = parse(input, &services.settings.addresses)?;
    let logo = fetch_logo(&services.public_http, logo_url).await?;
    if let Some(logo) = &logo {
        changes.logo_url = Some(logo.as_ref().map(|logo| logo.url.clone()));
        changes.logo_file = Some(logo.as_ref().map(|logo| logo.file.name.clone()));
    }
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let google = services.settings.google;
    let mut conn = services.db.conn().await?;
    let account = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            if let Some(timezone) = &changes.timezone
                && !timezone_exists(conn, timezone).await?
            {
                return Err(unknown_timezone());
            }
            let account = change(conn, staff.account, &changes, &requester, &moment).await?;
            if SignInMethod::available(&account, google).is_empty() {
                return Err(Error::bad_input(
                    "input",
                    "At least one way to sign in must stay open.",
                ));
            }
            if let Some(logo) = &logo {
                let png = logo.as_ref().map(|logo| &logo.png[..]);
                Account::set_logo_png(conn, staff.account, png).await?;
            }
            Ok(account)
        })
        .await?;
    Ok(UpdatePortalSettingsPayload {
        portal: account.into(),
    })
}

async fn fetch_logo(http: &PublicHttp, url: MaybeUndefined<Url>) -> Result<Option<Option<Logo>>> {
    Ok(match url {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(url) => Some(Logo::fetch(http, &url.0).await?),
    })
}

async fn change(
    conn: &mut Conn,
    id: AccountId,
    changes: &SettingsChanges,
    requester: &Requester,
    moment: &Moment,
) -> Result<Account> {
    let before = Account::lock(conn, id).await?;
    let changed = changes.changed_names(&before);
    if changed.is_empty() {
        return Ok(before);
    }
    if let Some(hosts) = &changes.frame_hosts {
        check_frames(conn, id, hosts).await?;
    }
    let mut changes = changes.clone();
    if changed.contains(&"slug") {
        changes.renamed_at = Some(before.renamed(moment.now).map_err(too_many_renames)?);
    }
    let account = Account::update_settings(conn, id, &changes).await?;
    let account = account.ok_or_else(slug_taken)?;
    check_contrast(&account, &changes)?;
    let mut detail = json!({ "changed": changed });
    if changed.contains(&"affiliateTargetUrl") {
        let (before, after) = (&before.affiliate_target_url, &account.affiliate_target_url);
        detail["targetHost"] = changed_hosts(before.as_deref(), after.as_deref());
    }
    let event = NewEvent::new(EventKind::SettingsChanged).with(detail);
    record(conn, id, requester, &[event], moment).await?;
    Ok(account)
}

fn check_contrast(account: &Account, changes: &SettingsChanges) -> Result<()> {
    let contrast = account.colors().contrast().unwrap_or(LEAST_CONTRAST);
    if contrast >= LEAST_CONTRAST || (changes.secondary_color.is_none() && changes.accent_color.is_none()) {
        return Ok(());
    }
    let field = match changes.secondary_color {
        Some(_) => "input.secondaryColor",
        None => "input.accentColor",
    };
    let message = format!(
        "Buttons would hardly stand out from the bar: the contrast of the two colours is {contrast:.1}:1, and must be at least \
         {LEAST_CONTRAST:.0}:1."
    );
    Err(Error::bad_input(field, message))
}

fn too_many_renames(next: DateTime<Utc>) -> Error {
    let date = next.format("%Y-%m-%d");
    let message = format!("The slug was changed 10 times within a year. It can be changed again on {date}.");
    Error::bad_input("input.slug", message)
}

fn slug_taken() -> Error {
    let message = "This slug belongs to another account, or did: choose another one.";
    Error::new(Code::Conflict, message).at("input.slug")
}

/// Refuses to remove a host whose pages a menu item shows in a frame.
async fn check_frames(conn: &mut Conn, id: AccountId, hosts: &[String]) -> Result<()> {
    let items = MenuItem::in_frames(conn, id).await?;
    match items.iter().find(|item| !item.details.may_open(hosts)) {
        Some(item) => {
            let title = &item.details.title;
            let message =
                format!("The menu item {title:?} opens a page of another host in a frame: change it first.");
            Err(Error::new(Code::Conflict, message).at("input.frameHosts"))
        }
        None => Ok(()),
    }
}
