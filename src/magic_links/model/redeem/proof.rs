//! A link as the proof of a step-up: it opens no session of its own.

use super::{LinkRefusal, LinkWithContact, RedeemRequest, RepeatedUse, check_repeated_use, end_replaced};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ContactId;
use crate::base::secrets::PlainSecret;
use crate::sign_in::refusal::{Reason, Refusal};

impl LinkWithContact {
    /// The link, locked, if it proves who the contact is. A link of another contact, a link whose URL staff has seen and a texted
    /// link prove nothing and stay as they are.
    pub(crate) async fn lock_as_proof(
        conn: &mut Conn,
        secret: &PlainSecret,
        contact: ContactId,
        request: &RedeemRequest<'_>,
        moment: &Moment,
    ) -> Result<std::result::Result<Box<Self>, Refusal>> {
        let found = Self::lock(conn, secret).await?;
        let Some(found) = found.filter(|found| found.contact.id == contact) else {
            return Ok(Err(Reason::LinkInvalid.into()));
        };
        if !found.proves_mailbox() {
            return Ok(Err(Reason::StepUpRequired.into()));
        }
        let refusal = match found.first_use_refusal(moment.now) {
            None => return Ok(Ok(Box::new(found))),
            Some(LinkRefusal::Used { .. }) => {
                match check_repeated_use(conn, &found, request, moment.now).await? {
                    RepeatedUse::Replaces(first) => {
                        end_replaced(conn, &found.link, &first, moment).await?;
                        return Ok(Ok(Box::new(found)));
                    }
                    RepeatedUse::SameBrowser(_) => LinkRefusal::Used { retry_after: None },
                    RepeatedUse::Refused(refusal) => refusal,
                }
            }
            Some(refusal) => refusal,
        };
        Ok(Err(refusal.into()))
    }
}
