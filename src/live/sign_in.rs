//! The nudges after the commit of a sign-in, or of a change that ended sessions.

use super::{Live, Topic};
use crate::base::actor::SignInMethod;
use crate::base::ids::{AccountId, SessionId};
use crate::sign_in::challenge::model::RequestedChallenge;
use crate::sign_in::not_me::model::Report;
use crate::sign_in::open_session::SignedIn;
use crate::sign_in::sessions::OwnSession;

impl Live {
    /// After an attempt to sign in. A refused attempt changes the activity only.
    pub fn nudge_sign_in(&self, account: AccountId, signed_in: Option<&SignedIn>) {
        let Some(signed_in) = signed_in else {
            return self.nudge(account, &[Topic::Activity]);
        };
        let challenge = signed_in.session.challenge_id.map(Topic::Challenge);
        // These methods cause most emails about new devices; for the others the worker's next poll is soon enough.
        let by_secret = matches!(
            signed_in.session.method,
            SignInMethod::Password | SignInMethod::Google
        );
        let messages = by_secret.then_some(Topic::Messages);
        let topics = [Topic::Counts, Topic::Activity].into_iter();
        let topics: Vec<Topic> = topics.chain(challenge).chain(messages).collect();
        self.nudge(account, &topics);
    }

    /// After a step-up: the session that it replaced has ended.
    pub(crate) fn nudge_step_up(&self, own: &OwnSession, signed_in: Option<&SignedIn>) {
        self.nudge_sign_in(own.account, signed_in);
        if signed_in.is_some() {
            self.nudge_sessions_ended(own.account, [own.id]);
        }
    }

    /// After a sign-in was requested by email.
    pub fn nudge_login_request(&self, account: AccountId, requested: &RequestedChallenge) {
        let superseded = requested.superseded.iter().map(|id| Topic::Challenge(*id));
        let topics: Vec<Topic> = [Topic::Activity, Topic::Messages]
            .into_iter()
            .chain(superseded)
            .collect();
        self.nudge(account, &topics);
    }

    /// After an email was reported as "not me".
    pub(crate) fn nudge_report(&self, account: AccountId, report: &Report) {
        self.nudge_sessions_ended(account, report.ended.iter().map(|session| session.id));
        if let Some(challenge) = report.challenge {
            self.nudge(account, &[Topic::Challenge(challenge)]);
        }
    }

    /// After a password was set, changed or reset.
    pub(crate) fn nudge_password_change(
        &self,
        account: AccountId,
        ended: impl IntoIterator<Item = SessionId>,
    ) {
        self.nudge_sessions_ended(account, ended);
        self.nudge(account, &[Topic::Messages]);
    }

    /// After sessions ended: their tokens and subscriptions end at once on this instance, and soon on the others.
    pub(crate) fn nudge_sessions_ended(
        &self,
        account: AccountId,
        ended: impl IntoIterator<Item = SessionId>,
    ) {
        let ended = ended.into_iter().map(|session| Topic::Revoked(session.0));
        let topics: Vec<Topic> = ended.chain([Topic::Activity]).collect();
        self.nudge(account, &topics);
    }
}
