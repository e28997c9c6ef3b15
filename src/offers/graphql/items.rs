//! The courses and communities that an input names.

use async_graphql::ID;

use crate::access::model::Item;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, CommunityId, CourseId};
use crate::communities::model::Community;
use crate::courses::model::Course;

/// The most courses, or communities, of an offer.
const MAX_ITEMS: usize = 100;

/// The named courses or communities, each named once.
fn parse_items(
    field: &str,
    what: &str,
    ids: &[ID],
    parse: impl Fn(&str) -> Option<Item>,
) -> Result<Vec<Item>> {
    if ids.len() > MAX_ITEMS {
        return Err(Error::bad_input(field, format!("Name at most {MAX_ITEMS}.")));
    }
    let mut items = Vec::new();
    for (index, id) in ids.iter().enumerate() {
        let item = parse(id).ok_or_else(|| Error::not_found(format!("{field}.{index}"), what))?;
        if items.contains(&item) {
            return Err(Error::bad_input(format!("{field}.{index}"), "It is named twice."));
        }
        items.push(item);
    }
    Ok(items)
}

pub(super) fn parse_courses(ids: &[ID]) -> Result<Vec<Item>> {
    let parse = |id: &str| id.parse::<CourseId>().ok().map(Item::Course);
    parse_items("input.courseIds", "course", ids, parse)
}

pub(super) fn parse_communities(ids: &[ID]) -> Result<Vec<Item>> {
    let parse = |id: &str| id.parse::<CommunityId>().ok().map(Item::Community);
    parse_items("input.communityIds", "community", ids, parse)
}

/// Refuses courses and communities that the account doesn't have.
pub(super) async fn check_items(conn: &mut Conn, account: AccountId, items: &[Item]) -> Result<()> {
    let courses: Vec<CourseId> = items.iter().copied().filter_map(Item::course).collect();
    let communities: Vec<CommunityId> = items.iter().copied().filter_map(Item::community).collect();
    let found = Course::find_many(conn, account, &courses).await?;
    for (index, id) in courses.iter().enumerate() {
        if !found.iter().any(|row| row.id == *id) {
            return Err(Error::not_found(format!("input.courseIds.{index}"), "course"));
        }
    }
    let found = Community::find_many(conn, account, &communities).await?;
    for (index, id) in communities.iter().enumerate() {
        if !found.iter().any(|row| row.id == *id) {
            return Err(Error::not_found(
                format!("input.communityIds.{index}"),
                "community",
            ));
        }
    }
    Ok(())
}
