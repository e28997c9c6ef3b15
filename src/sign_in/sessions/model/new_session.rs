//! The row of a new session.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{Holder, Session};
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Client, SignInMethod};
use crate::base::clock::Moment;
use crate::base::db::schema::sessions;
use crate::base::db::{Conn, sql};
use crate::base::device;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, MagicLinkId, SessionId};
use crate::base::secrets::SecretHash;

/// A session that is about to be opened.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    pub account: AccountId,
    pub holder: Holder,
    /// The only section it opens, if it is limited.
    pub section: Option<PortalSection>,
    pub method: SignInMethod,
    /// Staff or a server has seen the credential, so it is no proof for changing credentials.
    pub staff_seen: bool,
    /// The credential was seen by its holder only, so that the session may set a password for a while.
    pub proves: bool,
    pub magic_link: Option<MagicLinkId>,
    pub challenge: Option<ChallengeId>,
    /// The hash of the browser's pre-session cookie; none over the API.
    pub browser: Option<SecretHash>,
    pub client: &'a Client,
    /// The holder proved that they read the email of their current address.
    pub proves_mailbox: bool,
    /// It replaces another session.
    pub step_up: Option<StepUp>,
}

/// A session that its holder replaces after a fresh proof.
#[derive(Clone, Copy, Debug)]
pub struct StepUp {
    pub replaces: SessionId,
    /// The method of the proof.
    pub by: SignInMethod,
}

impl<'a> NewSession<'a> {
    pub fn new(account: AccountId, holder: Holder, method: SignInMethod, client: &'a Client) -> Self {
        Self {
            account,
            holder,
            section: None,
            method,
            staff_seen: false,
            proves: true,
            magic_link: None,
            challenge: None,
            browser: None,
            client,
            proves_mailbox: false,
            step_up: None,
        }
    }

    /// Identifies a device of the person: a browser by its cookie, a program by its user agent and network, because any
    /// program can send the same user agent.
    pub(crate) fn device(&self) -> SecretHash {
        let program = self.client.user_agent.as_deref().unwrap_or_default();
        let network = self.client.ip.as_deref().and_then(device::network_of);
        self.browser.unwrap_or_else(|| {
            let network = network.as_deref().unwrap_or_default();
            SecretHash::of(&[b"program", program.as_bytes(), b"\0", network.as_bytes()])
        })
    }
}

/// The current address of a contact or a team member.
const EMAIL_KEY: &str = "coalesce((select email_key from contacts where account_id = ? and id = ?), \
     (select email_key from team_members where account_id = ? and id = ?))";

impl Session {
    /// Opens the session of a person whose row is locked.
    pub async fn open(conn: &mut Conn, new: &NewSession<'_>, moment: &Moment) -> Result<Self> {
        let holder = new.holder;
        let audience = holder.audience();
        let proves = new.proves && !new.staff_seen;
        let email_key = sql::fragment::<Nullable<Text>>(EMAIL_KEY)
            .bind::<SqlUuid, _>(new.account)
            .bind::<Nullable<SqlUuid>, _>(holder.contact())
            .bind::<SqlUuid, _>(new.account)
            .bind::<Nullable<SqlUuid>, _>(holder.member());
        Ok(diesel::insert_into(sessions::table)
            .values((
                sessions::account_id.eq(new.account),
                sessions::id.eq(SessionId::new(moment)),
                sessions::audience.eq(audience),
                sessions::contact_id.eq(holder.contact()),
                sessions::team_member_id.eq(holder.member()),
                sessions::section.eq(new.section),
                sessions::method.eq(new.method),
                sessions::staff_seen.eq(new.staff_seen),
                sessions::created_at.eq(moment.now),
                sessions::expires_at.eq(moment.now + audience.lifetime()),
                sessions::ip.eq(&new.client.ip),
                sessions::user_agent.eq(&new.client.user_agent),
                sessions::magic_link_id.eq(new.magic_link),
                sessions::challenge_id.eq(new.challenge),
                sessions::device_hash.eq(new.device()),
                sessions::proved_at.eq(proves.then_some(moment.now)),
                sessions::email_key.eq(email_key),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }
}
