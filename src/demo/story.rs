//! What has happened in the sample Comune before the visitor arrives: yesterday's bookings and payments, and a day at
//! the counters that has just begun. Everything goes through the same use cases as the pages.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc};
use serde_json::{Value, json};
use sportello_pagopa::simulator as platform;

use super::world::{Citizen, Failure, World};
use crate::agenda::booking::{self, Booked};
use crate::agenda::{self, Channel, Holder, NewAppointment, Service};
use crate::audit::Actor;
use crate::desk::{self, flow::Step};
use crate::jobs::worker;
use crate::payments::State;

/// Every so many free times one is taken: a day that is busy and not full.
const ONE_OF: usize = 2;

/// Tells the story: books for today and the days to come, pays, lets a night pass, and brings the first citizens in.
pub async fn tell(world: &World) -> Result<(), Failure> {
    let first_day = world.app.clock.now();
    let tomorrow = book_the_days_to_come(world).await?;
    worker::run_due(&world.app).await?;
    pay(world).await?;
    worker::run_due(&world.app).await?;
    let now = world.next_day().await?;
    tracing::info!(from = %first_day, to = %now, "the sample days have passed");
    if let Some(day) = tomorrow {
        open_the_morning(world, day).await?;
    }
    Ok(())
}

/// Books a share of the free times of the next working days; answers the first of those days.
async fn book_the_days_to_come(world: &World) -> Result<Option<NaiveDate>, Failure> {
    let now = world.app.clock.now();
    let zone = world.entity.time_zone;
    let today = now.with_timezone(&zone).date_naive();
    let mut tx = world.app.db.begin(world.entity.id).await?;
    let services = agenda::store::services(&mut tx, world.entity.id).await?;
    tx.commit().await?;
    let mut people = everybody(world).cycle();
    let mut first = None;
    for service in &services {
        let last = today + Days::new(if service.slug == "matrimonio-civile" { 60 } else { 7 });
        let mut tx = world.app.db.begin(world.entity.id).await?;
        let days =
            agenda::availability(&mut tx, world.entity.id, service.id, None, today + Days::new(1), last, now)
                .await?;
        tx.commit().await?;
        for day in days {
            first = Some(first.map_or(day.date, |known: NaiveDate| known.min(day.date)));
            // The services share the counters: each takes a few of the day's times, and the next finds the rest.
            let step = ONE_OF * services.len();
            for time in day.times.iter().skip(day.date.day() as usize % 3).step_by(step).take(4) {
                let Some(citizen) = people.next() else { continue };
                book(world, service, time.site, time.start, citizen, now).await?;
            }
        }
    }
    Ok(first)
}

async fn book(
    world: &World,
    service: &Service,
    site: crate::ids::SiteId,
    start: DateTime<Utc>,
    citizen: &Citizen,
    now: DateTime<Utc>,
) -> Result<Option<Booked>, Failure> {
    let new = NewAppointment {
        service: service.id,
        site,
        start,
        holder: Holder {
            given_name: citizen.given_name.clone(),
            family_name: citizen.family_name.clone(),
            fiscal_code: Some(citizen.fiscal_code.clone()),
            email: citizen.email.clone(),
            phone: citizen.phone.clone(),
            verified: true,
        },
        reason: service.reasons.first().map(|reason| reason.get("it").to_owned()).unwrap_or_default(),
        details: String::new(),
        form: None,
        answers: answers(&service.slug),
        language: "it".to_owned(),
        channel: Channel::Web,
        per_citizen_max: None,
    };
    let mut tx = world.app.db.begin(world.entity.id).await?;
    match booking::book(&mut tx, &world.entity, &new, &Actor::System, now).await {
        Ok(booked) => {
            tx.commit().await?;
            Ok(Some(booked))
        }
        // Another service's citizen was a moment earlier.
        Err(crate::Error::Taken) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn everybody(world: &World) -> impl Iterator<Item = &Citizen> + Clone {
    world.citizens.iter().chain(&world.residents)
}

fn answers(slug: &str) -> Value {
    match slug {
        "carta-identita-elettronica" => json!({"motivo": "scadenza", "numero_carta": "AV1234567"}),
        "certificati-anagrafici" => {
            json!({"certificato": "residenza", "uso": "Iscrizione scolastica", "copie": 1})
        }
        "cambio-di-residenza" => {
            json!({"provenienza": "Perugia", "persone": 3, "indirizzo": "Via dei Priori, 12", "titolo": "affitto"})
        }
        "matrimonio-civile" => {
            json!({"residenti": true, "sposi": "Chiara Marini e Luca Neri", "invitati": 60})
        }
        "separazione-e-divorzio" => json!({"altro_coniuge": "Anna Neri", "figli": true}),
        "accesso-atti-edilizi" => json!({"foglio": "12", "particella": "345", "titolo": "tecnico"}),
        _ => json!({}),
    }
}

/// Most people pay at once; every seventh has not paid yet.
async fn pay(world: &World) -> Result<(), Failure> {
    let mut tx = world.app.db.begin(world.entity.id).await?;
    let mut positions = Vec::new();
    for citizen in everybody(world) {
        positions.extend(crate::payments::of_citizen(&mut tx, world.entity.id, &citizen.fiscal_code).await?);
    }
    tx.commit().await?;
    let unpaid = positions.iter().filter(|view| view.position.state == State::Published);
    for (i, view) in unpaid.enumerate().filter(|(i, _)| i % 7 != 6) {
        let psp = &platform::PSPS[i % platform::PSPS.len()];
        world.platform.pay(&world.entity.fiscal_code, view.position.nav.parse()?, psp).await?;
    }
    Ok(())
}

/// At half past eight some are waiting already; there is one whom nobody will see.
async fn open_the_morning(world: &World, day: NaiveDate) -> Result<(), Failure> {
    let now = world.app.clock.now();
    let entity = world.entity.id;
    let mut tx = world.app.db.begin(entity).await?;
    for site in agenda::store::sites(&mut tx, entity).await? {
        let appointments = agenda::store::of_day(&mut tx, entity, site.id, day, site.zone).await?;
        let expected = appointments.iter().filter(|a| a.state == agenda::State::Confirmed);
        for appointment in expected.take(3) {
            desk::take(&mut tx, entity, appointment.id, Step::Arrive, now).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
