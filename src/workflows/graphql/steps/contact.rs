//! The steps that change the contact.

use async_graphql::{Context, ID, Object, Result as GraphqlResult};

use crate::api::connection::nullable;
use crate::api::context::ContextExt;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::communities::graphql::Community;
use crate::courses::graphql::Course;
use crate::offers::graphql::Offer;
use crate::workflows::model::definition::{Action, Step};

fn target_id(step: &Step) -> ID {
    ID(step.target().map(|target| target.to_string()).unwrap_or_default())
}

async fn offer(ctx: &Context<'_>, step: &Step) -> Result<Option<Offer>> {
    ctx.staff(Scope::Read)?;
    let Some(id) = step.target().and_then(|target| target.offer()) else {
        return Ok(None);
    };
    Ok(ctx.loaders().offers.get(id).await?.map(Offer::from))
}

fn tags(step: &Step) -> &[String] {
    match &step.action {
        Action::AddTags(tags) | Action::RemoveTags(tags) => tags,
        _ => &[],
    }
}

step_type! {
    /// Adds tags to the contact.
    AddTagsStep {
        /// The tags.
        async fn tags(&self) -> &[String] {
            tags(&self.0)
        }
    }
}

step_type! {
    /// Removes tags of the contact.
    RemoveTagsStep {
        /// The tags.
        async fn tags(&self) -> &[String] {
            tags(&self.0)
        }
    }
}

step_type! {
    /// Grants an offer to the contact.
    GrantOfferStep {
        /// The id of the offer.
        async fn offer_id(&self) -> ID {
            target_id(&self.0)
        }

        /// The offer; null if it is gone. Needs the scope `READ`.
        async fn offer(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Offer>> {
            nullable(offer(ctx, &self.0)).await
        }
    }
}

step_type! {
    /// Revokes an offer for the contact, whatever granted it.
    RevokeOfferStep {
        /// The id of the offer.
        async fn offer_id(&self) -> ID {
            target_id(&self.0)
        }

        /// The offer; null if it is gone. Needs the scope `READ`.
        async fn offer(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Offer>> {
            nullable(offer(ctx, &self.0)).await
        }
    }
}

step_type! {
    /// Grants a course to the contact.
    AssignCourseStep {
        /// The id of the course.
        async fn course_id(&self) -> ID {
            target_id(&self.0)
        }

        /// The course; null if it is gone. Needs the scope `READ`.
        async fn course(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Course>> {
            nullable(async {
                ctx.staff(Scope::Read)?;
                let Some(id) = self.0.target().and_then(|target| target.course()) else {
                    return Ok(None);
                };
                Ok(ctx.loaders().courses.get(id).await?.map(Course::from))
            })
            .await
        }
    }
}

step_type! {
    /// Grants a community to the contact.
    AddToCommunityStep {
        /// The id of the community.
        async fn community_id(&self) -> ID {
            target_id(&self.0)
        }

        /// The community; null if it is gone. Needs the scope `READ`.
        async fn community(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Community>> {
            nullable(async {
                ctx.staff(Scope::Read)?;
                let Some(id) = self.0.target().and_then(|target| target.community()) else {
                    return Ok(None);
                };
                Ok(ctx.loaders().communities.get(id).await?.map(Community::from))
            })
            .await
        }
    }
}
