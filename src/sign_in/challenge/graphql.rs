//! A sign-in that was asked for by mail: where it stands, and what is asked where its button was pressed.

pub mod mutations;

use async_graphql::{Enum, ID, SimpleObject};

use crate::api::enums::api_enum;
use crate::api::scalars::DateTime;
use crate::sign_in::challenge::confirming::Confirmation;
use crate::sign_in::challenge::model as challenge;

api_enum! {
    /// Where a sign-in by mail stands. It never carries a token.
    SignInChallengeState = challenge::ChallengeState {
        /// Nothing has happened yet.
        Pending,
        /// The mail's button was pressed, and signed in the browser that pressed it.
        LinkOpened,
        /// Whoever pressed has confirmed the device that asked: `signInWithChallenge` signs it in now.
        Confirmed,
        /// It is finished. This is the last state.
        Completed,
        /// Its time is over, a newer one was asked for, or it was denied. This is the last state; of what is not known, too.
        Expired,
    }
}

/// What to ask whoever pressed a login email's button, where another device may have asked for the mail. Show the device and
/// its network, and the three numbers to choose from; send the chosen one with `confirmSignIn`.
#[derive(SimpleObject)]
pub struct SignInConfirmation {
    /// The sign-in that was asked for.
    challenge_id: ID,
    /// The device that asked, as far as it said: `Chrome on Windows`.
    device: String,
    /// The network that it asked from: the address without its last part, such as `203.0.113.x`. Not a place on a map.
    place: String,
    /// Three numbers in an order that stays. The device that asked shows one of them.
    matching_numbers: Vec<String>,
    /// When it was asked for.
    asked_at: DateTime,
}

impl From<Confirmation> for SignInConfirmation {
    fn from(asks: Confirmation) -> Self {
        Self {
            challenge_id: ID(asks.challenge.to_string()),
            device: asks.device,
            place: asks.network,
            matching_numbers: asks.numbers,
            asked_at: DateTime(asks.asked_at),
        }
    }
}
