//! The buttons of the day.

use axum::extract::Path;
use serde::Deserialize;

use super::room::Room;
use crate::agenda::State;
use crate::desk::flow::Step;
use crate::desk::record;
use crate::error::{Error, Result};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect};

/// What a button sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pressed {
    /// Where to call to.
    postazione: String,
    /// From which state to take the last step back.
    stato: Option<State>,
    /// From the appointment's own page rather than from the day.
    da: String,
}

/// `POST …/appuntamenti/{code}/passo/{step}`.
pub async fn take(
    room: Room,
    Path((_, _, code, step)): Path<(String, String, String, String)>,
    form: ProtectedForm<Pressed>,
) -> Answer {
    let step = step_of(&step, &form.value)?;
    let mut tx = room.begin().await?;
    let before = room.appointment(&mut tx, &code).await?;
    let after = record::step(&mut tx, room.entity.id, before.id, step, &room.actor(), room.now).await?;
    tx.commit().await?;
    if form.value.da == "dettaglio" {
        return redirect(room.appointment_url(&after.code));
    }
    let day = room.day_url(room.t.day_of(after.starts_at));
    redirect(format!("{day}#{}", after.code))
}

fn step_of(name: &str, pressed: &Pressed) -> Result<Step> {
    match name {
        "arrivato" => Ok(Step::Arrive),
        "chiama" => {
            pressed.postazione.parse().map(Step::Call).map_err(|_| Error::field("postazione", "required"))
        }
        "servito" => Ok(Step::Serve),
        "assente" => Ok(Step::NoShow),
        "indietro" => pressed.stato.map(Step::Undo).ok_or_else(|| Error::field("stato", "required")),
        _ => Err(Error::NotFound("page")),
    }
}
