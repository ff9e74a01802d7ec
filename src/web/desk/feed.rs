//! How an open page of the day learns of changes: server-sent events, fed by PostgreSQL's notifications.
//!
//! One connection per process listens, however many pages are open; each page hears only of its own site, and then
//! asks for the list again with its own rights.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Extension;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use futures_util::stream::unfold;
use http::HeaderName;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::room::Room;
use crate::app::App;
use crate::ids::{EntityId, SiteId};

/// The channel of the trigger `day_announced`, whose payload is `<entity> <site>`.
const CHANNEL: &str = "sportello_day";
/// Changes kept for a page that is slow to take them; one that misses some asks for the list all the same.
const KEPT: usize = 256;
/// A stream ends after so long, and the browser comes back: with its session as it is then.
const STREAM_LIFE: Duration = Duration::from_secs(600);
/// Silence longer than this makes proxies hang up.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After the listener's connection broke.
const RETRY: Duration = Duration::from_secs(1);

/// Some appointment changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// Of this site.
    Of(EntityId, SiteId),
    /// Nobody knows of which: notifications may have been lost.
    Unknown,
}

impl Change {
    fn read(payload: &str) -> Self {
        let ids = payload.split_once(' ').and_then(|(entity, site)| {
            Some(Self::Of(EntityId(entity.parse().ok()?), SiteId(site.parse().ok()?)))
        });
        ids.unwrap_or(Self::Unknown)
    }

    fn concerns(self, entity: EntityId, site: SiteId) -> bool {
        self == Self::Unknown || self == Self::Of(entity, site)
    }
}

/// The process's one listener, which begins with the first page that wants it.
#[derive(Clone, Debug, Default)]
pub struct Feed(Arc<OnceLock<Sender<Change>>>);

impl Feed {
    fn subscribe(&self, app: &App) -> Receiver<Change> {
        let begin = || {
            let (sender, _) = channel(KEPT);
            tokio::spawn(listen(app.clone(), sender.clone()));
            sender
        };
        self.0.get_or_init(begin).subscribe()
    }
}

/// Listens until the process stops, beginning again when the connection breaks.
async fn listen(app: App, sender: Sender<Change>) {
    let work = async {
        loop {
            let Err(error) = relay(&app, &sender).await;
            tracing::warn!(%error, "the pages of the day are not told of changes; trying again");
            sleep(RETRY).await;
        }
    };
    app.stopping.run_until_cancelled(work).await;
}

async fn relay(app: &App, sender: &Sender<Change>) -> sqlx::Result<Infallible> {
    let mut listener = PgListener::connect_with(app.db.pool()).await?;
    listener.listen(CHANNEL).await?;
    // Whatever happened before nobody heard. That there is no page left to hear is no error.
    let _ = sender.send(Change::Unknown);
    loop {
        let notification = listener.try_recv().await?;
        let change = notification.map_or(Change::Unknown, |said| Change::read(said.payload()));
        let _ = sender.send(change);
    }
}

/// What one page hears.
struct Heard {
    changes: Receiver<Change>,
    entity: EntityId,
    site: SiteId,
    until: Instant,
    stopping: CancellationToken,
}

impl Heard {
    /// Waits for a change of the site. `None`: the stream ends.
    async fn next(&mut self) -> Option<()> {
        loop {
            let heard = tokio::select! {
                () = self.stopping.cancelled() => return None,
                () = sleep_until(self.until) => return None,
                heard = self.changes.recv() => heard,
            };
            match heard {
                Ok(change) if change.concerns(self.entity, self.site) => return Some(()),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(()),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn events(heard: Heard) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold(heard, async |mut heard| {
        heard.next().await?;
        Some((Ok(Event::default().event("cambiato").data("1")), heard))
    })
}

/// `GET …/{date}/eventi`: an event `cambiato` after every change of the site's appointments.
pub async fn stream(room: Room, Extension(feed): Extension<Feed>) -> Response {
    let heard = Heard {
        changes: feed.subscribe(&room.app),
        entity: room.entity.id,
        site: room.site.id,
        until: Instant::now() + STREAM_LIFE,
        stopping: room.app.stopping.clone(),
    };
    let answer = Sse::new(events(heard)).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // nginx holds back what it does not know to be a stream.
    ([(HeaderName::from_static("x-accel-buffering"), "no")], answer).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_hears_of_its_own_site() {
        let (entity, here, there) = (EntityId::new(), SiteId::new(), SiteId::new());
        let change = Change::read(&format!("{entity} {here}"));
        assert!(change.concerns(entity, here));
        assert!(!change.concerns(entity, there) && !change.concerns(EntityId::new(), here));
    }

    #[test]
    fn what_cannot_be_read_concerns_everybody() {
        for payload in ["", "x", "x y", "1234 5678 9"] {
            assert!(Change::read(payload).concerns(EntityId::new(), SiteId::new()), "{payload}");
        }
    }
}
