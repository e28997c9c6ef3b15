//! A mailbox in memory, for tests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Email, SendError};

/// Stores messages, and fails on demand. Clones share one mailbox.
#[derive(Clone, Debug, Default)]
pub struct MemoryMailbox(Arc<Mutex<MailboxState>>);

#[derive(Debug, Default)]
struct MailboxState {
    sent: Vec<Email>,
    failures: VecDeque<SendError>,
}

impl MemoryMailbox {
    /// The messages sent so far, oldest first.
    pub fn sent(&self) -> Vec<Email> {
        self.lock().sent.clone()
    }

    /// Fails the next `count` messages with this error, after the failures already queued.
    pub fn fail_next(&self, count: usize, error: SendError) {
        self.lock().failures.extend(std::iter::repeat_n(error, count));
    }

    pub(super) fn store(&self, email: &Email) -> Result<(), SendError> {
        let mut state = self.lock();
        if let Some(error) = state.failures.pop_front() {
            return Err(error);
        }
        state.sent.push(email.clone());
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, MailboxState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use crate::email::tests::email;
    use crate::{Mailer, SendError};

    #[tokio::test]
    async fn stores_messages_and_fails_on_demand() {
        let mailer = Mailer::memory();
        let mailbox = mailer.mailbox().expect("a memory mailbox").clone();
        let later = SendError::Retry {
            reason: "451 later".into(),
        };
        mailbox.fail_next(2, later.clone());
        assert_eq!(mailer.send(&email()).await, Err(later.clone()));
        assert_eq!(mailer.send(&email()).await, Err(later));
        assert_eq!(mailer.send(&email()).await, Ok(()));
        assert_eq!(mailbox.sent(), [email()]);
    }

    #[tokio::test]
    async fn refuses_a_message_that_smtp_would_refuse() {
        let mailer = Mailer::memory();
        let mut email = email();
        email.subject = "Hello\r\nBcc: eve@example.com".into();
        assert!(matches!(
            mailer.send(&email).await,
            Err(SendError::Unsendable { .. })
        ));
        assert!(mailer.mailbox().expect("a memory mailbox").sent().is_empty());
    }
}
