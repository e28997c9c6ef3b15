//! A mailbox in memory, for tests.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::{Email, SendError};

/// Stores messages, and fails or hesitates on demand. Clones share one mailbox.
#[derive(Clone, Debug, Default)]
pub struct MemoryMailbox {
    state: Arc<Mutex<MailboxState>>,
    /// Domains whose messages wait.
    held: watch::Sender<HashSet<String>>,
}

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

    /// Messages to these domains wait, like those to a server that does not answer, until this is called again without them.
    pub fn hold(&self, domains: &[&str]) {
        let domains = domains.iter().map(ToString::to_string).collect();
        self.held.send_replace(domains);
    }

    pub(super) async fn store(&self, email: &Email) -> Result<(), SendError> {
        let domain = email.to.address.rsplit('@').next().unwrap_or_default();
        let free = |held: &HashSet<String>| !held.contains(domain);
        drop(self.held.subscribe().wait_for(free).await);
        let mut state = self.lock();
        if let Some(error) = state.failures.pop_front() {
            return Err(error);
        }
        state.sent.push(email.clone());
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, MailboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
