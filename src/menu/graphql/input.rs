//! The parts of a menu item that an input says.

use async_graphql::{ID, InputObject};

use crate::access::model::Target;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Audience, Role};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, CommunityId, CourseId, OfferId};
use crate::base::plain_text;
use crate::communities::model::Community;
use crate::courses::model::Course;
use crate::menu::model::visibility::Visibility;
use crate::offers::model::Offer;

const MAX_TITLE_CHARS: usize = 60;

/// Who sees a menu item: one of these, or everyone.
#[derive(InputObject)]
pub(crate) struct MenuItemVisibilityInput {
    /// In the portal: contacts who have this offer now.
    offer_id: Option<ID>,
    /// In the portal: contacts who may open this course now.
    course_id: Option<ID>,
    /// In the portal: contacts who may open this community now.
    community_id: Option<ID>,
    /// In the dashboard: team members with this role or a higher one.
    minimum_role: Option<Role>,
}

pub(super) fn parse_title(text: &str) -> Result<String> {
    let title = plain_text::line("input.title", text, MAX_TITLE_CHARS)?;
    title.ok_or_else(|| Error::bad_input("input.title", "It can't be empty."))
}

/// What an item opens.
#[derive(Clone, Debug)]
pub(super) enum Destination {
    Section(PortalSection),
    Url(String),
}

impl Destination {
    /// What an item opens that opened `before`; a new one opened nothing. A section takes the place of a URL and the other way
    /// round; `None` leaves them as they are.
    pub(super) fn parse(
        before: Option<Self>,
        section: Option<Option<PortalSection>>,
        url: Option<Option<String>>,
    ) -> Result<Self> {
        let kept = before.filter(|before| match before {
            Self::Section(_) => section.is_none(),
            Self::Url(_) => url.is_none(),
        });
        let refuse = |message| Err(Error::bad_input("input.url", message));
        match (section.flatten(), url.flatten()) {
            (Some(_), Some(_)) => refuse("Pass a section or a URL, not both."),
            (Some(section), None) => Ok(Self::Section(section)),
            (None, Some(url)) => Ok(Self::Url(url)),
            (None, None) => kept.map_or_else(|| refuse("Pass a section or a URL."), Ok),
        }
    }

    pub(super) fn columns(self) -> (Option<PortalSection>, Option<String>) {
        match self {
            Self::Section(section) => (Some(section), None),
            Self::Url(url) => (None, Some(url)),
        }
    }
}

/// The field of what contacts must have.
fn field(target: Target) -> &'static str {
    match target {
        Target::Offer(_) => "input.visibleTo.offerId",
        Target::Course(_) => "input.visibleTo.courseId",
        Target::Community(_) => "input.visibleTo.communityId",
    }
}

impl MenuItemVisibilityInput {
    pub(super) fn parse(&self) -> Result<Visibility> {
        let offer = parse_id::<OfferId>(self.offer_id.as_ref(), "offer")?.map(Target::Offer);
        let course = parse_id::<CourseId>(self.course_id.as_ref(), "course")?.map(Target::Course);
        let community = parse_id::<CommunityId>(self.community_id.as_ref(), "community")?;
        let targets = [offer, course, community.map(Target::Community)];
        let mut named: Vec<Visibility> = targets.into_iter().flatten().map(Visibility::Holders).collect();
        named.extend(self.minimum_role.map(Visibility::Role));
        match named[..] {
            [] => Ok(Visibility::Everyone),
            [one] => Ok(one),
            _ => Err(Error::bad_input("input.visibleTo", "Name one of them at most.")),
        }
    }
}

fn parse_id<T: std::str::FromStr>(id: Option<&ID>, what: &str) -> Result<Option<T>> {
    let missing = |_| Error::not_found(format!("input.visibleTo.{what}Id"), what);
    id.map(|id| id.parse().map_err(missing)).transpose()
}

/// What the input says, for a menu of this audience. Everyone in the dashboard has a role.
pub(super) fn for_audience(visibility: Visibility, audience: Audience) -> Result<Visibility> {
    match (audience, visibility) {
        (Audience::Dashboard, Visibility::Everyone) => Ok(Visibility::Role(Role::ReadOnly)),
        (Audience::Dashboard, Visibility::Holders(target)) => Err(Error::bad_input(
            field(target),
            "Contacts don't see the dashboard: pass minimumRole.",
        )),
        (Audience::Portal, Visibility::Role(_)) => Err(Error::bad_input(
            "input.visibleTo.minimumRole",
            "Contacts have no role: name an offer, a course or a community.",
        )),
        (Audience::Portal | Audience::Dashboard, visibility) => Ok(visibility),
    }
}

/// Refuses what the account doesn't have.
pub(super) async fn check_target(conn: &mut Conn, account: AccountId, visibility: Visibility) -> Result<()> {
    let Visibility::Holders(target) = visibility else {
        return Ok(());
    };
    let (what, found) = match target {
        Target::Offer(id) => ("offer", !Offer::find_many(conn, account, &[id]).await?.is_empty()),
        Target::Course(id) => (
            "course",
            !Course::find_many(conn, account, &[id]).await?.is_empty(),
        ),
        Target::Community(id) => {
            let found = Community::find_many(conn, account, &[id]).await?;
            ("community", !found.is_empty())
        }
    };
    if found {
        return Ok(());
    }
    Err(Error::not_found(field(target), what))
}
