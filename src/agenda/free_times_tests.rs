use std::collections::BTreeMap;

use chrono_tz::Europe::Rome;
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const MINUTE: i64 = 60_000_000;
const DAYS: i64 = 4;

fn site(n: u128) -> SiteId {
    SiteId(Uuid::from_u128(n))
}

fn counter(n: u128) -> CounterId {
    CounterId(Uuid::from_u128(n))
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Open every day of 2026 from 9 to 12, twenty minutes each, nothing in the way.
fn plain() -> Group {
    let rules = (1..=7)
        .map(|weekday| Rule {
            weekday,
            opens: NaiveTime::from_hms_opt(9, 0, 0).unwrap(),
            closes: NaiveTime::from_hms_opt(12, 0, 0).unwrap(),
            valid_from: date("2026-01-01"),
            valid_to: date("2026-12-31"),
        })
        .collect();
    let hours = Hours {
        step: TimeDelta::minutes(20),
        lead: TimeDelta::zero(),
        horizon_days: 400,
        buffer: TimeDelta::zero(),
        closed_on_holidays: true,
        rules,
    };
    Group { site: site(1), zone: Rome, hours, counters: vec![Seat::new(counter(1), vec![], vec![])] }
}

fn snapshot(groups: Vec<Group>) -> Snapshot {
    Snapshot { duration: TimeDelta::minutes(20), groups, holidays: vec![] }
}

/// The local starts of a day, with their counts.
fn starts(snapshot: &Snapshot, day: &str, now: &str) -> Vec<String> {
    free_times(snapshot, date(day), date(day), Audience::Citizen, at(now))
        .iter()
        .flat_map(|day| &day.times)
        .map(|t| format!("{}×{}", t.start.with_timezone(&Rome).format("%H:%M"), t.free))
        .collect()
}

#[test]
fn the_last_start_ends_at_closing_and_not_later() {
    let mut group = plain();
    group.hours.step = TimeDelta::minutes(25);
    let times = starts(&snapshot(vec![group]), "2026-11-24", "2026-11-20T08:00:00Z");
    // 9:00 + 7 × 25 = 11:55 would run past noon.
    assert_eq!(times.first().map(String::as_str), Some("09:00×1"));
    assert_eq!(times.last().map(String::as_str), Some("11:30×1"));
}

#[test]
fn the_same_start_of_several_counters_is_one_with_a_count() {
    let mut first = plain();
    first.counters.push(Seat::new(counter(2), vec![], vec![]));
    let mut other_calendar = plain();
    other_calendar.hours.step = TimeDelta::minutes(60);
    other_calendar.counters = vec![Seat::new(counter(3), vec![], vec![])];
    let times = starts(&snapshot(vec![first, other_calendar]), "2026-11-24", "2026-11-20T08:00:00Z");
    assert_eq!(times[..4], ["09:00×3", "09:20×2", "09:40×2", "10:00×3"]);
}

#[test]
fn the_buffer_may_run_past_closing_but_not_into_another() {
    let mut group = plain();
    group.hours.buffer = TimeDelta::minutes(10);
    let busy = Span::between(at("2026-11-24T08:40:00Z"), at("2026-11-24T09:10:00Z")); // 9:40–10:10
    group.counters = vec![Seat::new(counter(1), vec![], vec![busy])];
    let times = starts(&snapshot(vec![group]), "2026-11-24", "2026-11-20T08:00:00Z");
    // From 9:20 the buffer would run until 9:50.
    assert_eq!(times.join(" "), "09:00×1 10:20×1 10:40×1 11:00×1 11:20×1 11:40×1");
}

#[test]
fn a_closure_does_not_shift_the_grid() {
    let mut group = plain();
    let closed = Span::between(at("2026-11-24T08:05:00Z"), at("2026-11-24T09:05:00Z")); // 9:05–10:05
    group.counters = vec![Seat::new(counter(1), vec![closed], vec![])];
    let times = starts(&snapshot(vec![group]), "2026-11-24", "2026-11-20T08:00:00Z");
    assert_eq!(times.join(" "), "10:20×1 10:40×1 11:00×1 11:20×1 11:40×1");
}

#[test]
fn lead_time_and_horizon_bind_citizens_and_not_operators() {
    let mut group = plain();
    group.hours.lead = TimeDelta::minutes(90);
    group.hours.horizon_days = 2;
    let snapshot = snapshot(vec![group]);
    let now = "2026-11-24T08:10:00Z"; // 9:10
    assert_eq!(starts(&snapshot, "2026-11-24", now)[0], "10:40×1");
    assert_eq!(starts(&snapshot, "2026-11-26", now).len(), 9);
    assert_eq!(starts(&snapshot, "2026-11-27", now).len(), 0);
    let operator = |day: &str| free_times(&snapshot, date(day), date(day), Audience::Operator, at(now));
    assert_eq!(operator("2026-11-24")[0].times[0].start, at("2026-11-24T08:20:00Z"));
    assert_eq!(operator("2026-12-30")[0].times.len(), 9);
}

#[test]
fn holidays_and_days_without_rules_are_absent() {
    let mut group = plain();
    group.hours.rules.retain(|rule| rule.weekday != 7);
    let snapshot = snapshot(vec![group.clone()]);
    let days = free_times(
        &snapshot,
        date("2026-12-05"),
        date("2026-12-09"),
        Audience::Citizen,
        at("2026-12-01T08:00:00Z"),
    );
    let found: Vec<String> = days.iter().map(|day| day.date.to_string()).collect();
    // The 6th is a Sunday, the 8th the Immaculate Conception.
    assert_eq!(found, ["2026-12-05", "2026-12-07", "2026-12-09"]);
    group.hours.closed_on_holidays = false;
    assert_eq!(hours_of(&group.hours, date("2026-12-06"), Rome, &[]), DayHours::NoRule);
    assert!(matches!(hours_of(&group.hours, date("2026-12-08"), Rome, &[]), DayHours::Open(_)));
}

#[test]
fn both_daylight_saving_changes_are_ordinary_days() {
    let snapshot = snapshot(vec![plain()]);
    for (day, first) in [("2026-03-29", "2026-03-29T07:00:00Z"), ("2026-10-25", "2026-10-25T08:00:00Z")] {
        let days = free_times(&snapshot, date(day), date(day), Audience::Citizen, at("2026-03-01T08:00:00Z"));
        assert_eq!(days[0].times.len(), 9, "{day}");
        assert_eq!(days[0].times[0].start, at(first));
    }
}

#[test]
fn a_night_that_is_an_hour_short_or_long() {
    let mut group = plain();
    for rule in &mut group.hours.rules {
        rule.opens = NaiveTime::from_hms_opt(1, 0, 0).unwrap();
        rule.closes = NaiveTime::from_hms_opt(4, 0, 0).unwrap();
    }
    let snapshot = snapshot(vec![group]);
    let count = |day: &str| starts(&snapshot, day, "2026-03-01T08:00:00Z").len();
    assert_eq!((count("2026-03-28"), count("2026-03-29"), count("2026-10-25")), (9, 6, 12));
}

#[test]
fn the_least_loaded_is_chosen() {
    let mut group = plain();
    let morning = |from: &str, to: &str| Span::between(at(from), at(to));
    group.counters = vec![
        Seat::new(counter(1), vec![], vec![morning("2026-11-24T08:00:00Z", "2026-11-24T08:40:00Z")]),
        // A heavy load on another day does not count.
        Seat::new(counter(2), vec![], vec![morning("2026-11-23T08:00:00Z", "2026-11-23T11:00:00Z")]),
        Seat::new(counter(3), vec![], vec![]),
    ];
    let snapshot = snapshot(vec![group]);
    let takers = |start: &str| {
        super::takers(&snapshot, site(1), at(start), Audience::Citizen, at("2026-11-20T08:00:00Z"))
    };
    assert_eq!(choose(&takers("2026-11-24T09:00:00Z"), None).unwrap().counter, counter(2));
    assert_eq!(choose(&takers("2026-11-24T09:00:00Z"), Some(counter(1))).unwrap().counter, counter(1));
    assert_eq!(choose(&takers("2026-11-24T08:00:00Z"), Some(counter(1))).unwrap().counter, counter(2));
    assert_eq!(choose(&takers("2026-11-24T09:10:00Z"), None), None); // not on the grid
    assert_eq!(choose(&takers("2026-11-24T13:00:00Z"), None), None); // closed
}

// ── The same, against a model that looks at every minute ────────────────────────────────────────────────────────────

#[derive(Clone, Debug)]
struct World {
    first: NaiveDate,
    now: DateTime<Utc>,
    snapshot: Snapshot,
    /// As they were before [`Seat::new`] joined them.
    closed: Vec<Vec<Vec<Span>>>,
    busy: Vec<Vec<Vec<Span>>>,
}

fn time() -> impl Strategy<Value = NaiveTime> {
    (0..287_u32).prop_map(|n| NaiveTime::from_num_seconds_from_midnight_opt(n * 300, 0).unwrap())
}

fn rule(first: NaiveDate) -> impl Strategy<Value = Rule> {
    (1..=7_u32, time(), time(), -2..DAYS, 0..DAYS).prop_map(move |(weekday, a, b, from, len)| Rule {
        weekday,
        opens: a.min(b),
        closes: a.max(b),
        valid_from: first + TimeDelta::days(from),
        valid_to: first + TimeDelta::days(from + len),
    })
}

fn spans(first: NaiveDate, count: usize, longest: i64) -> impl Strategy<Value = Vec<Span>> {
    let origin = first.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
    let span = (-300..DAYS * 1440 + 300, 1..=longest).prop_map(move |(from, len)| {
        let from = origin + from * MINUTE;
        Span { from, to: from + len * MINUTE }
    });
    vec(span, 0..count)
}

type Parts = (SiteId, Hours, Vec<(Vec<Span>, Vec<Span>)>);

fn group(first: NaiveDate) -> impl Strategy<Value = Parts> {
    let hours = (5..60_i64, 0..600_i64, 0..=5_u64, 0..30_i64, any::<bool>(), vec(rule(first), 0..9))
        .prop_map(|(step, lead, horizon_days, buffer, closed_on_holidays, rules)| Hours {
            step: TimeDelta::minutes(step),
            lead: TimeDelta::minutes(lead),
            horizon_days,
            buffer: TimeDelta::minutes(buffer),
            closed_on_holidays,
            rules,
        });
    let seat = (spans(first, 3, 900), spans(first, 12, 240));
    ((1..3_u128).prop_map(site), hours, vec(seat, 1..4))
}

fn world() -> impl Strategy<Value = World> {
    // Both daylight-saving changes, a national holiday in the middle, an ordinary week.
    prop_oneof![Just("2026-03-28"), Just("2026-10-24"), Just("2026-05-31"), Just("2026-11-23")]
        .prop_map(date)
        .prop_flat_map(|first| (Just(first), vec(group(first), 1..4), -600..1440_i64, 5..90_i64))
        .prop_map(|(first, parts, now, duration)| {
            let mut numbers = 1..;
            let mut snapshot =
                Snapshot { duration: TimeDelta::minutes(duration), groups: vec![], holidays: vec![] };
            let (mut closed, mut busy) = (vec![], vec![]);
            for (site, hours, seats) in parts {
                closed.push(seats.iter().map(|(closed, _)| closed.clone()).collect());
                busy.push(seats.iter().map(|(_, busy)| busy.clone()).collect());
                let counters = seats
                    .into_iter()
                    .map(|(closed, busy)| Seat::new(counter(numbers.next().unwrap()), closed, busy))
                    .collect();
                snapshot.groups.push(Group { site, zone: Rome, hours, counters });
            }
            let now = first.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(now);
            World { first, now, snapshot, closed, busy }
        })
}

impl World {
    fn last(&self) -> NaiveDate {
        self.first + TimeDelta::days(DAYS - 1)
    }

    fn offered(&self) -> BTreeMap<(DateTime<Utc>, SiteId), u32> {
        free_times(&self.snapshot, self.first, self.last(), Audience::Citizen, self.now)
            .into_iter()
            .flat_map(|day| day.times)
            .map(|time| ((time.start, time.site), time.free))
            .collect()
    }

    /// Every minute of every day, every counter: is it a start?
    fn model(&self) -> BTreeMap<(DateTime<Utc>, SiteId), u32> {
        let mut found = BTreeMap::new();
        for (g, group) in self.snapshot.groups.iter().enumerate() {
            for day in self.first.iter_days().take(DAYS as usize) {
                let (midnight, next) = zone::bounds(day, group.zone);
                let minutes = (next - midnight).num_minutes();
                let instant = |minute: i64| midnight + TimeDelta::minutes(minute);
                let open: Vec<bool> = (0..minutes).map(|m| is_open(&group.hours, day, instant(m))).collect();
                let last = day_of(self.now) + Days::new(group.hours.horizon_days);
                for minute in 0..minutes {
                    let start = instant(minute);
                    if !open[minute as usize] || start < self.now + group.hours.lead || day > last {
                        continue;
                    }
                    let opening = (0..=minute).rev().take_while(|m| open[*m as usize]).last().unwrap();
                    let on_grid = (minute - opening) % group.hours.step.num_minutes() == 0;
                    let end = minute + self.snapshot.duration.num_minutes();
                    if !on_grid || end > minutes || !(minute..end).all(|m| open[m as usize]) {
                        continue;
                    }
                    let asked = Span::between(start, start + self.snapshot.duration);
                    let with_buffer =
                        Span { to: asked.to + group.hours.buffer.num_minutes() * MINUTE, ..asked };
                    let hits = |spans: &[Span], asked: Span| spans.iter().any(|s| s.overlap(asked) > 0);
                    let free = (0..group.counters.len())
                        .filter(|c| {
                            !hits(&self.closed[g][*c], asked) && !hits(&self.busy[g][*c], with_buffer)
                        })
                        .count();
                    if free > 0 {
                        *found.entry((start, group.site)).or_default() += u32::try_from(free).unwrap();
                    }
                }
            }
        }
        found
    }
}

fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Rome).date_naive()
}

