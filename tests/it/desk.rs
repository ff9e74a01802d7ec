//! The counter: the day, proposals, a counter that cannot open.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;
use sportello::Error;
use sportello::agenda::{self, Appointment, Audience, Closure, Counter, Scope, State, Swept};
use sportello::audit::{self, Actor};
use sportello::desk::flow::Step;
use sportello::desk::{self, Closing, NewProposal, ProposalState, TaskKind, closing, record};
use sportello::ids::{ClosureId, CounterId, SessionId, StaffId};

use crate::office::{Office, at, details, refusal};

const NINE: &str = "2027-01-12T08:00:00Z";
const NINE_TWENTY: &str = "2027-01-12T08:20:00Z";
const NINE_FORTY: &str = "2027-01-12T08:40:00Z";
const NEXT_DAY: &str = "2027-01-13T08:00:00Z";

fn proposal(office: &Office, a: &Appointment, starts: &[&str]) -> NewProposal {
    NewProposal {
        appointment: a.id,
        options: starts.iter().map(|start| (office.site.id, at(start))).collect(),
        message: "Lo sportello chiude".into(),
        staff: Some(StaffId::new()),
        expires_at: office.now() + TimeDelta::hours(48),
    }
}

async fn propose(office: &Office, a: &Appointment, starts: &[&str]) -> desk::Proposal {
    let mut tx = office.begin().await;
    let made =
        desk::propose(&mut tx, office.entity.id, &proposal(office, a, starts), office.now()).await.unwrap();
    tx.commit().await.unwrap();
    made
}

async fn free(office: &Office, starts: [&str; 3]) -> Vec<u32> {
    let mut free = Vec::new();
    for start in starts {
        free.push(office.free_at(start).await);
    }
    free
}

#[tokio::test]
async fn a_day_at_the_desk() {
    let office = Office::new(2, 3).await;
    let (id, site) = (office.entity.id, office.site.id);
    let first = office.place(NINE, 1).await;
    let second = office.place(NINE_TWENTY, 2).await;
    let third = office.place(NINE_FORTY, 3).await;
    let mut tx = office.begin().await;
    assert_eq!(refusal(desk::take(&mut tx, id, first.id, Step::Arrive, office.now()).await), "not_today");

    office.db.advance(TimeDelta::hours(24) + TimeDelta::minutes(50)); // Tuesday, ten to nine
    let now = office.now();
    desk::take(&mut tx, id, second.id, Step::Arrive, now).await.unwrap();
    desk::take(&mut tx, id, first.id, Step::Arrive, now + TimeDelta::minutes(1)).await.unwrap();
    desk::take(&mut tx, id, second.id, Step::Call(office.counters[1].id), now).await.unwrap();
    desk::take(&mut tx, id, second.id, Step::Serve, now).await.unwrap();
    desk::take(&mut tx, id, third.id, Step::Arrive, now).await.unwrap();
    desk::set_notes(&mut tx, id, third.id, "manca la foto").await.unwrap();
    let stranger = desk::take(&mut tx, id, third.id, Step::Call(CounterId::new()), now).await;
    assert!(matches!(stranger, Err(Error::NotFound("counter"))));

    let day = desk::day(&mut tx, id, site, "2027-01-12".parse().unwrap()).await.unwrap();
    assert_eq!((day.counts.waiting, day.counts.served, day.counters.len()), (2, 1, 2));
    // The third came before the first.
    let waiting: Vec<_> = day.waiting.iter().map(|i| day.entries[*i].appointment.id).collect();
    assert_eq!(waiting, [third.id, first.id]);
    assert_eq!(day.entries[1].serving_counter_name.as_deref(), Some("Sportello 2"));
    assert_eq!(day.entries[2].appointment.notes, "manca la foto");
    assert_eq!(day.entries[0].service_name.get("it"), "Carta d'identità");

    let (before, after) = desk::take(&mut tx, id, second.id, Step::Undo(State::Served), now).await.unwrap();
    assert_eq!((before.state, after.state), (State::Served, State::Called));
    let (_, after) = desk::take(&mut tx, id, second.id, Step::NoShow, now).await.unwrap();
    assert_eq!(after.state, State::NoShow);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn two_clicks_at_once_are_one_step_on_record() {
    let office = Office::new(1, 3).await;
    let id = office.entity.id;
    let a = office.place(NINE, 1).await;
    office.db.advance(TimeDelta::hours(25));
    let click = async || {
        let mut tx = office.begin().await;
        record::step(&mut tx, id, a.id, Step::Arrive, &Actor::System, office.now()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        tx.commit().await.unwrap();
    };
    tokio::join!(click(), click());
    let mut tx = office.begin().await;
    let entries = audit::of_object(&mut tx, id, "appointment", &a.id.to_string()).await.unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.action == "appointment.arrived").count(), 1);
}

