//! The export of contacts as a CSV file, for the dashboard and for servers.

use std::collections::HashSet;
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
use crate::base::db::{Conn, Db, deadline};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::base::plain_text;
use crate::contacts::model::Contact;
use crate::contacts::model::export;
use crate::contacts::model::export::Export;
use crate::contacts::model::list::{Conditions, Filter};
use crate::pages::routes::Routes;
use crate::pages::{PageSession, Reply, SignInSite, Visit};
use crate::sign_in::auth_context::{AuthContext, Credential};
use crate::sign_in::authenticator::ongoing::OngoingAuth;
use crate::sign_in::person::Person;

/// The parameter of the query with the JSON of a `ContactFilter`.
const FILTER: &str = "filter";

/// The parameter with contact ids, separated by commas, instead of the filter.
const IDS: &str = "ids";

const MAX_IDS: usize = 500;

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

/// Which contacts to export.
enum Selection {
    Ids(Vec<ContactId>),
    Matching(Box<Filter>),
}

impl Selection {
    /// The selection, and the names of its conditions.
    fn parse(visit: &Visit<'_>) -> Result<(Self, Vec<String>)> {
        let filter = visit.query(FILTER).filter(|json| !json.trim().is_empty());
        match (visit.query(IDS), filter) {
            (Some(_), Some(_)) => Err(Error::bad_input(IDS, "Give this or `filter`.")),
            (Some(ids), None) => Ok((Self::Ids(parse_ids(&ids)?), vec![IDS.to_owned()])),
            (None, json) => {
                let raw = json.map(|json| Conditions::from_json(FILTER, &json));
                let raw = raw.transpose()?.unwrap_or_default();
                let names = raw.names().into_iter().map(str::to_owned).collect();
                Ok((Self::Matching(Box::new(raw.parse(FILTER, visit.now())?)), names))
            }
        }
    }
}

fn parse_ids(text: &str) -> Result<Vec<ContactId>> {
    if text.trim().is_empty() {
        return Err(Error::bad_input(IDS, "Name at least one contact."));
    }
    let given: Vec<&str> = text.split(',').map(str::trim).collect();
    if given.len() > MAX_IDS {
        return Err(Error::bad_input(IDS, format!("Name at most {MAX_IDS} contacts.")));
    }
    let ids: Vec<Option<ContactId>> = given.iter().map(|id| id.parse().ok()).collect();
    let malformed = given.iter().zip(&ids).filter(|(_, id)| id.is_none());
    let malformed: Vec<String> = malformed.map(|(text, _)| plain_text::escaped(text, 40)).collect();
    if malformed.is_empty() {
        Ok(ids.into_iter().flatten().collect())
    } else {
        Err(no_such_contacts(&malformed))
    }
}

fn no_such_contacts(ids: &[String]) -> Error {
    Error::bad_input(IDS, format!("There are no such contacts: {}.", ids.join(", ")))
}

/// The contacts with these ids, all of them.
async fn find_all(conn: &mut Conn, account: AccountId, ids: &[ContactId]) -> Result<Vec<Contact>> {
    let found = Contact::find_many(conn, account, ids).await?;
    let known: HashSet<ContactId> = found.iter().map(|contact| contact.id).collect();
    let missing = ids.iter().filter(|id| !known.contains(id));
    let missing: Vec<String> = missing.map(ToString::to_string).collect();
    if missing.is_empty() {
        Ok(found)
    } else {
        Err(no_such_contacts(&missing))
    }
}

/// Records the export, then answers with the file. A `HEAD` request gets the headers alone.
async fn start(visit: &Visit<'_>, exporter: Exporter) -> Result<Response> {
    let (selection, conditions) = Selection::parse(visit)?;
    let event = NewEvent::new(EventKind::ContactsExported).with(json!({ "conditions": conditions }));
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
    let body = match selection {
        Selection::Ids(ids) => export::whole(find_all(&mut conn, account.id, &ids).await?)?.into(),
        Selection::Matching(filter) => RunningExport {
            db: visit.services().db.clone(),
            auth: visit.site.authenticator.ongoing(exporter.auth),
            export: Export::new(account.id, *filter),
        }
        .body(Tenant::Account(account.id)),
    };
    conn.transaction(async |conn| record(conn, account.id, &requester, &[event], &moment).await)
        .await?;
    response.set_body(body);
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
        let export = &self.export;
        let part = self
            .db
            .reader()
            .run(|mut conn| async move { export.next_part(&mut conn).await })
            .await?;
        Ok(part.map(|part| self.export.advance(part)))
    }
}
