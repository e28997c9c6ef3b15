//! A change of what contacts may open, as a request or a bulk job makes it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::grant::{AccessGrant, NewGrants, SourceKind};
use super::{ContentStatus, Target};
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::communities::model::Community;
use crate::courses::model::Course;
use crate::offers::model::Offer;

/// What contacts get and lose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChange {
    pub add: Vec<Target>,
    pub remove: Vec<Target>,
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
}

/// Where granted access came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub kind: SourceKind,
    pub id: Option<Uuid>,
}

impl Source {
    pub(crate) const DIRECT: Self = Self {
        kind: SourceKind::Direct,
        id: None,
    };
}

impl AccessChange {
    /// Refuses targets that the account doesn't have, or that can't be granted. `field` is the path of the list of targets to
    /// add, such as `input.add`; a single target has its own path.
    pub(crate) async fn check(
        &self,
        conn: &mut Conn,
        account: AccountId,
        add_field: impl Fn(usize) -> String,
        remove_field: impl Fn(usize) -> String,
    ) -> Result<()> {
        let statuses = Statuses::read(conn, account, self.add.iter().chain(&self.remove)).await?;
        for (index, target) in self.remove.iter().enumerate() {
            statuses.of(*target, || remove_field(index))?;
        }
        for (index, target) in self.add.iter().enumerate() {
            let status = statuses.of(*target, || add_field(index))?;
            let message = match (target, status) {
                (_, ContentStatus::Archived) => "It is archived: publish it again before you grant it.",
                (Target::Offer(_), ContentStatus::Draft) => "It is a draft: publish it before you grant it.",
                _ => continue,
            };
            return Err(Error::new(Code::BadUserInput, message).at(add_field(index)));
        }
        Ok(())
    }

    /// Grants and revokes for contacts whose rows are locked, and records an event for each contact and target that changed.
    pub(crate) async fn apply(
        &self,
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
        source: Source,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<()> {
        let mut events = Vec::new();
        for target in &self.remove {
            let changed = AccessGrant::revoke_target(conn, account, contacts, *target, moment.now).await?;
            events.extend(changed.iter().map(|contact| revoked_event(*contact, *target)));
        }
        for grants in self.grants(conn, account, source, moment.now).await? {
            let changed =
                AccessGrant::grant(conn, account, contacts, &grants, requester.actor, moment).await?;
            events.extend(changed.iter().map(|contact| granted_event(*contact, &grants)));
        }
        record(conn, account, requester, &events, moment).await
    }

    /// A grant of an offer ends after the offer's duration, unless the change says when.
    async fn grants(
        &self,
        conn: &mut Conn,
        account: AccountId,
        source: Source,
        now: DateTime<Utc>,
    ) -> Result<Vec<NewGrants>> {
        let offers: Vec<_> = self.add.iter().filter_map(|target| target.offer()).collect();
        let offers = match &offers[..] {
            [] => Vec::new(),
            ids => Offer::find_many(conn, account, ids).await?,
        };
        let grants = self.add.iter().map(|target| {
            let offer = offers.iter().find(|offer| Target::Offer(offer.id) == *target);
            let starts_at = self.starts_at.unwrap_or(now);
            let ends_by_offer = offer.and_then(|offer| {
                let days = TimeDelta::days(offer.details.duration_days?.into());
                Some(
                    offer
                        .details
                        .starts_at
                        .map_or(starts_at, |opens| opens.max(starts_at))
                        + days,
                )
            });
            NewGrants {
                target: *target,
                source: source.kind,
                source_id: source.id,
                starts_at,
                ends_at: self.ends_at.or(ends_by_offer),
                exact: self.starts_at.is_some() || self.ends_at.is_some(),
            }
        });
        // A job may run after the time at which the access was to end.
        Ok(grants
            .filter(|new| new.ends_at.is_none_or(|ends| ends > new.starts_at))
            .collect())
    }
}

fn granted_event(contact: ContactId, grants: &NewGrants) -> NewEvent {
    let kind = match grants.target {
        Target::Course(_) => EventKind::CourseAssigned,
        Target::Community(_) => EventKind::CommunityAccessGranted,
        Target::Offer(_) => EventKind::OfferAccessGranted,
    };
    NewEvent::for_contact(kind, contact)
        .on(grants.target)
        .with(json!({"startsAt": grants.starts_at, "endsAt": grants.ends_at}))
}

pub(crate) fn revoked_event(contact: ContactId, target: Target) -> NewEvent {
    let kind = match target {
        Target::Course(_) => EventKind::CourseRevoked,
        Target::Community(_) => EventKind::CommunityAccessRevoked,
        Target::Offer(_) => EventKind::OfferAccessRevoked,
    };
    NewEvent::for_contact(kind, contact).on(target)
}

/// The statuses of the targets of a change.
struct Statuses(Vec<(Target, ContentStatus)>);

impl Statuses {
    async fn read(
        conn: &mut Conn,
        account: AccountId,
        targets: impl Iterator<Item = &Target>,
    ) -> Result<Self> {
        let (mut courses, mut communities, mut offers) = (Vec::new(), Vec::new(), Vec::new());
        for target in targets {
            match target {
                Target::Course(id) => courses.push(*id),
                Target::Community(id) => communities.push(*id),
                Target::Offer(id) => offers.push(*id),
            }
        }
        let mut found = Vec::new();
        if !courses.is_empty() {
            let rows = Course::find_many(conn, account, &courses).await?;
            found.extend(
                rows.iter()
                    .map(|row| (Target::Course(row.id), row.details.status)),
            );
        }
        if !communities.is_empty() {
            let rows = Community::find_many(conn, account, &communities).await?;
            found.extend(
                rows.iter()
                    .map(|row| (Target::Community(row.id), row.details.status)),
            );
        }
        if !offers.is_empty() {
            let rows = Offer::find_many(conn, account, &offers).await?;
            found.extend(rows.iter().map(|row| (Target::Offer(row.id), row.details.status)));
        }
        Ok(Self(found))
    }

    fn of(&self, target: Target, field: impl Fn() -> String) -> Result<ContentStatus> {
        let found = self.0.iter().find(|(known, _)| *known == target);
        let what = match target {
            Target::Course(_) => "course",
            Target::Community(_) => "community",
            Target::Offer(_) => "offer",
        };
        found
            .map(|(_, status)| *status)
            .ok_or_else(|| Error::not_found(field(), what))
    }
}
