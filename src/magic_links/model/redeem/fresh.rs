//! A link as the proof of a step-up: it opens no session of its own.

use super::{Again, LinkRefusal, Presented, RedeemRequest, again};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ContactId;
use crate::base::secrets::PlainSecret;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::model::Session;

impl Presented {
    /// The link, locked, if it proves who the contact is. A link of another contact, and one whose URL staff has seen, prove
    /// nothing and are left as they are.
    pub(crate) async fn as_proof(
        conn: &mut Conn,
        secret: &PlainSecret,
        contact: ContactId,
        request: &RedeemRequest<'_>,
        moment: &Moment,
    ) -> Result<std::result::Result<Box<Self>, Refusal>> {
        let found = Self::lock(conn, secret).await?;
        let Some(presented) = found.filter(|found| found.contact.id == contact) else {
            return Ok(Err(Reason::LinkInvalid.into()));
        };
        if presented.link.staff_seen {
            return Ok(Err(Reason::StepUpRequired.into()));
        }
        let refusal = match presented.refusal(moment.now) {
            None => return Ok(Ok(Box::new(presented))),
            Some(LinkRefusal::Used { .. }) => match again(conn, &presented, request, moment.now).await? {
                Again::Once(first) => {
                    let (account, id) = (first.account_id, first.id);
                    Session::end(conn, account, id, "LINK_REDEEMED_AGAIN", moment.now).await?;
                    return Ok(Ok(Box::new(presented)));
                }
                Again::Repeat(_) => LinkRefusal::Used { retry_after: None },
                Again::No(refusal) => refusal,
            },
            Some(refusal) => refusal,
        };
        Ok(Err(refusal.into()))
    }

    /// Whether it shows that its contact reads the mail to the present address.
    pub(crate) fn shows_mail_read(&self) -> bool {
        self.mail_read()
    }
}
