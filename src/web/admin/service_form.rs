//! The online form of a service: its draft is edited question by question, looked at as the citizen will, published.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use serde_json::Value;
use sqlx::PgConnection;

use super::blocks::{Block, Console, Control, Field, Form, Row, Table};
use super::values::Values;
use super::{Admin, questions, saving, services};
use crate::agenda::{self, Service};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::forms::{self, Definition, FieldKind, State};
use crate::ids::{EntityId, ServiceId};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect, redirect_done, render};
use crate::web::page::Page;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/servizi/{id}/modulo", get(show))
        .route("/{entity}/amministrazione/servizi/{id}/modulo/domande", get(new_question).post(add_question))
        .route(
            "/{entity}/amministrazione/servizi/{id}/modulo/domande/{name}",
            get(edit_question).post(save_question),
        )
        .route("/{entity}/amministrazione/servizi/{id}/modulo/domande/{name}/{step}", post(change_question))
        .route("/{entity}/amministrazione/servizi/{id}/modulo/schema", get(schema).post(save_schema))
        .route("/{entity}/amministrazione/servizi/{id}/modulo/anteprima", get(preview))
        .route("/{entity}/amministrazione/servizi/{id}/modulo/pubblica", post(publish))
}

/// What is edited: the draft, or, until it is changed, the published version.
async fn current(conn: &mut PgConnection, entity: EntityId, service: ServiceId) -> Result<Definition> {
    let form = match forms::draft(conn, entity, service).await? {
        Some(draft) => Some(draft),
        None => forms::published(conn, entity, service).await?,
    };
    match form {
        Some(form) => Ok(form.definition),
        None => Definition::parse(questions::empty()).map_err(Error::Invalid),
    }
}

fn at(admin: &Admin, service: ServiceId, path: &str) -> String {
    admin.console(format_args!("servizi/{service}/modulo{path}"))
}

fn page(admin: &Admin, service: &Service, title: &str, key: &str) -> Page {
    let name = service.name.get(admin.t.code());
    admin.below(services::SECTION, admin.t.with(title, &[("name", &name)]), key)
}

async fn show(admin: Admin, Path((_, id)): Path<(String, ServiceId)>) -> Answer {
    let (entity, t) = (admin.entity.id, admin.t);
    let mut tx = admin.begin().await?;
    let service = agenda::store::service(&mut tx, entity, id).await?;
    let definition = current(&mut tx, entity, id).await?;
    let versions = forms::versions(&mut tx, entity, id).await?;
    let rows = forms::fields(&definition, t.code()).into_iter().map(|field| {
        let step = |step: &str| at(&admin, id, &format!("/domande/{}/{step}", field.name));
        Row::default()
            .link(&field.label, at(&admin, id, &format!("/domande/{}", field.name)))
            .text(t.get(&format!("admin-question-kind-{}", questions::kind_name(field.kind))))
            .text(t.get(if field.required { "admin-yes" } else { "admin-no" }))
            .act(t.get("admin-question-up"), step("su"))
            .act(t.get("admin-question-down"), step("giu"))
            .act(t.get("admin-remove"), step("togli"))
    });
    let table = Table::new(t, "questions", &["label", "kind", "required"]).rows(rows);
    let rows = versions.iter().map(|form| {
        let (kind, state) = match form.state {
            State::Draft => ("warning", "admin-form-draft"),
            State::Published => ("success", "admin-form-published"),
            State::Retired => ("secondary", "admin-form-retired"),
        };
        Row::default().text(form.version.to_string()).badge(kind, t.get(state))
    });
    let history = Table::new(t, "form-versions", &["version", "state"]).rows(rows);
    let has_draft = versions.iter().any(|form| form.state == State::Draft);
    let mut console = Console::new(page(&admin, &service, "admin-form-title", "form"));
    if has_draft {
        console = console.with(Block::Alert("info", t.get("admin-form-has-draft")));
    }
    let links = vec![
        (at(&admin, id, "/domande"), t.get("admin-question-new")),
        (at(&admin, id, "/anteprima"), t.get("admin-form-preview")),
        (at(&admin, id, "/schema"), t.get("admin-form-schema")),
    ];
    console = console.with(Block::Links(links)).table(table);
    if has_draft {
        let form = Form::new(t, "form-publish", &Values::default()).to(at(&admin, id, "/pubblica"));
        console = console.form(form.back(admin.console(format_args!("servizi/{id}"))));
    }
    console.heading("admin-form-versions-caption").table(history).answer()
}

