//! Contacts from a CSV file.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject, Upload};
use diesel_async::AsyncConnection;
use graphql_server::UploadedFile;

use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::upload::UploadField;
use crate::base::actor::Scope;
use crate::base::error::{Error, Result};
use crate::bulk_jobs::graphql::BulkJob;
use crate::contacts::model::import::check;
use crate::contacts::model::import::{NewImport, queue_import};
use crate::invitations::graphql::parse_note;
use crate::live::Topic;

pub(crate) const UPLOAD: UploadField = UploadField {
    name: "importContacts",
    scope: Scope::Contacts,
};

pub(crate) const CHECK_UPLOAD: UploadField = UploadField {
    name: "checkImport",
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
    /// Where the invitations lead; only with `invite`. Default: `HOME`.
    section: Option<PortalSection>,
    /// A personal note in the invitations' emails, plain text of at most 1,000 characters; only with `invite`.
    note: Option<String>,
    /// An offer to grant to the contacts of the file, which must be published. Each import is a source of its own: a contact who has the
    /// offer already gets another grant of it.
    grant_offer_id: Option<ID>,
}

/// The job that imports.
#[derive(SimpleObject)]
pub(crate) struct ImportContactsPayload {
    /// The job: its items hold the outcome of each row, by line.
    bulk_job: BulkJob,
    /// Columns of the file that are unknown and were ignored.
    unknown_columns: Vec<String>,
}

/// A CSV file to check.
#[derive(InputObject)]
pub(crate) struct CheckImportInput {
    /// The file, as for `importContacts`.
    csv: Upload,
}

/// What an import of the file would find.
#[derive(SimpleObject)]
pub(crate) struct CheckImportPayload {
    /// The number of rows, without the header.
    row_count: i32,
    /// The number of rows that would not be imported.
    invalid_count: i32,
    /// Columns of the file that are unknown and would be ignored.
    unknown_columns: Vec<String>,
    /// Why rows would not be imported: the first 100 of them, in the order of the file.
    problems: Vec<ImportProblem>,
}

/// Why a row would not be imported.
#[derive(SimpleObject)]
pub(crate) struct ImportProblem {
    /// The line of the file where the row begins; the header is line 1.
    line: i32,
    /// The column that is wrong, such as `phone`; null if it is the row as a whole.
    column: Option<String>,
    /// What is wrong, as a sentence to show.
    message: String,
}

impl From<check::ImportProblem> for ImportProblem {
    fn from(problem: check::ImportProblem) -> Self {
        Self {
            line: problem.line,
            column: problem.column.map(str::to_owned),
            message: problem.message,
        }
    }
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

    /// Checks a CSV file as `importContacts` would, and changes nothing. Needs the scope `CONTACTS`.
    async fn check_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] input: CheckImportInput,
    ) -> Option<GraphqlResult<CheckImportPayload>> {
        mutate(check_file(ctx, input)).await
    }
}

async fn import(ctx: &Context<'_>, input: ImportContactsInput) -> Result<ImportContactsPayload> {
    let staff = ctx.staff(UPLOAD.scope)?;
    let invite = input.invite.unwrap_or(false);
    if invite {
        ctx.staff(Scope::Invite)?;
    }
    let section = check_invite_only("section", invite, input.section)?.unwrap_or(PortalSection::Home);
    let note = parse_note(check_invite_only("note", invite, input.note)?)?;
    let missing = |_| Error::not_found("input.grantOfferId", "offer");
    let grant_offer = input
        .grant_offer_id
        .map(|id| id.parse().map_err(missing))
        .transpose()?;
    let file = UploadedFile::open(ctx).map_err(|error| error.at("input.csv"))?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let queued = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let new = NewImport {
                csv: file,
                invite,
                section,
                note,
                grant_offer,
            };
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

/// Refuses a field that has a meaning only for invitations.
fn check_invite_only<T>(field: &str, invite: bool, value: Option<T>) -> Result<Option<T>> {
    if invite || value.is_none() {
        return Ok(value);
    }
    let message = "It is for invitations: set invite to true, or leave it out.";
    Err(Error::bad_input(format!("input.{field}"), message))
}

async fn check_file(ctx: &Context<'_>, _: CheckImportInput) -> Result<CheckImportPayload> {
    ctx.staff(CHECK_UPLOAD.scope)?;
    let file = UploadedFile::open(ctx).map_err(|error| error.at("input.csv"))?;
    let checked = check::check_import(file)?;
    let count = |rows: usize| i32::try_from(rows).unwrap_or(i32::MAX);
    Ok(CheckImportPayload {
        row_count: count(checked.row_count),
        invalid_count: count(checked.invalid_count),
        unknown_columns: checked.unknown_columns,
        problems: checked.problems.into_iter().map(Into::into).collect(),
    })
}