#[tokio::test]
async fn an_accepted_proposal_moves_and_frees_the_rest() {
    let office = Office::new(1, 3).await;
    let id = office.entity.id;
    let a = office.place(NINE, 1).await;
    let made = propose(&office, &a, &[NEXT_DAY, NINE_TWENTY]).await;
    assert_eq!(made.options[0].starts_at, at(NINE_TWENTY), "by start");
    assert_eq!(office.appointment(&a).await, a, "the old one stands");
    assert_eq!(free(&office, [NINE, NINE_TWENTY, NEXT_DAY]).await, [0, 0, 0]);

    let mut tx = office.begin().await;
    let (before, after) = desk::accept(&mut tx, id, made.id, made.options[1].id, office.now()).await.unwrap();
    let again = desk::accept(&mut tx, id, made.id, made.options[1].id, office.now()).await.unwrap();
    assert_eq!(
        refusal(desk::accept(&mut tx, id, made.id, made.options[0].id, office.now()).await),
        "proposal_closed"
    );
    assert_eq!(refusal(desk::decline(&mut tx, id, made.id, office.now()).await), "proposal_closed");
    tx.commit().await.unwrap();
    assert_eq!((before, after.starts_at, after.sequence), (a, at(NEXT_DAY), 1));
    assert_eq!(again, (after.clone(), after));
    assert_eq!(free(&office, [NINE, NINE_TWENTY, NEXT_DAY]).await, [1, 1, 0]);
}

#[tokio::test]
async fn a_declined_or_withdrawn_or_expired_proposal_frees_its_times() {
    let office = Office::new(1, 3).await;
    let id = office.entity.id;
    let a = office.place(NINE, 1).await;
    let taken = [0, 0, 0];
    let given_back = [0, 1, 1];
    let times = [NINE, NINE_TWENTY, NEXT_DAY];

    let made = propose(&office, &a, &times[1..]).await;
    assert_eq!(free(&office, times).await, taken);
    let mut tx = office.begin().await;
    let declined = desk::decline(&mut tx, id, made.id, office.now()).await.unwrap();
    assert_eq!(desk::decline(&mut tx, id, made.id, office.now()).await.unwrap().state, declined.state);
    tx.commit().await.unwrap();
    assert_eq!(free(&office, times).await, given_back);

    let made = propose(&office, &a, &times[1..]).await;
    let mut tx = office.begin().await;
    assert_eq!(
        desk::withdraw(&mut tx, id, made.id, office.now()).await.unwrap().state,
        ProposalState::Withdrawn
    );
    tx.commit().await.unwrap();
    assert_eq!(free(&office, times).await, given_back);

    // One that is not free is no proposal, and nothing of it stays.
    let mut tx = office.begin().await;
    let impossible =
        desk::propose(&mut tx, id, &proposal(&office, &a, &[NINE_TWENTY, NINE]), office.now()).await;
    assert!(matches!(impossible, Err(Error::Taken)));
    drop(tx);
    assert_eq!(free(&office, times).await, given_back);

    let made = propose(&office, &a, &[NEXT_DAY]).await;
    let replaced = propose(&office, &a, &[NINE_TWENTY]).await;
    let mut tx = office.begin().await;
    assert_eq!(desk::proposal(&mut tx, id, made.id).await.unwrap().state, ProposalState::Withdrawn);
    drop(tx);
    office.db.advance(TimeDelta::hours(23)); // the appointment and what was offered are still to come
    let hurried = NewProposal {
        expires_at: office.now() + TimeDelta::minutes(10),
        ..proposal(&office, &a, &[NEXT_DAY])
    };
    let mut tx = office.begin().await;
    let hurried = desk::propose(&mut tx, id, &hurried, office.now()).await.unwrap();
    assert_ne!(hurried.id, replaced.id);
    tx.commit().await.unwrap();
    office.db.advance(TimeDelta::minutes(11));
    assert_eq!(free(&office, times).await, given_back, "free at once, without waiting for the sweep");
    let mut tx = office.begin().await;
    let late = desk::accept(&mut tx, id, hurried.id, hurried.options[0].id, office.now()).await;
    assert_eq!(refusal(late), "proposal_closed");
    drop(tx);
    assert_eq!(office.sweep().await, [Swept::Proposal(hurried.id, a.id)]);

    let mut tx = office.begin().await;
    let tasks = desk::tasks(&mut tx, id, None).await.unwrap();
    let kinds: Vec<TaskKind> = tasks.iter().map(|t| t.kind).collect();
    assert_eq!(kinds, [TaskKind::ProposalDeclined, TaskKind::ProposalExpired]);
    assert_eq!(tasks[0].appointment.as_ref().map(|(a, _)| a.id), Some(a.id));
    for task in tasks {
        desk::task_done(&mut tx, id, task.id, StaffId::new(), office.now()).await.unwrap();
    }
    assert_eq!(desk::tasks(&mut tx, id, None).await.unwrap(), []);
}

