//! Mail that goes nowhere: an SMTP server for this machine alone, and pages to read what it caught.
//!
//! It takes everything, as a relay does, and keeps it in memory. Told so, it refuses a recipient, to see what happens
//! then.

mod pages;
mod smtp;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// The oldest messages make place for new ones.
const MESSAGES_MAX: usize = 1000;

/// A running catcher. Clones share it; the server stops with the last of them.
#[derive(Clone, Debug)]
pub struct MailCatcher {
    caught: Arc<Caught>,
    _server: Arc<AbortOnDropHandle<()>>,
}

/// What was caught and what is refused.
#[derive(Debug, Default)]
struct Caught {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    messages: VecDeque<Arc<Mail>>,
    refused: HashMap<String, String>,
    last_number: u64,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Counted from 1.
    pub number: u64,
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// Headers and body, without the transparency of SMTP.
    pub raw: Vec<u8>,
}

impl MailCatcher {
    /// Starts the server; port 0 takes a free one. Answers where it listens.
    ///
    /// # Errors
    /// [`io::Error`] where the address cannot be listened at, or is not of this machine alone.
    pub async fn start(listen: SocketAddr) -> io::Result<(SocketAddr, Self)> {
        if !listen.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "mail is caught on this machine alone"));
        }
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let caught = Arc::<Caught>::default();
        let server = AbortOnDropHandle::new(tokio::spawn(smtp::serve(listener, Arc::clone(&caught))));
        Ok((address, Self { caught, _server: Arc::new(server) }))
    }

    /// Every message still kept, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Arc<Mail>> {
        self.caught.state().messages.iter().cloned().collect()
    }

    /// From now on a recipient is answered with `reply` (`550 No such user`); an empty one ends it.
    pub fn refuse(&self, recipient: &str, reply: &str) {
        let mut state = self.caught.state();
        if reply.is_empty() {
            state.refused.remove(recipient);
        } else {
            state.refused.insert(recipient.to_owned(), reply.to_owned());
        }
    }

    /// The pages, to be served at the root of an address.
    pub fn router(&self) -> Router {
        pages::router(self.clone())
    }

    fn message(&self, number: u64) -> Option<Arc<Mail>> {
        self.caught.state().messages.iter().find(|mail| mail.number == number).cloned()
    }
}

impl Caught {
    /// A connection that panicked left nothing half done: every change is one assignment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusal(&self, recipient: &str) -> Option<String> {
        self.state().refused.get(recipient).cloned()
    }

    fn keep(&self, from: String, to: Vec<String>, raw: Vec<u8>) -> u64 {
        let mut state = self.state();
        state.last_number += 1;
        let number = state.last_number;
        if state.messages.len() == MESSAGES_MAX {
            state.messages.pop_front();
        }
        state.messages.push_back(Arc::new(Mail { number, from, to, raw }));
        number
    }
}
