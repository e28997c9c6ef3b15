//! What text messages are sent with.

use sms::{Sender, SmsSender};

/// The way to the SMS provider, and who sends. Without a provider, text messages are stored as files.
#[derive(Clone, Debug)]
pub struct Texting {
    pub sender: SmsSender,
    pub from: Sender,
}