/// The offered times were freed by somebody with a later clock.
#[tokio::test]
async fn a_proposal_whose_deadline_passes_while_it_is_accepted_is_closed() {
    let office = Office::new(1, 3).await;
    let id = office.entity.id;
    let a = office.place(NINE, 1).await;
    let short = NewProposal {
        expires_at: office.now() + TimeDelta::minutes(10),
        ..proposal(&office, &a, &[NEXT_DAY])
    };
    let mut tx = office.begin().await;
    let made = desk::propose(&mut tx, id, &short, office.now()).await.unwrap();
    tx.commit().await.unwrap();
    let now = office.now();
    office.db.advance(TimeDelta::minutes(11));
    office.place("2027-01-13T08:20:00Z", 2).await;
    let mut tx = office.begin().await;
    let late = desk::accept(&mut tx, id, made.id, made.options[0].id, now).await;
    assert_eq!(refusal(late), "proposal_closed");
    drop(tx);
    assert_eq!(office.appointment(&a).await, a, "the old one stands");
}

/// The appointment is given back in the moment in which its proposal expires, or is withdrawn with its counter: neither
/// makes the other fail.
#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_cancelled_while_its_proposal_is_closed() {
    let office = Arc::new(Office::new(2, 3).await);
    let id = office.entity.id;
    for closes in [ProposalState::Expired, ProposalState::Withdrawn] {
        let a = office.place(NINE, 1).await;
        let made = propose(&office, &a, &[NEXT_DAY]).await;
        let mut other = office.begin().await;
        if closes == ProposalState::Expired {
            agenda::sweep(&mut other, id, made.expires_at).await.unwrap();
        } else {
            let (from, to) = (at("2027-01-13T07:00:00Z"), at("2027-01-13T13:00:00Z"));
            let counter = made.options[0].counter;
            let until = (from, to);
            record::close_counter(&mut other, id, counter, until, "", &Actor::System, office.now())
                .await
                .unwrap();
        }
        let cancelling = tokio::spawn({
            let office = office.clone();
            async move {
                let mut tx = office.begin().await;
                let cancelled = agenda::cancel(&mut tx, id, a.id, "", office.now()).await?;
                tx.commit().await?;
                Ok::<_, Error>(cancelled.state)
            }
        });
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        other.commit().await.unwrap();
        assert_eq!(cancelling.await.unwrap().unwrap(), State::Cancelled);
        let mut tx = office.begin().await;
        assert_eq!(desk::proposal(&mut tx, id, made.id).await.unwrap().state, closes);
        assert_eq!(desk::open_proposal(&mut tx, id, made.appointment).await.unwrap(), None);
    }
}

