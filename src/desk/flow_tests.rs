use chrono::{TimeDelta, Utc};
use chrono_tz::Europe::Rome;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::agenda::{Channel, Holder};
use crate::ids::{AppointmentId, ServiceId, SiteId};

fn start() -> DateTime<Utc> {
    "2026-11-24T09:00:00Z".parse().unwrap()
}

fn appointment(state: State) -> Appointment {
    Appointment {
        id: AppointmentId::new(),
        code: "ABCD1234".into(),
        service: ServiceId::new(),
        site: SiteId::new(),
        counter: CounterId::new(),
        starts_at: start(),
        ends_at: start() + TimeDelta::minutes(20),
        busy_until: start() + TimeDelta::minutes(25),
        state,
        expires_at: None,
        session: None,
        holder: Holder::default(),
        language: "it".into(),
        reason: String::new(),
        details: String::new(),
        form: None,
        answers: serde_json::json!({}),
        channel: Channel::Web,
        sequence: 0,
        notes: String::new(),
        serving_counter: None,
        arrived_at: None,
        called_at: None,
        closed_at: None,
        cancel_reason: String::new(),
        created_at: start() - TimeDelta::days(3),
    }
}

fn refusal(result: Result<Appointment>) -> &'static str {
    match result {
        Err(Error::Refused(code)) => code,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn the_ordinary_way_and_back() {
    let counter = CounterId::new();
    let now = start() - TimeDelta::minutes(7);
    let confirmed = appointment(State::Confirmed);
    let arrived = after(&confirmed, Step::Arrive, Rome, now).unwrap();
    let called = after(&arrived, Step::Call(counter), Rome, now + TimeDelta::minutes(9)).unwrap();
    let served = after(&called, Step::Serve, Rome, now + TimeDelta::minutes(20)).unwrap();
    assert_eq!(
        (served.state, served.serving_counter, served.arrived_at),
        (State::Served, Some(counter), Some(now))
    );
    let later = now + TimeDelta::minutes(21);
    let undo = |a: &Appointment| after(a, Step::Undo(a.state), Rome, later);
    assert_eq!(undo(&served).unwrap(), called);
    assert_eq!(undo(&called).unwrap(), arrived);
    assert_eq!(undo(&arrived).unwrap(), confirmed);
    assert_eq!(refusal(undo(&confirmed)), "nothing_to_undo");
}

#[test]
fn a_no_show_goes_back_to_where_it_was() {
    for steps in [
        vec![],
        vec![Step::Arrive],
        vec![Step::Arrive, Step::Call(CounterId::new())],
        vec![Step::Call(CounterId::new())],
    ] {
        let before = steps
            .iter()
            .fold(appointment(State::Confirmed), |a, step| after(&a, *step, Rome, start()).unwrap());
        let missed = after(&before, Step::NoShow, Rome, start()).unwrap();
        assert_eq!(missed.state, State::NoShow);
        assert_eq!(after(&missed, Step::Undo(State::NoShow), Rome, start()).unwrap(), before);
        assert_eq!(after(&before, Step::Undo(State::NoShow), Rome, start()).unwrap(), before, "once");
    }
}

#[test]
fn nobody_is_missed_before_the_time() {
    let early = start() - TimeDelta::seconds(1);
    assert_eq!(refusal(after(&appointment(State::Confirmed), Step::NoShow, Rome, early)), "too_early");
    assert!(after(&appointment(State::Confirmed), Step::NoShow, Rome, start()).is_ok());
}

#[test]
fn only_on_the_day_in_the_site_s_zone() {
    let mut night = appointment(State::Confirmed);
    night.starts_at = "2026-11-23T23:30:00Z".parse().unwrap(); // half past midnight of the 24th in Rome
    let evening = "2026-11-23T22:00:00Z".parse().unwrap();
    assert_eq!(refusal(after(&night, Step::Arrive, Rome, evening)), "not_today");
    assert!(after(&night, Step::Arrive, Rome, start()).is_ok());
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Arrive),
        Just(Step::Call(CounterId(uuid::Uuid::from_u128(1)))),
        Just(Step::Call(CounterId(uuid::Uuid::from_u128(2)))),
        Just(Step::Serve),
        Just(Step::NoShow),
        prop::sample::select(&State::ALL).prop_map(Step::Undo),
    ]
}

proptest! {
    /// Whatever is pressed, in whatever order, the appointment stays one the desk knows, and its instants tell its state.
    #[test]
    fn instants_tell_the_state(steps in vec((step(), 0..40_i64), 0..30)) {
        let mut a = appointment(State::Confirmed);
        let mut now = start() - TimeDelta::minutes(30);
        for (step, minutes) in steps {
            now += TimeDelta::minutes(minutes.min(10));
            if let Ok(next) = after(&a, step, Rome, now) {
                a = next;
            }
            prop_assert_eq!(a.closed_at.is_some(), matches!(a.state, State::Served | State::NoShow));
            prop_assert_eq!(a.called_at.is_some(), a.serving_counter.is_some());
            match a.state {
                State::Confirmed => prop_assert!(a.arrived_at.is_none() && a.called_at.is_none()),
                State::Arrived => prop_assert!(a.arrived_at.is_some() && a.called_at.is_none()),
                State::Called | State::Served => prop_assert!(a.called_at.is_some()),
                State::NoShow => {}
                other => prop_assert!(false, "{:?}", other),
            }
            prop_assert_eq!(a.starts_at, start());
            prop_assert_eq!(a.sequence, 0);
        }
    }

    /// A step taken twice is the step taken once.
    #[test]
    fn a_double_click_is_harmless(steps in vec(step(), 0..6), last in step()) {
        let a = steps.iter().fold(appointment(State::Confirmed), |a, s| after(&a, *s, Rome, start()).unwrap_or(a));
        if let Ok(once) = after(&a, last, Rome, start()) {
            prop_assert_eq!(after(&once, last, Rome, start()).unwrap(), once);
        }
    }

    /// What is not on the day's way is never touched.
    #[test]
    fn other_states_are_left_alone(step in step()) {
        for state in State::ALL {
            if !matches!(state, State::Confirmed | State::Arrived | State::Called | State::Served | State::NoShow) {
                prop_assert!(after(&appointment(state), step, Rome, start()).is_err());
            }
        }
    }
}
