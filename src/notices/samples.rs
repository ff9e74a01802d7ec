//! An appointment to write about, for the tests of the texts.

use chrono::TimeDelta;
use serde_json::json;

use super::dossier::{Addresses, Dossier, Due, Offer};
use super::types::{Channel, Event, Notice, NoticeState};
use crate::agenda::{self, Appointment, Holder, Service, Site, State};
use crate::entity::Entity;
use crate::ids::{AppointmentId, CounterId, EntityId, NoticeId, ServiceId, SiteId};
use crate::money::Cents;
use crate::text::Text;

pub(super) const FISCAL_CODE: &str = "SPNDNL80R13C555X";

/// Thursday 12 November 2026, half past ten in Rome.
pub(super) fn dossier() -> Dossier {
    let (service, site) = (service(), site());
    let appointment = appointment(service.id, site.id);
    let base = "https://sportello.example.it/prova";
    let offer = Offer {
        message: "L'ufficio chiude per lavori.".to_owned(),
        expires_at: appointment.starts_at - TimeDelta::days(2),
        is_open: true,
        times: vec![(appointment.starts_at + TimeDelta::days(1), site.clone())],
    };
    Dossier {
        addresses: Addresses {
            appointment: format!("{base}/appuntamenti/{}?chiave=a---b", appointment.code),
            proposal: Some(format!("{base}/proposte/1?chiave=c")),
            entity: base.to_owned(),
        },
        entity: entity(),
        due: Some(Due {
            amount: Cents(2221),
            nav: "301011100007347557".to_owned(),
            due_on: "2026-12-01".parse().unwrap(),
            in_advance: false,
            is_open: true,
        }),
        offer: Some(offer),
        appointment,
        service,
        site,
    }
}

fn entity() -> Entity {
    Entity {
        id: EntityId::new(),
        slug: "prova".to_owned(),
        name: "Comune di Prova".to_owned(),
        fiscal_code: "00000000000".to_owned(),
        tagline: String::new(),
        address: String::new(),
        phone: String::new(),
        email: "info@comune.example.it".to_owned(),
        pec: String::new(),
        privacy_url: None,
        accessibility_url: None,
        site_url: None,
        time_zone: chrono_tz::Europe::Rome,
    }
}

fn site() -> Site {
    Site {
        id: SiteId::new(),
        slug: "municipio".to_owned(),
        name: "Ufficio anagrafe".to_owned(),
        address: "Via Roma, 1".to_owned(),
        directions: "secondo piano".to_owned(),
        opening: String::new(),
        phone: String::new(),
        email: String::new(),
        zone: chrono_tz::Europe::Rome,
        active: true,
        position: 0,
    }
}

fn service() -> Service {
    Service {
        id: ServiceId::new(),
        slug: "carta-identita".to_owned(),
        name: Text::italian("Carta d'identità").with("en", "Identity card"),
        summary: Text::default(),
        bring: Text::italian("Una foto;\nla carta scaduta"),
        reasons: Vec::new(),
        category: String::new(),
        duration_minutes: 15,
        minimum_level: 0,
        change_minutes: 1440,
        active: true,
        position: 0,
    }
}

fn appointment(service: ServiceId, site: SiteId) -> Appointment {
    let starts_at = "2026-11-12T09:30:00Z".parse().unwrap();
    Appointment {
        id: AppointmentId::new(),
        code: "7K3M9QXZ".to_owned(),
        service,
        site,
        counter: CounterId::new(),
        starts_at,
        ends_at: starts_at + TimeDelta::minutes(15),
        busy_until: starts_at + TimeDelta::minutes(15),
        state: State::Confirmed,
        expires_at: None,
        session: None,
        holder: Holder {
            given_name: "Daniela".to_owned(),
            family_name: "Spinelli".to_owned(),
            fiscal_code: Some(FISCAL_CODE.to_owned()),
            email: "daniela@example.it".to_owned(),
            phone: String::new(),
            verified: true,
        },
        language: "it".to_owned(),
        reason: String::new(),
        details: String::new(),
        form: None,
        answers: json!({}),
        channel: agenda::Channel::Web,
        sequence: 0,
        notes: String::new(),
        serving_counter: None,
        arrived_at: None,
        called_at: None,
        closed_at: None,
        cancel_reason: String::new(),
        created_at: starts_at - TimeDelta::days(10),
    }
}

pub(super) fn notice(dossier: &Dossier, event: Event, channel: Channel) -> Notice {
    let holder = &dossier.appointment.holder;
    let recipient = match channel {
        Channel::AppIo => holder.fiscal_code.clone().unwrap_or_default(),
        Channel::Email => holder.email.clone(),
    };
    Notice {
        id: NoticeId::new(),
        appointment: dossier.appointment.id,
        event,
        occurrence: dossier.appointment.sequence.to_string(),
        channel,
        recipient,
        state: NoticeState::Pending,
        claimed_at: None,
        sent_at: None,
        remote_id: None,
        last_error: None,
        created_at: dossier.appointment.created_at,
    }
}
