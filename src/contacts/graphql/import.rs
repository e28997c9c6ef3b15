//! Contacts from a CSV file.

use async_graphql::{Context, InputObject, Object, Result as GraphqlResult, SimpleObject, Upload};
use diesel_async::AsyncConnection;
use graphql_server::UploadedFile;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::upload::UploadField;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::bulk_jobs::graphql::BulkJob;
use crate::contacts::model::import::{NewImport, queue_import};
use crate::live::Topic;

pub(crate) const UPLOAD: UploadField = UploadField {
    name: "importContacts",
    scope: Scope::Contacts,
};

#[derive(Default)]
pub(crate) struct ImportMutations;

/// A CSV file of contacts.
#[derive(InputObject)]
pub(crate) struct ImportContactsInput {
    /// The file: UTF-8, comma or semicolon, with the header `email,first_name,last_name,phone,tags,timezone,locale` in any
    /// order and letter case, of which only `email` is needed; tags separated by `;`. At most 64 MiB.
    csv: Upload,
    /// Whether to invite the contacts of the file too. Default: false.
    invite: Option<bool>,
}

/// The job that imports.
#[derive(SimpleObject)]
pub(crate) struct ImportContactsPayload {
    /// The job: its items hold the outcome of each row, by line.
    bulk_job: BulkJob,
    /// Columns of the file that are unknown and were ignored.
    unknown_columns: Vec<String>,
}

#[Object]
impl ImportMutations {
    /// Imports contacts from a CSV file, sent as the multipart request specification says. An invalid row is reported with
    /// its line, and the other rows are imported. A row whose contact exists fills the contact's empty fields. Needs the scope
    /// `CONTACTS`, and `INVITE` to invite.
    async fn import_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file, and what to do with the contacts in it.")] input: ImportContactsInput,
    ) -> Option<GraphqlResult<ImportContactsPayload>> {
        mutate(import(ctx, input)).await
    }
}

async fn import(ctx: &Context<'_>, input: ImportContactsInput) -> Result<ImportContactsPayload> {
    let staff = ctx.staff(UPLOAD.scope)?;
    let invite = input.invite.unwrap_or(false);
    if invite {
        ctx.staff(Scope::Invite)?;
    }
    let file = UploadedFile::open(ctx).map_err(|error| error.at("input.csv"))?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let queued = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let new = NewImport { csv: file, invite };
            queue_import(conn, staff.account, new, &requester, &moment).await
        })
        .await?;
    services
        .live
        .nudge(staff.account, &[Topic::Jobs, Topic::Job(queued.job.id)]);
    Ok(ImportContactsPayload {
        bulk_job: queued.job.into(),
        unknown_columns: queued.unknown_columns,
    })
}
