//! A change of what contacts may open, as a request or a bulk job makes it.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::grant::{AccessGrant, ChangedGrant, GrantOrigin, NewGrants};
use super::{ContentStatus, Target};
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId, OfferId};
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
    /// Set where it is applied.
    #[serde(skip)]
    pub origin: GrantOrigin,
}

impl AccessChange {
    /// The grants that the change makes now. Refuses targets that the account doesn't have or that can't be granted, and times that
    /// give nothing; the error names the field of the input.
    pub(crate) async fn grants(
        &self,
        conn: &mut Conn,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<NewGrants> {
        let found = Found::read(conn, account, self.add.iter().chain(&self.remove)).await?;
        for (index, target) in self.remove.iter().enumerate() {
            found.status(*target, || field("remove", *target, index))?;
        }
        let starts_at = self.starts_at.unwrap_or(now);
        let mut targets = Vec::with_capacity(self.add.len());
        for (index, target) in self.add.iter().enumerate() {
            let field = || field("add", *target, index);
            let problem = match (target, found.status(*target, field)?) {
                (_, ContentStatus::Archived) => "It is archived: publish it again before you grant it.",
                (Target::Offer(_), ContentStatus::Draft) => "It is a draft: publish it before you grant it.",
                _ => {
                    targets.push((*target, self.end(starts_at, found.offer(*target), now)?));
                    continue;
                }
            };
            return Err(Error::bad_input(field(), problem));
        }
        Ok(NewGrants {
            targets,
            starts_at,
            origin: self.origin,
            exact: self.starts_at.is_some() || self.ends_at.is_some(),
        })
    }

    /// A grant of an offer ends after the offer's days, unless the change says when.
    fn end(
        &self,
        starts_at: DateTime<Utc>,
        offer: Option<&Offer>,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>> {
        let opening = offer.and_then(|offer| offer.details.starts_at);
        let opens_at = opening.map_or(starts_at, |opening| opening.max(starts_at));
        let days = offer.and_then(|offer| offer.details.duration_days);
        let by_days = days.map(|days| opens_at + TimeDelta::days(days.into()));
        let ends_at = self.ends_at.or(by_days);
        let named = if self.ends_at.is_some() {
            "endsAt"
        } else {
            "startsAt"
        };
        let problem = match ends_at {
            Some(ends) if ends <= now => "The access would have ended already.",
            Some(ends) if ends <= opens_at => "The access would end before the offer opens.",
            // What RFC 3339 can write.
            Some(ends) if ends.year() > 9_999 => "The access would end after the year 9999.",
            _ => return Ok(ends_at),
        };
        Err(Error::bad_input(format!("input.{named}"), problem))
    }

    /// Grants and revokes for contacts whose rows are locked, and records an event for each contact and target that changed.
    pub(crate) async fn apply(
        &self,
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
        requester: &Requester,
        moment: &Moment,
    ) -> Result<()> {
        let new = self.grants(conn, account, moment.now).await?;
        let revoked = AccessGrant::revoke_targets(conn, account, contacts, &self.remove, moment.now).await?;
        let granted = AccessGrant::grant(conn, account, contacts, &new, requester.actor, moment).await?;
        // A contact may have had a target from several sources.
        let revoked: HashMap<(ContactId, Target), NewEvent> = revoked
            .iter()
            .filter_map(|grant| {
                let target = grant.target()?;
                Some((
                    (grant.contact_id, target),
                    revoked_event(grant.contact_id, target),
                ))
            })
            .collect();
        let granted = granted.iter().filter_map(granted_event);
        let events: Vec<NewEvent> = revoked.into_values().chain(granted).collect();
        record(conn, account, requester, &events, moment).await
    }
}

/// The field of a target: an offer is the only one of its input.
fn field(list: &str, target: Target, index: usize) -> String {
    match target {
        Target::Offer(_) => "input.offerId".to_owned(),
        Target::Course(_) | Target::Community(_) => format!("input.{list}.{index}"),
    }
}

fn granted_event(grant: &ChangedGrant) -> Option<NewEvent> {
    let target = grant.target()?;
    let kind = match target {
        Target::Course(_) => EventKind::CourseAssigned,
        Target::Community(_) => EventKind::CommunityAccessGranted,
        Target::Offer(_) => EventKind::OfferAccessGranted,
    };
    let event = NewEvent::for_contact(kind, grant.contact_id).on(target);
    Some(event.with(json!({"startsAt": grant.starts_at, "endsAt": grant.ends_at})))
}

pub(crate) fn revoked_event(contact: ContactId, target: Target) -> NewEvent {
    let kind = match target {
        Target::Course(_) => EventKind::CourseRevoked,
        Target::Community(_) => EventKind::CommunityAccessRevoked,
        Target::Offer(_) => EventKind::OfferAccessRevoked,
    };
    NewEvent::for_contact(kind, contact).on(target)
}

/// Those of some targets that the account has.
pub(crate) struct Found {
    statuses: HashMap<Target, ContentStatus>,
    offers: HashMap<OfferId, Offer>,
}

impl Found {
    pub(crate) async fn read(
        conn: &mut Conn,
        account: AccountId,
        targets: impl Iterator<Item = &Target> + Clone,
    ) -> Result<Self> {
        let mut statuses = HashMap::new();
        let courses: Vec<_> = targets.clone().filter_map(|target| target.course()).collect();
        if !courses.is_empty() {
            let rows = Course::find_many(conn, account, &courses).await?;
            statuses.extend(
                rows.iter()
                    .map(|row| (Target::Course(row.id), row.details.status)),
            );
        }
        let communities: Vec<_> = targets.clone().filter_map(|target| target.community()).collect();
        if !communities.is_empty() {
            let rows = Community::find_many(conn, account, &communities).await?;
            statuses.extend(
                rows.iter()
                    .map(|row| (Target::Community(row.id), row.details.status)),
            );
        }
        let offers: Vec<_> = targets.filter_map(|target| target.offer()).collect();
        let offers = match &offers[..] {
            [] => Vec::new(),
            ids => Offer::find_many(conn, account, ids).await?,
        };
        statuses.extend(
            offers
                .iter()
                .map(|row| (Target::Offer(row.id), row.details.status)),
        );
        Ok(Self {
            statuses,
            offers: offers.into_iter().map(|offer| (offer.id, offer)).collect(),
        })
    }

    /// `field` is where the target was named.
    pub(crate) fn status(&self, target: Target, field: impl Fn() -> String) -> Result<ContentStatus> {
        let found = self.statuses.get(&target).copied();
        found.ok_or_else(|| Error::not_found(field(), target.noun()))
    }

    fn offer(&self, target: Target) -> Option<&Offer> {
        self.offers.get(&target.offer()?)
    }
}
