//! What Twilio calls: reports about text messages, and what recipients answer. A request is believed because of its signature, which
//! covers the public URL: so no cookie and no form token is needed, and the `Host` of the request doesn't count.

use std::time::Duration;

use askama::Template;
use diesel_async::AsyncConnection;
use graphql_server::body;
use graphql_server::body::BodyError;
use poem::web::Path;
use poem::{FromRequest, Request, RequestBody, handler, post};
use sms::Keyword;
use sms::callback::{
    CallbackError, Form, InboundMessage, MAX_FORM_BYTES, SIGNATURE_HEADER, StatusUpdate, verify,
};

use crate::accounts::model::Account;
use crate::base::db::{Conn, deadline};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, MessageId};
use crate::live::Topic;
use crate::messages::model::Message;
use crate::messages::model::text_reply::apply_reply;
use crate::messages::model::text_report::TextReport;
use crate::pages::routes::Routes;
use crate::pages::{Reply, Visit};

const BODY_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) fn server_routes(routes: Routes) -> Routes {
    routes
        .at("/hooks/twilio/:account/status/:message", post(report_status))
        .at("/hooks/twilio/:account/incoming", post(receive))
}

/// A request whose signature was verified.
struct Callback {
    form: Form,
    /// Our account at Twilio.
    provider_account: String,
}

impl<'a> FromRequest<'a> for Callback {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let visit = Visit::of(request)?;
        let settings = &visit.services().settings;
        let Some(provider) = &settings.twilio else {
            return Err(not_found().into());
        };
        let body = deadline::paused(body::read(body.take()?, MAX_FORM_BYTES, BODY_TIMEOUT)).await;
        let body = body.map_err(|error| Reply::from(unreadable(error)))?;
        let form = Form::parse(&body).map_err(Reply::from)?;
        let url = format!("{}{}{}", settings.addresses.public, visit.path(), visit.query);
        let signature = request.header(SIGNATURE_HEADER);
        verify(signature, provider.auth_token(), &url, &form).map_err(Reply::from)?;
        Ok(Self {
            form,
            provider_account: provider.account_id().to_owned(),
        })
    }
}

fn unreadable(error: BodyError) -> CallbackError {
    match error {
        BodyError::TooLarge => CallbackError::TooLong,
        BodyError::TooSlow | BodyError::Incomplete => CallbackError::Invalid,
    }
}

impl From<CallbackError> for Reply {
    fn from(error: CallbackError) -> Self {
        let status = match error {
            CallbackError::TooLong => 413,
            CallbackError::Unsigned | CallbackError::OtherAccount => 403,
            CallbackError::Invalid => 400,
        };
        Self::text(status, format!("{error}\n"))
    }
}

fn not_found() -> Reply {
    Reply::text(404, "not found\n")
}

#[handler]
async fn report_status(
    visit: Visit<'_>,
    callback: Callback,
    Path((account, message)): Path<(String, String)>,
) -> Result<Reply> {
    let update = match StatusUpdate::parse(&callback.form, &callback.provider_account) {
        Ok(update) => update,
        Err(error) => return Ok(error.into()),
    };
    let (Ok(account), Ok(message)) = (account.parse::<AccountId>(), message.parse::<MessageId>()) else {
        return Ok(not_found());
    };
    let moment = visit.moment();
    let mut conn = visit.conn().await?;
    let changed = conn
        .transaction(async |conn| -> Result<_> {
            let Some(message) = Message::lock_text(conn, account, message).await? else {
                return Ok(None);
            };
            match TextReport::of(update) {
                Some(report) => Ok(Some(message.apply_text_report(conn, &report, &moment).await?)),
                None => Ok(Some(false)),
            }
        })
        .await?;
    if changed == Some(true) {
        visit.live().nudge(account, &[Topic::Activity]);
    }
    Ok(changed.map_or_else(not_found, |_| Reply::text(200, "")))
}

#[handler]
async fn receive(visit: Visit<'_>, callback: Callback, Path(account): Path<String>) -> Result<Reply> {
    let reply = match InboundMessage::parse(&callback.form, &callback.provider_account) {
        Ok(reply) => reply,
        Err(error) => return Ok(error.into()),
    };
    let moment = visit.moment();
    let mut conn = visit.conn().await?;
    let Some(account) = find_account(&mut conn, &account).await? else {
        return Ok(not_found());
    };
    let changed = conn
        .transaction(async |conn| apply_reply(conn, account.id, &reply, &moment).await)
        .await?;
    for account in changed {
        visit.live().nudge(account, &[Topic::Activity]);
    }
    answer(&account, reply.keyword)
}

/// By its id, or by a slug that it has or had.
async fn find_account(conn: &mut Conn, text: &str) -> Result<Option<Account>> {
    match text.parse::<AccountId>() {
        Ok(id) => Ok(Account::find_many(conn, &[id]).await?.pop()),
        Err(_) => Account::by_slug(conn, text).await,
    }
}

/// What Twilio shall do: TwiML.
#[derive(Template)]
#[template(path = "messages/twiml.xml")]
struct Answer<'a> {
    text: Option<&'a str>,
}

/// Twilio itself answers STOP and START.
fn answer(account: &Account, keyword: Option<Keyword>) -> Result<Reply> {
    let locale = account.locale(None);
    let help = (keyword == Some(Keyword::Help)).then(|| match &account.reply_to {
        Some(address) => locale.text("sms-help-support").arg("support", address),
        None => locale.text("sms-help"),
    });
    let text = help.map(|help| help.arg("portal", &account.name).to_string());
    let answer = Answer {
        text: text.as_deref(),
    };
    Ok(Reply::xml(answer.render().map_err(Error::internal)?))
}
