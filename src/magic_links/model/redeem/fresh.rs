//! A link as a fresh proof of somebody who is signed in already: it opens no session of its own.

use super::{Again, LinkRefusal, Presented, Press, again, mark_used};
use crate::base::clock::Moment;
use crate::base::db::{Conn, Wire};
use crate::base::error::Result;
use crate::base::ids::{ContactId, SessionId};
use crate::base::secrets::PlainSecret;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::model::Session;

impl Presented {
    /// Takes the link of a contact who steps up, if it proves something. A link of somebody else, and one whose URL staff has
    /// seen, are left as they are.
    pub async fn as_proof(
        conn: &mut Conn,
        secret: &PlainSecret,
        contact: ContactId,
        press: &Press<'_>,
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
            Some(LinkRefusal::Used { .. }) => match again(conn, &presented, press, moment.now).await? {
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
    pub fn shows_mail_read(&self) -> bool {
        self.mail_read()
    }

    /// The session that it was the proof for.
    pub async fn spend(
        &self,
        conn: &mut impl Wire,
        session: SessionId,
        press: &Press<'_>,
        moment: &Moment,
    ) -> Result<()> {
        mark_used(conn, &self.link, session, press, moment.now).await
    }
}
