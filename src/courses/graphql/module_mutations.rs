//! Writing the modules of a course.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::title;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::error::{Error, Result};
use crate::courses::graphql::mutations::lock;
use crate::courses::graphql::outline::CourseModule;
use crate::courses::graphql::outline_changes::{
    Action, lock_module, missing_module, position_behind, record_change,
};
use crate::courses::model::outline as row;
use crate::courses::model::outline::MAX_MODULES;

#[derive(Default)]
pub(crate) struct ModuleMutations;

/// A new module.
#[derive(InputObject)]
pub(crate) struct CreateCourseModuleInput {
    /// The course. It must not be one with an external URL.
    course_id: ID,
    /// The title: one line of 1 to 200 characters.
    title: String,
}

/// The created module.
#[derive(SimpleObject)]
pub(crate) struct CreateCourseModulePayload {
    /// The module.
    module: CourseModule,
}

/// A new title of a module.
#[derive(InputObject)]
pub(crate) struct UpdateCourseModuleInput {
    /// The module.
    module_id: ID,
    /// The title: one line of 1 to 200 characters.
    title: String,
}

/// The changed module.
#[derive(SimpleObject)]
pub(crate) struct UpdateCourseModulePayload {
    /// The module as it is now.
    module: CourseModule,
}

/// The module to delete.
#[derive(InputObject)]
pub(crate) struct DeleteCourseModuleInput {
    /// The module.
    module_id: ID,
}

/// What was deleted.
#[derive(SimpleObject)]
pub(crate) struct DeleteCourseModulePayload {
    /// The id that the module had.
    deleted_module_id: ID,
}

#[Object]
impl ModuleMutations {
    /// Adds a module behind the others: at most 100. Needs the scope `CONTENT`.
    async fn create_course_module(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The module.")] input: CreateCourseModuleInput,
    ) -> Option<GraphqlResult<CreateCourseModulePayload>> {
        mutate(create_module(ctx, input)).await
    }

    /// Renames a module. Needs the scope `CONTENT`.
    async fn update_course_module(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new title.")] input: UpdateCourseModuleInput,
    ) -> Option<GraphqlResult<UpdateCourseModulePayload>> {
        mutate(update_module(ctx, input)).await
    }

    /// Deletes a module with its lessons and what contacts did in them; it can't be undone. Needs the scope `CONTENT`.
    async fn delete_course_module(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The module.")] input: DeleteCourseModuleInput,
    ) -> Option<GraphqlResult<DeleteCourseModulePayload>> {
        mutate(delete_module(ctx, input)).await
    }
}

async fn create_module(
    ctx: &Context<'_>,
    input: CreateCourseModuleInput,
) -> Result<CreateCourseModulePayload> {
    let staff = ctx.staff(Scope::Content)?;
    let title = title("input.title", &input.title)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let module = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let course = lock(conn, &staff, &input.course_id).await?;
            if course.details.external_url.is_some() {
                let message = "This course is elsewhere (externalUrl), so it can't have modules here.";
                return Err(Error::bad_input("input.courseId", message));
            }
            let ids = row::CourseModule::ids(conn, &course).await?;
            let position = position_behind(&ids, MAX_MODULES, "modules", "input.courseId")?;
            let module = row::CourseModule::create(conn, &course, &title, position, &moment).await?;
            record_change(conn, &course, Action::Created, module.id, &requester, &moment).await?;
            Ok(module)
        })
        .await?;
    Ok(CreateCourseModulePayload {
        module: (module, Vec::new()).into(),
    })
}

async fn update_module(
    ctx: &Context<'_>,
    input: UpdateCourseModuleInput,
) -> Result<UpdateCourseModulePayload> {
    let staff = ctx.staff(Scope::Content)?;
    let title = title("input.title", &input.title)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let module = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (course, module) = lock_module(conn, &staff, &input.module_id).await?;
            let renamed = if module.title == title {
                module
            } else {
                let renamed = module.rename(conn, &title).await?;
                record_change(conn, &course, Action::Changed, renamed.id, &requester, &moment).await?;
                renamed
            };
            let found = row::find_modules(conn, staff.account, &[renamed.id]).await?.pop();
            found.ok_or_else(missing_module)
        })
        .await?;
    Ok(UpdateCourseModulePayload {
        module: module.into(),
    })
}

async fn delete_module(
    ctx: &Context<'_>,
    input: DeleteCourseModuleInput,
) -> Result<DeleteCourseModulePayload> {
    let staff = ctx.staff(Scope::Content)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let module = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (course, module) = lock_module(conn, &staff, &input.module_id).await?;
            module.delete(conn).await?;
            course.close_gaps(conn).await?;
            record_change(conn, &course, Action::Deleted, module.id, &requester, &moment).await?;
            Ok(module)
        })
        .await?;
    Ok(DeleteCourseModulePayload {
        deleted_module_id: ID(module.id.to_string()),
    })
}