fn is_open(hours: &Hours, day: NaiveDate, at: DateTime<Utc>) -> bool {
    let holiday = hours.closed_on_holidays && (day.month(), day.day()) == (6, 2);
    !holiday
        && hours.rules.iter().any(|rule| {
            rule.weekday == day.weekday().number_from_monday()
                && rule.valid_from <= day
                && day <= rule.valid_to
                && zone::instant(day, rule.opens, Rome) <= at
                && at < zone::instant(day, rule.closes, Rome)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_look_at_every_minute(world in world()) {
        prop_assert_eq!(world.offered(), world.model());
    }

    /// What is offered can be taken, by as many as it says; what is not offered cannot.
    #[test]
    fn takers_are_those_that_are_offered(world in world(), probe in 0..DAYS * 288) {
        let offered = world.offered();
        for ((start, site), free) in &offered {
            let takers = takers(&world.snapshot, *site, *start, Audience::Citizen, world.now);
            prop_assert_eq!(takers.len(), *free as usize);
            for taker in takers {
                let (g, c) = (0..world.snapshot.groups.len())
                    .flat_map(|g| (0..world.snapshot.groups[g].counters.len()).map(move |c| (g, c)))
                    .find(|(g, c)| world.snapshot.groups[*g].counters[*c].counter == taker.counter)
                    .unwrap();
                let taken = Span::between(taker.start, taker.busy_until);
                prop_assert!(world.busy[g][c].iter().all(|busy| busy.overlap(taken) == 0));
            }
        }
        let start = world.first.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(probe * 5);
        for site in [site(1), site(2)] {
            let expected = offered.contains_key(&(start, site));
            // The days of the probe may lie beyond those that were asked.
            if day_of(start) <= world.last() {
                let takers = takers(&world.snapshot, site, start, Audience::Citizen, world.now);
                prop_assert_eq!(!takers.is_empty(), expected);
            }
        }
    }

    /// Taking a time never makes another one free.
    #[test]
    fn an_occupation_never_adds_a_time(world in world(), more in spans(date("2026-11-23"), 4, 300)) {
        let before = world.offered();
        let mut fuller = world.clone();
        let shift = (world.first - date("2026-11-23")).num_days() * 1440 * MINUTE;
        let more: Vec<Span> = more.iter().map(|s| Span { from: s.from + shift, to: s.to + shift }).collect();
        for group in &mut fuller.snapshot.groups {
            for seat in &mut group.counters {
                seat.busy = union([seat.busy.clone(), more.clone()].concat());
            }
        }
        for (time, free) in fuller.offered() {
            prop_assert!(before.get(&time).is_some_and(|earlier| free <= *earlier));
        }
    }

    /// Days are in order, none is empty, and their times are sorted and all different.
    #[test]
    fn the_answer_is_tidy(world in world()) {
        let days = free_times(&world.snapshot, world.first, world.last(), Audience::Citizen, world.now);
        prop_assert!(days.windows(2).all(|w| w[0].date < w[1].date));
        for day in days {
            prop_assert!(!day.times.is_empty());
            prop_assert!(day.times.windows(2).all(|w| (w[0].start, w[0].site) < (w[1].start, w[1].site)));
            prop_assert!(day.times.iter().all(|t| day_of(t.start) == day.date));
            prop_assert!(day.times.iter().all(|t| t.end - t.start == world.snapshot.duration));
        }
    }
}