fn question_view(
    admin: &Admin,
    service: &Service,
    title: &str,
    values: &Values,
    errors: Vec<FieldError>,
) -> Answer {
    let kinds = questions::KINDS
        .map(|(name, _)| (name.to_owned(), admin.text(&format!("admin-question-kind-{name}"))));
    let form = Form::new(admin.t, "question", values)
        .required("label.it")
        .line("label.en", "text")
        .select("kind", true, kinds.to_vec(), "")
        .area("options")
        .line("help.it", "text")
        .line("help.en", "text")
        .tick("required")
        .back(at(admin, service.id, ""));
    Console::new(page(admin, service, title, "question").errors(errors)).form(form).answer()
}

async fn new_question(admin: Admin, Path((_, id)): Path<(String, ServiceId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let service = agenda::store::service(&mut tx, admin.entity.id, id).await?;
    question_view(&admin, &service, "admin-question-new-title", &Values::default(), Vec::new())
}

async fn edit_question(admin: Admin, Path((_, id, name)): Path<(String, ServiceId, String)>) -> Answer {
    let mut tx = admin.begin().await?;
    let service = agenda::store::service(&mut tx, admin.entity.id, id).await?;
    let definition = current(&mut tx, admin.entity.id, id).await?;
    let values = questions::values(&definition, &name).ok_or(Error::NotFound("question"))?;
    question_view(&admin, &service, "admin-question-edit-title", &values, Vec::new())
}

async fn add_question(admin: Admin, Path((_, id)): Path<(String, ServiceId)>, form: ProtectedForm) -> Answer {
    put_question(&admin, id, None, "admin-question-new-title", &Values::posted(&form.pairs)).await
}

async fn save_question(
    admin: Admin,
    Path((_, id, name)): Path<(String, ServiceId, String)>,
    form: ProtectedForm,
) -> Answer {
    put_question(&admin, id, Some(&name), "admin-question-edit-title", &Values::posted(&form.pairs)).await
}

async fn put_question(
    admin: &Admin,
    id: ServiceId,
    name: Option<&str>,
    title: &str,
    values: &Values,
) -> Answer {
    let mut tx = admin.begin().await?;
    let service = agenda::store::service(&mut tx, admin.entity.id, id).await?;
    let definition = current(&mut tx, admin.entity.id, id).await?;
    let done = match questions::with_question(definition.schema(), name, values) {
        Ok(schema) => saving::form_draft(&mut tx, &admin.author(), id, schema).await,
        Err(error) => Err(error),
    };
    let to = at(admin, id, "");
    admin.finish(tx, done, to, |errors| question_view(admin, &service, title, values, errors)).await
}

async fn change_question(
    admin: Admin,
    Path((_, id, name, step)): Path<(String, ServiceId, String, String)>,
    _: ProtectedForm,
) -> Answer {
    let mut tx = admin.begin().await?;
    let definition = current(&mut tx, admin.entity.id, id).await?;
    let schema = match step.as_str() {
        "su" => questions::moved(&definition, &name, true),
        "giu" => questions::moved(&definition, &name, false),
        "togli" => questions::without(&definition, &name),
        _ => return Err(Error::NotFound("page").into()),
    };
    saving::form_draft(&mut tx, &admin.author(), id, schema).await?;
    tx.commit().await?;
    redirect(at(&admin, id, ""))
}

fn schema_view(admin: &Admin, service: &Service, values: &Values, errors: Vec<FieldError>) -> Answer {
    let form = Form::new(admin.t, "schema", values).area("definition").back(at(admin, service.id, ""));
    Console::new(page(admin, service, "admin-schema-title", "schema").errors(errors)).form(form).answer()
}

async fn schema(admin: Admin, Path((_, id)): Path<(String, ServiceId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let service = agenda::store::service(&mut tx, admin.entity.id, id).await?;
    let definition = current(&mut tx, admin.entity.id, id).await?;
    let values = Values::default().with("definition", format!("{:#}", definition.schema()));
    schema_view(&admin, &service, &values, Vec::new())
}

async fn save_schema(admin: Admin, Path((_, id)): Path<(String, ServiceId)>, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let mut tx = admin.begin().await?;
    let service = agenda::store::service(&mut tx, admin.entity.id, id).await?;
    let done = match serde_json::from_str::<Value>(values.get("definition")) {
        Ok(schema) => saving::form_draft(&mut tx, &admin.author(), id, schema).await,
        Err(error) => Err(Error::Invalid(vec![FieldError::new("definition", "not_json").with_detail(error)])),
    };
    // The text is one field: which question is meant stands beside what is wrong with it.
    let done = done.map_err(|error| match error {
        Error::Invalid(errors) => Error::Invalid(errors.into_iter().map(in_the_text).collect()),
        other => other,
    });
    let to = at(&admin, id, "");
    admin.finish(tx, done, to, |errors| schema_view(&admin, &service, &values, errors)).await
}

fn in_the_text(error: FieldError) -> FieldError {
    let detail = error.detail.clone().unwrap_or_else(|| error.field.clone());
    FieldError::new("definition", error.code).with_detail(detail)
}

#[derive(Template)]
#[template(path = "admin/form_preview.html", config = ".askama.toml")]
struct FormPreview {
    page: Page,
    fields: Vec<Field>,
    back: String,
}

/// A question as the citizen sees it.
fn shown(field: forms::Field) -> Field {
    let ticks = || field.options.iter().map(|(value, text)| (value.clone(), text.clone(), false)).collect();
    let control = match field.kind {
        FieldKind::Line => Control::Line("text"),
        FieldKind::Email => Control::Line("email"),
        FieldKind::Date => Control::Line("date"),
        FieldKind::Number => Control::Line("number"),
        FieldKind::Paragraph => Control::Area,
        FieldKind::Tick => Control::Tick(false),
        FieldKind::Radio => Control::Radios(field.options.clone()),
        FieldKind::Select => Control::Select(field.options.clone(), " ".to_owned()),
        FieldKind::Ticks => Control::Ticks(ticks()),
    };
    let forms::Field { name, label, help, required, .. } = field;
    Field { name: format!("f.{name}"), label, help, required, value: String::new(), control }
}

async fn preview(admin: Admin, Path((_, id)): Path<(String, ServiceId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let service = agenda::store::service(&mut tx, admin.entity.id, id).await?;
    let definition = current(&mut tx, admin.entity.id, id).await?;
    let fields = forms::fields(&definition, admin.t.code()).into_iter().map(shown).collect();
    let page = page(&admin, &service, "admin-form-preview-title", "form-preview");
    render(&FormPreview { page, fields, back: at(&admin, id, "") })
}

async fn publish(admin: Admin, Path((_, id)): Path<(String, ServiceId)>, _: ProtectedForm) -> Answer {
    let mut tx = admin.begin().await?;
    let draft =
        forms::draft(&mut tx, admin.entity.id, id).await?.ok_or(Error::Refused("nothing_to_publish"))?;
    saving::form_published(&mut tx, &admin.author(), &draft).await?;
    tx.commit().await?;
    redirect_done(at(&admin, id, ""), "published")
}
