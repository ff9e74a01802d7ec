//! What the Comune says of itself on every page.

use axum::Router;
use axum::routing::get;

use super::Admin;
use super::blocks::{Console, Form};
use super::values::{Reader, Values};
use crate::app::App;
use crate::audit::{self, Change};
use crate::entity::{self, Entity};
use crate::error::{FieldError, Result};
use crate::web::form::ProtectedForm;
use crate::web::frame::Answer;

pub(super) fn router() -> Router<App> {
    Router::new().route("/{entity}/amministrazione/comune", get(show).post(save))
}

fn values(entity: &Entity) -> Values {
    Values::default()
        .with("name", &entity.name)
        .with("tagline", &entity.tagline)
        .with("address", &entity.address)
        .with("phone", &entity.phone)
        .with("email", &entity.email)
        .with("pec", &entity.pec)
        .with_some("site_url", entity.site_url.as_ref())
        .with_some("privacy_url", entity.privacy_url.as_ref())
        .with_some("accessibility_url", entity.accessibility_url.as_ref())
}

/// The entity with what was posted.
pub(super) fn read(values: &Values, before: &Entity) -> Result<Entity> {
    let mut reader = Reader::new(values);
    let after = Entity {
        name: reader.required("name", 140),
        tagline: reader.line("tagline", 140),
        address: reader.required("address", 300),
        phone: reader.line("phone", 60),
        email: reader.mail_address("email"),
        pec: reader.mail_address("pec"),
        site_url: reader.web_address("site_url"),
        privacy_url: reader.web_address("privacy_url"),
        accessibility_url: reader.web_address("accessibility_url"),
        ..before.clone()
    };
    reader.finish(after)
}

fn view(admin: &Admin, values: &Values, errors: Vec<FieldError>) -> Answer {
    let form = Form::new(admin.t, "entity", values)
        .required("name")
        .line("tagline", "text")
        .part("contacts")
        .required("address")
        .line("phone", "tel")
        .line("email", "email")
        .line("pec", "email")
        .part("links")
        .line("site_url", "url")
        .line("privacy_url", "url")
        .line("accessibility_url", "url");
    Console::new(admin.section("entity").errors(errors)).form(form).answer()
}

async fn show(admin: Admin) -> Answer {
    view(&admin, &values(&admin.entity), Vec::new())
}

async fn save(admin: Admin, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let mut tx = admin.begin().await?;
    let done = match read(&values, &admin.entity) {
        Ok(after) => {
            entity::store::update(&mut tx, &after).await?;
            let id = after.id.to_string();
            let change = Change::of("entity.changed", "entity", &id).before(&*admin.entity).after(&after);
            audit::record(&mut tx, after.id, admin.now, &admin.actor(), change).await
        }
        Err(error) => Err(error),
    };
    admin.finish(tx, done, admin.console("comune"), |errors| view(&admin, &values, errors)).await
}
