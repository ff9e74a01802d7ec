//! The day before: of what still stands, once.

use chrono::TimeDelta;
use sportello::notices::{self, Channel, Event, NoticeState};

use super::world::{PRESENT, THURSDAY, World};

#[tokio::test]
async fn whoever_is_expected_tomorrow_is_reminded_at_ten() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    // Monday at eight to Wednesday just before ten.
    world.pass(TimeDelta::minutes(2 * 1440 + 119)).await;
    assert_eq!(world.mail_subjects().len(), 1);
    world.pass(TimeDelta::minutes(2)).await;
    let title = "Ricordati del tuo appuntamento del 14 gennaio alle 09:00";
    assert_eq!(world.mail_subjects()[1..], [title]);
    assert_eq!(world.io_subjects()[1..], [title]);
    notices::remind(&world.office.db.app, world.office.entity.id, a.id).await.unwrap();
    world.pass(TimeDelta::hours(12)).await;
    assert_eq!(world.mail_subjects().len(), 2, "the job, done again, reminds of nothing new");
}

#[tokio::test]
async fn a_moved_appointment_is_reminded_at_its_new_time_alone() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.pass(TimeDelta::days(1)).await;
    world.move_to(&a, "2027-01-15T08:40:00Z").await;
    // Past Wednesday at ten: the old reminder.
    world.pass(TimeDelta::days(1) + TimeDelta::hours(3)).await;
    assert_eq!(world.mail_subjects().len(), 2, "the confirmation and the move");
    world.pass(TimeDelta::days(1)).await;
    assert_eq!(world.mail_subjects()[2..], ["Ricordati del tuo appuntamento del 15 gennaio alle 09:40"]);
    assert_eq!(world.io_subjects().len(), 3);
}

#[tokio::test]
async fn an_appointment_moved_closer_is_reminded_in_time() {
    let world = World::new().await;
    let a = world.book(PRESENT, "2027-01-21T08:00:00Z").await;
    world.work().await;
    world.move_to(&a, THURSDAY).await;
    world.pass(TimeDelta::days(2) + TimeDelta::hours(3)).await;
    assert_eq!(world.mail_subjects()[2..], ["Ricordati del tuo appuntamento del 14 gennaio alle 09:00"]);
    world.pass(TimeDelta::days(8)).await;
    assert_eq!(world.mail_subjects().len(), 3);
}

#[tokio::test]
async fn nobody_is_reminded_of_what_was_cancelled() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.work().await;
    world.cancel(&a).await;
    world.pass(TimeDelta::days(3)).await;
    assert_eq!(world.mail_subjects().len(), 2, "the confirmation and the cancellation");
    assert!(world.notices(&a).await.iter().all(|notice| notice.event != Event::Reminder));
}

#[tokio::test]
async fn a_reminder_that_a_move_overtook_is_not_sent() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.work().await;
    world.office.db.advance(TimeDelta::days(2) + TimeDelta::hours(3));
    notices::remind(&world.office.db.app, world.office.entity.id, a.id).await.unwrap();
    let reminder = world.notice(&a, Event::Reminder, Channel::Email).await;
    assert_eq!(reminder.state, NoticeState::Pending);
    world.move_to(&a, "2027-01-20T08:40:00Z").await;
    world.work().await;
    assert_eq!(world.state(&a, Event::Reminder, Channel::Email).await, NoticeState::Obsolete);
    assert_eq!(world.mail_subjects().len(), 2, "the confirmation and the move");
}
