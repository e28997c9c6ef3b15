//! The export of contacts as a CSV file, for the dashboard and for servers.

use std::io;

use diesel_async::AsyncConnection;
use futures_util::stream;
use graphql_server::credentials::{MalformedBearer, bearer};
use poem::http::{HeaderValue, Method, header};
use poem::{Body, FromRequest, IntoResponse, Response, get, handler};
use serde_json::json;

use crate::accounts::model::Account;
use crate::base::actor::{Requester, Scope};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::db::quota::Tenant;
use crate::base::db::{Db, deadline};
use crate::base::error::{Code, Error, Result};
use crate::contacts::model::export::Export;
use crate::contacts::model::list::RawFilter;
use crate::pages::routes::Routes;
use crate::pages::{PageSession, Reply, SignInSite, Visit};
use crate::sign_in::auth_context::{AuthContext, Credential};
use crate::sign_in::authenticator::ongoing::OngoingAuth;
use crate::sign_in::person::Person;

/// The parameter of the query with the JSON of a `ContactFilter`.
const FILTER: &str = "filter";

pub(crate) fn routes(routes: Routes) -> Routes {
    // `HEAD` is handled here because Poem would call `GET`, which records an export.
    routes.at("/contacts.csv", get(download).head(download))
}

/// Who exports the contacts of which account.
struct Exporter {
    account: Account,
    auth: AuthContext,
}

/// With a token or an API key that has `READ`, or with the dashboard's cookie. A browser without a session is redirected to the
/// sign-in page; every other refusal is plain text.
#[handler]
async fn download(visit: Visit<'_>) -> poem::Result<Response> {
    let exporter = match bearer(visit.request().headers()) {
        Ok(Some(token)) => by_token(&visit, token).await,
        Ok(None) if !own_site(&visit) => Err(Error::forbidden("Download the file from the dashboard.")),
        Ok(None) => of_member(PageSession::from_request_without_body(visit.request()).await?),
        Err(MalformedBearer) => Err(Error::unauthenticated()),
    };
    let exported = match exporter {
        Ok(exporter) => start(&visit, exporter).await,
        Err(error) => Err(error),
    };
    exported.or_else(|error| Ok(refusal(error)?.into_response()))
}

/// Whether no page of another site or subdomain made the browser send the request: the dashboard did, or the user typed its address.
fn own_site(visit: &Visit<'_>) -> bool {
    let sites = visit.request().headers().get_all("sec-fetch-site");
    sites.iter().all(|site| site == "same-origin" || site == "none")
}

async fn by_token(visit: &Visit<'_>, token: String) -> Result<Exporter> {
    let auth = visit
        .site
        .authenticator
        .authenticate(&Credential::Bearer(token))
        .await?;
    let staff = auth.viewer.staff(Scope::Read)?;
    let mut conn = visit.conn().await?;
    let site = SignInSite::find(&mut conn, visit).await?;
    let own = site.filter(|site| site.account.id == staff.account);
    let missing = || Error::new(Code::NotFound, "There is no such account.");
    Ok(Exporter {
        account: own.ok_or_else(missing)?.account,
        auth,
    })
}

fn of_member(session: PageSession) -> Result<Exporter> {
    match session.person {
        Person::Member(member) if member.role.may(Scope::Read) => Ok(Exporter {
            auth: AuthContext::of_member(&session.session, &member),
            account: session.site.account,
        }),
        Person::Member(_) | Person::Contact(_) => Err(Error::forbidden("Your role doesn't allow this.")),
    }
}

/// The code and message as plain text. An error that is not the caller's becomes a page as always.
fn refusal(error: Error) -> Result<Reply> {
    let status = match error.code {
        Code::BadUserInput => 400,
        Code::Unauthenticated => 401,
        Code::Forbidden => 403,
        Code::NotFound => 404,
        _ => return Err(error),
    };
    let field = error.field.as_deref().map(|field| format!("{field}: "));
    let text = format!("{}{}\n", field.unwrap_or_default(), error.message());
    Ok(Reply::text(status, text))
}

/// Records the export, then answers with the file. A `HEAD` request gets the headers alone.
async fn start(visit: &Visit<'_>, exporter: Exporter) -> Result<Response> {
    let given = visit.query(FILTER).filter(|json| !json.trim().is_empty());
    let raw = given
        .map(|json| RawFilter::from_json(FILTER, &json))
        .transpose()?;
    let raw = raw.unwrap_or_default();
    let event = NewEvent::new(EventKind::ContactsExported).with(json!({ "conditions": raw.names() }));
    let filter = raw.parse(FILTER)?;
    let (account, moment) = (exporter.account, visit.moment());
    let mut response = headers(&account)?;
    if visit.request().method() == Method::HEAD {
        return Ok(response);
    }
    let requester = Requester {
        actor: exporter.auth.viewer.actor(),
        client: visit.client.clone(),
    };
    let mut conn = visit.conn().await?;
    conn.transaction(async |conn| record(conn, account.id, &requester, &[event], &moment).await)
        .await?;
    let running = RunningExport {
        db: visit.services().db.clone(),
        auth: visit.site.authenticator.ongoing(exporter.auth),
        export: Export::new(account.id, filter),
    };
    response.set_body(running.body(Tenant::Account(account.id)));
    Ok(response)
}

/// The response without its rows.
fn headers(account: &Account) -> Result<Response> {
    let disposition = format!("attachment; filename=\"{}-contacts.csv\"", account.slug);
    let disposition = HeaderValue::try_from(disposition).map_err(Error::internal)?;
    Ok(Reply::csv()
        .into_response()
        .with_header(header::CONTENT_DISPOSITION, disposition)
        .into_response())
}

/// An export while it is downloaded.
struct RunningExport {
    db: Db,
    auth: OngoingAuth,
    export: Export,
}

impl RunningExport {
    /// Reads each part when the client has taken the one before. No connection is held in between.
    fn body(self, tenant: Tenant) -> Body {
        let quota = self.db.quota(tenant);
        let parts = stream::try_unfold(self, |mut running| async move {
            match deadline::within(deadline::BACKGROUND, running.next_part()).await {
                Ok(part) => Ok(part.map(|part| (part, running))),
                Err(error) => {
                    tracing::warn!(%error, "an export of contacts was cut off");
                    Err(io::Error::other("the export was cut off"))
                }
            }
        });
        Body::from_bytes_stream(quota.scope_stream(Box::pin(parts)))
    }

    async fn next_part(&mut self) -> Result<Option<Vec<u8>>> {
        self.auth.check().await?;
        let mut conn = self.db.conn().await?;
        self.export.next_part(&mut conn).await
    }
}
