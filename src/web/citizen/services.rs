//! What can be booked: the list by category, and the sheet of each service.

use askama::Template;
use axum::extract::Path;

use super::words::{self, Price};
use crate::agenda::{self, Service, Site};
use crate::payments;
use crate::web::frame::{Answer, Ctx, render};
use crate::web::page::Page;

/// The services of a category.
struct Category {
    name: String,
    services: Vec<Service>,
}

#[derive(Template)]
#[template(path = "citizen/services.html", config = ".askama.toml")]
struct Services {
    page: Page,
    categories: Vec<Category>,
}

/// `GET /{entity}/`.
pub(super) async fn list(ctx: Ctx) -> Answer {
    let mut tx = ctx.begin().await?;
    let services = agenda::store::services(&mut tx, ctx.entity.id).await?;
    let mut page = ctx.page(ctx.t.get("citizen-services-title")).lead(ctx.t.get("citizen-services-lead"));
    page.breadcrumb.clear();
    render(&Services { page, categories: by_category(services) })
}

/// Categories in the order of their first service.
fn by_category(services: Vec<Service>) -> Vec<Category> {
    let mut categories: Vec<Category> = Vec::new();
    for service in services.into_iter().filter(|service| service.active) {
        match categories.iter_mut().find(|category| category.name == service.category) {
            Some(category) => category.services.push(service),
            None => categories.push(Category { name: service.category.clone(), services: vec![service] }),
        }
    }
    categories
}

#[derive(Template)]
#[template(path = "citizen/service.html", config = ".askama.toml")]
struct Sheet {
    page: Page,
    service: Service,
    sites: Vec<Site>,
    duration: String,
    price: Price,
    booking_url: String,
}

/// `GET /{entity}/servizi/{service}`.
pub(super) async fn sheet(ctx: Ctx, Path((_, slug)): Path<(String, String)>) -> Answer {
    let mut tx = ctx.begin().await?;
    let service = agenda::store::service_by_slug(&mut tx, ctx.entity.id, &slug).await?;
    let sites = agenda::store::sites_of_service(&mut tx, ctx.entity.id, service.id).await?;
    let today = ctx.t.day_of(ctx.now);
    let tariff = payments::store::tariffs::on(&mut tx, ctx.entity.id, service.id, today).await?;
    let name = service.name.get(ctx.t.code());
    let page = ctx.page(name).lead(service.summary.get(ctx.t.code())).crumb(name, "");
    render(&Sheet {
        page,
        sites,
        duration: words::duration(ctx.t, service.duration_minutes),
        price: words::price(ctx.t, tariff.as_ref()),
        booking_url: ctx.url(format_args!("prenota/{slug}/luogo")),
        service,
    })
}
