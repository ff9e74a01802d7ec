//! A site with counters and a service, for the tests of the agenda and of the desk.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::json;
use sportello::agenda::{
    self, Appointment, Calendar, CalendarRule, Channel, Counter, Details, Holder, NewAppointment, NewHold,
    Outcome, Service, Site, setup,
};
use sportello::db::Tx;
use sportello::entity::Entity;
use sportello::ids::{CalendarId, CalendarRuleId, CounterId, ServiceId, SessionId, SiteId};
use sportello::text::Text;
use sportello::{Error, Result};

use crate::support::TestDb;

/// A Comune with one site, open from nine on weekdays, and one service of twenty minutes.
pub struct Office {
    pub db: TestDb,
    pub entity: Entity,
    pub site: Site,
    pub counters: Vec<Counter>,
    pub service: Service,
}

impl Office {
    /// With so many counters, open from nine for so many appointments.
    pub async fn new(counters: usize, appointments_a_day: i64) -> Self {
        Self::with(counters, appointments_a_day, |_| {}).await
    }

    /// The same with another calendar.
    pub async fn with(counters: usize, appointments_a_day: i64, change: impl FnOnce(&mut Calendar)) -> Self {
        Self::on(TestDb::new().await, counters, appointments_a_day, change).await
    }

    /// The same in a database that is there already.
    pub async fn on(
        db: TestDb,
        counters: usize,
        appointments_a_day: i64,
        change: impl FnOnce(&mut Calendar),
    ) -> Self {
        let entity = db.entity("borgo", "00000000001").await;
        let site = Site {
            id: SiteId::new(),
            slug: "municipio".into(),
            name: "Municipio".into(),
            address: "Piazza, 1".into(),
            directions: String::new(),
            opening: String::new(),
            phone: String::new(),
            email: String::new(),
            zone: chrono_tz::Europe::Rome,
            active: true,
            position: 0,
        };
        let mut calendar = Calendar {
            id: CalendarId::new(),
            name: "Mattina".into(),
            step_minutes: 20,
            lead_minutes: 0,
            horizon_days: 400,
            buffer_minutes: 0,
            cooling_minutes: 0,
            closed_on_holidays: true,
        };
        change(&mut calendar);
        let opens = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
        let rules: Vec<CalendarRule> = (1..=7)
            .map(|weekday| CalendarRule {
                id: CalendarRuleId::new(),
                calendar: calendar.id,
                weekday,
                opens,
                closes: opens + TimeDelta::minutes(20 * appointments_a_day),
                valid_from: "2026-01-01".parse().unwrap(),
                valid_to: None,
            })
            .collect();
        let counters: Vec<Counter> = (1..=counters)
            .map(|n| Counter {
                id: CounterId::new(),
                site: site.id,
                calendar: calendar.id,
                name: format!("Sportello {n}"),
                active: true,
                position: i32::try_from(n).unwrap(),
            })
            .collect();
        let service = Service {
            id: ServiceId::new(),
            slug: "carta-identita".into(),
            name: Text::italian("Carta d'identità"),
            summary: Text::default(),
            bring: Text::default(),
            reasons: vec![],
            category: "Anagrafe".into(),
            duration_minutes: 20,
            minimum_level: 0,
            change_minutes: 60,
            active: true,
            position: 0,
        };
        let now = db.app.clock.now();
        let mut tx = db.app.db.begin(entity.id).await.unwrap();
        setup::save_site(&mut tx, entity.id, &site, now).await.unwrap();
        setup::save_calendar(&mut tx, entity.id, &calendar, &rules).await.unwrap();
        for counter in &counters {
            setup::save_counter(&mut tx, entity.id, counter, now).await.unwrap();
        }
        let ids: Vec<CounterId> = counters.iter().map(|c| c.id).collect();
        setup::save_service(&mut tx, entity.id, &service, &ids).await.unwrap();
        tx.commit().await.unwrap();
        Self { db, entity, site, counters, service }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.db.app.clock.now()
    }

    pub async fn begin(&self) -> Tx {
        self.db.app.db.begin(self.entity.id).await.unwrap()
    }

    /// What can be booked from a day to another: local start and count.
    pub async fn offered(&self, from: &str, to: &str) -> Vec<(DateTime<Utc>, u32)> {
        let (from, to): (NaiveDate, NaiveDate) = (from.parse().unwrap(), to.parse().unwrap());
        let mut tx = self.begin().await;
        agenda::availability(&mut tx, self.entity.id, self.service.id, None, from, to, self.now())
            .await
            .unwrap()
            .into_iter()
            .flat_map(|day| day.times)
            .map(|time| (time.start, time.free))
            .collect()
    }

    /// How many counters are free at a start.
    pub async fn free_at(&self, start: &str) -> u32 {
        let start = at(start);
        let day = start.with_timezone(&self.site.zone).date_naive().to_string();
        self.offered(&day, &day).await.into_iter().find(|(s, _)| *s == start).map_or(0, |(_, free)| free)
    }

    pub fn new_appointment(&self, start: DateTime<Utc>, citizen: u32) -> NewAppointment {
        let details = details(citizen);
        NewAppointment {
            service: self.service.id,
            site: self.site.id,
            start,
            holder: details.holder,
            reason: details.reason,
            details: details.details,
            form: None,
            answers: details.answers,
            language: "it".into(),
            channel: Channel::Api,
            per_citizen_max: None,
        }
    }

    pub async fn try_place(&self, start: &str, citizen: u32, outcome: Outcome) -> Result<Appointment> {
        let mut tx = self.begin().await;
        let new = self.new_appointment(at(start), citizen);
        let placed = agenda::place(&mut tx, self.entity.id, &new, outcome, self.now()).await?;
        tx.commit().await?;
        Ok(placed)
    }

    pub async fn place(&self, start: &str, citizen: u32) -> Appointment {
        self.try_place(start, citizen, Outcome::Confirmed).await.unwrap()
    }

    pub async fn try_hold(&self, start: &str, session: SessionId) -> Result<Appointment> {
        let new = NewHold {
            service: self.service.id,
            site: self.site.id,
            start: at(start),
            session,
            language: "it".into(),
        };
        let mut tx = self.begin().await;
        let held = agenda::hold(&mut tx, self.entity.id, &new, 15, self.now()).await?;
        tx.commit().await?;
        Ok(held)
    }

    pub async fn appointment(&self, a: &Appointment) -> Appointment {
        let mut tx = self.begin().await;
        agenda::store::appointment(&mut tx, self.entity.id, a.id).await.unwrap()
    }

    pub async fn sweep(&self) -> Vec<agenda::Swept> {
        let mut tx = self.begin().await;
        let swept = agenda::sweep(&mut tx, self.entity.id, self.now()).await.unwrap();
        tx.commit().await.unwrap();
        swept
    }
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What citizen number so-and-so fills.
pub fn details(citizen: u32) -> Details {
    Details {
        holder: Holder {
            given_name: "Maria".into(),
            family_name: "Rossi".into(),
            fiscal_code: Some(format!("RSSMRA80A41{citizen:05}")),
            email: "maria@example.it".into(),
            phone: String::new(),
            verified: true,
        },
        reason: String::new(),
        details: String::new(),
        form: None,
        answers: json!({}),
        language: "it".into(),
        per_citizen_max: None,
    }
}

/// The code of the rule that refused.
pub fn refusal<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result {
        Err(Error::Refused(code)) => code,
        other => panic!("not refused: {other:?}"),
    }
}
