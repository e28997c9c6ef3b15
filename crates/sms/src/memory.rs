//! A phone in memory, for tests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{SendError, Sent, TextMessage};

/// Stores messages, and fails on demand. Clones share one phone.
#[derive(Clone, Debug, Default)]
pub struct MemoryPhone {
    state: Arc<Mutex<PhoneState>>,
}

#[derive(Debug, Default)]
struct PhoneState {
    received: Vec<TextMessage>,
    failures: VecDeque<SendError>,
}

impl MemoryPhone {
    /// The messages so far, oldest first.
    pub fn received(&self) -> Vec<TextMessage> {
        self.lock().received.clone()
    }

    /// Fails the next `count` messages with this error, after the failures already queued.
    pub fn fail_next(&self, count: usize, error: SendError) {
        self.lock().failures.extend(std::iter::repeat_n(error, count));
    }

    pub(crate) fn store(&self, message: &TextMessage) -> Result<Sent, SendError> {
        let mut state = self.lock();
        if let Some(error) = state.failures.pop_front() {
            return Err(error);
        }
        state.received.push(message.clone());
        Ok(Sent {
            provider_id: Some(format!("SM{:032}", state.received.len())),
            segments: message.segments().segments,
        })
    }

    fn lock(&self) -> MutexGuard<'_, PhoneState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use crate::message::tests::message;
    use crate::{SendError, SmsSender};

    #[tokio::test]
    async fn stores_messages_and_fails_on_demand() {
        let sms = SmsSender::memory();
        let phone = sms.phone().expect("a memory phone").clone();
        let later = SendError::Retry {
            reason: "later".into(),
            after: None,
        };
        phone.fail_next(1, later.clone());
        assert_eq!(sms.send(&message()).await, Err(later));
        assert_eq!(sms.send(&message()).await.map(|sent| sent.segments), Ok(1));
        assert_eq!(phone.received(), [message()]);
    }
}