/// Accepted, declined and expired at once: one of them counts, and the others say so.
#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_decided_once() {
    let office = Arc::new(Office::new(1, 4).await);
    let id = office.entity.id;
    for round in 0..6 {
        let a = office.place(NINE, round).await;
        let made = propose(&office, &a, &[NEXT_DAY, "2027-01-14T08:00:00Z"]).await;
        let decide = |n: i64| {
            let (office, made) = (office.clone(), made.clone());
            tokio::spawn(async move {
                let mut tx = office.begin().await;
                let option = made.options[usize::from(n == 1)].id;
                match n {
                    0 | 1 => desk::accept(&mut tx, id, made.id, option, office.now()).await.map(drop)?,
                    2 => desk::decline(&mut tx, id, made.id, office.now()).await.map(drop)?,
                    _ => {
                        let swept = agenda::sweep(&mut tx, id, made.expires_at).await?;
                        if swept.is_empty() {
                            return Err(Error::Refused("proposal_closed"));
                        }
                    }
                }
                tx.commit().await?;
                Ok::<_, Error>(())
            })
        };
        let mut decided = 0;
        for task in [0, 1, 2, 3].map(decide) {
            match task.await.unwrap() {
                Ok(()) => decided += 1,
                Err(Error::Refused("proposal_closed")) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(decided, 1);
        let mut tx = office.begin().await;
        assert_ne!(desk::proposal(&mut tx, id, made.id).await.unwrap().state, ProposalState::Open);
        agenda::cancel(&mut tx, id, a.id, "", office.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(free(&office, [NINE, NEXT_DAY, "2027-01-14T08:00:00Z"]).await, [1, 1, 1]);
    }
}

#[tokio::test]
async fn a_citizen_who_moves_or_cancels_withdraws_the_proposal() {
    let office = Office::new(1, 3).await;
    let id = office.entity.id;
    let a = office.place(NINE, 1).await;
    let made = propose(&office, &a, &[NINE_TWENTY, NEXT_DAY]).await;
    let mut tx = office.begin().await;
    // To a time the proposal itself holds: it is withdrawn first.
    let start = at(NINE_TWENTY);
    let audience = Audience::Operator;
    let (_, after) =
        agenda::reschedule(&mut tx, id, a.id, (office.site.id, start), audience, office.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(after.starts_at, start);
    assert_eq!(free(&office, [NINE, NINE_TWENTY, NEXT_DAY]).await, [1, 0, 1]);
    let mut tx = office.begin().await;
    assert_eq!(desk::proposal(&mut tx, id, made.id).await.unwrap().state, ProposalState::Withdrawn);
    drop(tx);
    let made = propose(&office, &a, &[NEXT_DAY]).await;
    let mut tx = office.begin().await;
    agenda::cancel(&mut tx, id, a.id, "", office.now()).await.unwrap();
    assert_eq!(
        refusal(desk::accept(&mut tx, id, made.id, made.options[0].id, office.now()).await),
        "proposal_closed"
    );
    tx.commit().await.unwrap();
    assert_eq!(free(&office, [NINE, NINE_TWENTY, NEXT_DAY]).await, [1, 1, 1]);
}

/// A counter somebody may still choose stays in use; one that was put out of use all the same is not accepted.
#[tokio::test]
async fn an_offered_counter_stays_in_use() {
    let office = Office::new(1, 3).await;
    let id = office.entity.id;
    let a = office.place(NINE, 1).await;
    let made = propose(&office, &a, &[NEXT_DAY]).await;
    let mut tx = office.begin().await;
    let counter = agenda::Counter { active: false, ..office.counters[0].clone() };
    let refused = agenda::setup::save_counter(&mut tx, id, &counter, a.ends_at).await;
    assert_eq!(refusal(refused), "has_appointments", "the offered time is still to come");
    sqlx::query("update counter set active = false").execute(&mut *tx).await.unwrap();
    let accepted = desk::accept(&mut tx, id, made.id, made.options[0].id, office.now()).await;
    assert!(matches!(accepted, Err(Error::Taken)), "{accepted:?}");
}

#[tokio::test]
async fn a_proposal_says_what_is_wrong_with_it() {
    let office = Office::new(1, 3).await;
    let a = office.place(NINE, 1).await;
    let mut tx = office.begin().await;
    for (starts, code) in [
        (vec![], "required"),
        (vec![NINE_TWENTY, NINE_TWENTY], "repeated"),
        (vec![NINE, NINE_TWENTY, NINE_FORTY, NEXT_DAY], "too_many"),
    ] {
        let result =
            desk::propose(&mut tx, office.entity.id, &proposal(&office, &a, &starts), office.now()).await;
        let Err(Error::Invalid(fields)) = result else { panic!("{result:?}") };
        assert_eq!((fields[0].field.as_str(), fields[0].code), ("options", code));
    }
}

fn morning_at(counter: CounterId) -> Closure {
    let (from, to) = (at("2027-01-12T07:00:00Z"), at("2027-01-12T13:00:00Z"));
    Closure { id: ClosureId::new(), scope: Scope::Counter(counter), from, to, reason: "Malattia".into() }
}

/// Closes a counter for the morning of the twelfth.
async fn close(office: &Office, counter: CounterId) -> Closing {
    let mut tx = office.begin().await;
    let closure = morning_at(counter);
    let done =
        closing::close(&mut tx, office.entity.id, &closure, &Actor::System, office.now()).await.unwrap();
    tx.commit().await.unwrap();
    done
}

fn codes(list: &[Appointment]) -> Vec<String> {
    list.iter().map(|a| a.code.clone()).collect()
}

#[tokio::test]
async fn closing_a_counter_moves_whom_it_can_and_lists_the_others() {
    let office = Office::new(2, 3).await;
    let id = office.entity.id;
    // Both counters at nine; one at nine twenty; a hold at nine forty, beside an appointment.
    let nine = [office.place(NINE, 1).await, office.place(NINE, 2).await];
    let alone = office.place(NINE_TWENTY, 3).await;
    let beside = office.place(NINE_FORTY, 4).await;
    let held = office.try_hold(NINE_FORTY, SessionId::new()).await.unwrap();
    assert_ne!(held.counter, beside.counter);
    let closed = held.counter;

    let done = close(&office, closed).await;
    let stuck = nine.iter().find(|a| a.counter == closed).unwrap();
    assert_eq!(codes(&done.left), [stuck.code.as_str()]);
    let moved = office.appointment(&alone).await;
    assert_ne!(moved.counter, closed);
    assert_eq!(done.moved.first(), Some(&moved), "as it stands now");
    assert_eq!((moved.sequence, moved.starts_at), (0, alone.starts_at));
    assert_eq!(office.appointment(stuck).await, *stuck, "it stands until somebody decides");
    assert_eq!(free(&office, [NINE, NINE_TWENTY, NINE_FORTY]).await, [0, 0, 0]);

    let mut tx = office.begin().await;
    assert_eq!(refusal(agenda::fill(&mut tx, id, held.id, &details(5), office.now()).await), "hold_expired");
    drop(tx);
    let mut tx = office.begin().await;
    let tasks = desk::tasks(&mut tx, id, Some(office.site.id)).await.unwrap();
    assert_eq!(tasks.iter().map(|t| t.kind).collect::<Vec<_>>(), [TaskKind::CounterClosed]);
}

#[tokio::test]
async fn whoever_passes_to_another_counter_is_on_record_and_a_hold_is_nobody() {
    let office = Office::new(3, 3).await;
    let a = office.place(NINE, 1).await;
    let held = office.try_hold(NINE_TWENTY, SessionId::new()).await.unwrap();
    assert_ne!(a.counter, held.counter);
    let done = close(&office, held.counter).await;
    assert!(done.moved.is_empty() && done.left.is_empty(), "{done:?}");
    assert_ne!(office.appointment(&held).await.counter, held.counter, "it went aside all the same");
    let done = close(&office, a.counter).await;
    assert_eq!(codes(&done.moved), [a.code.as_str()]);
    let mut tx = office.begin().await;
    let record = audit::of_object(&mut tx, office.entity.id, "appointment", &a.id.to_string()).await.unwrap();
    let entry = record.iter().find(|entry| entry.action == "appointment.reseated").unwrap();
    assert_eq!(
        (entry.actor_kind.as_str(), &entry.after),
        ("system", &Some(json!({"counter": done.moved[0].counter})))
    );
}

#[tokio::test]
async fn a_counter_closes_while_a_citizen_of_that_day_cancels() {
    let office = Office::new(1, 3).await;
    let id = office.entity.id;
    let a = office.place(NINE, 1).await;
    // Somebody has the day ...
    let mut tx = office.begin().await;
    let other = office.new_appointment(at(NINE_FORTY), 2);
    agenda::place(&mut tx, id, &other, agenda::Outcome::Confirmed, office.now()).await.unwrap();
    // ... for which the closure waits, and goes on to an appointment of it.
    let wait = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        agenda::cancel(&mut tx, id, a.id, "", office.now()).await.unwrap();
        tx.commit().await.unwrap();
    };
    let close = async {
        let mut tx = office.begin().await;
        let Closure { from, to, .. } = morning_at(a.counter);
        let (actor, now) = (Actor::System, office.now());
        let done = record::close_counter(&mut tx, id, a.counter, (from, to), "", &actor, now).await.unwrap();
        tx.commit().await.unwrap();
        done
    };
    let (done, ()) = tokio::join!(close, wait);
    assert_eq!(done.left.len(), 1, "the cancelled one is nobody's trouble");
}

#[tokio::test]
async fn two_who_wait_for_one_another_are_told_to_come_back() {
    let office = Office::new(1, 3).await;
    let id = office.entity.id;
    let (a, b) = (office.place(NINE, 1).await, office.place(NINE_TWENTY, 2).await);
    let (mut first, mut second) = (office.begin().await, office.begin().await);
    desk::set_notes(&mut first, id, a.id, "1").await.unwrap();
    desk::set_notes(&mut second, id, b.id, "2").await.unwrap();
    let (one, other) =
        tokio::join!(desk::set_notes(&mut first, id, b.id, "1"), desk::set_notes(&mut second, id, a.id, "2"));
    let failed = [one, other].into_iter().find(Result::is_err).unwrap();
    assert_eq!(refusal(failed), "busy");
}

#[tokio::test]
async fn an_offered_time_at_a_closed_counter_goes_to_another_or_is_offered_no_more() {
    let office = Office::new(2, 3).await;
    let id = office.entity.id;
    let a = office.place(NEXT_DAY, 1).await;
    let made = propose(&office, &a, &[NINE, NINE_TWENTY, NINE_FORTY]).await;
    let [closed, other] = [0, 1].map(|n: usize| made.options[n].counter);
    assert_eq!((a.counter, made.options[2].counter), (closed, closed), "the least loaded, in turn");
    // At the other counter the last of them is not free.
    let taken = office.place(NINE_FORTY, 2).await;
    assert_eq!(taken.counter, other);
    let done = close(&office, closed).await;
    assert!(done.moved.is_empty() && done.left.is_empty());
    let mut tx = office.begin().await;
    let now = desk::proposal(&mut tx, id, made.id).await.unwrap();
    let times: Vec<_> = now.options.iter().map(|option| (option.starts_at, option.counter)).collect();
    let kept = vec![(at(NINE), other), (at(NINE_TWENTY), other)];
    assert_eq!((now.state, times), (ProposalState::Open, kept));
    assert_eq!(desk::tasks(&mut tx, id, None).await.unwrap(), [], "the citizen can still choose");
    let unused = Counter { active: false, ..office.counters.iter().find(|c| c.id == other).unwrap().clone() };
    agenda::cancel(&mut tx, id, taken.id, "", office.now()).await.unwrap();
    let refused = agenda::setup::save_counter(&mut tx, id, &unused, office.now()).await;
    assert_eq!(refusal(refused), "has_appointments", "a time of it is offered");
    drop(tx);

    close(&office, other).await;
    let mut tx = office.begin().await;
    assert_eq!(desk::proposal(&mut tx, id, made.id).await.unwrap().state, ProposalState::Withdrawn);
    let tasks = desk::tasks(&mut tx, id, None).await.unwrap();
    let about = |kind: TaskKind| tasks.iter().filter(|task| task.kind == kind).count();
    assert_eq!((about(TaskKind::ProposalWithdrawn), about(TaskKind::CounterClosed)), (1, 1));
    let record = audit::of_object(&mut tx, id, "appointment", &a.id.to_string()).await.unwrap();
    let actions: Vec<&str> = record.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["appointment.proposal_changed", "appointment.proposal_withdrawn"]);
}
