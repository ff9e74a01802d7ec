//! API clients: other programs of the entity. A secret is shown once, on the page that answers its making.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;

use super::Admin;
use super::blocks::{Block, Console, Form, Row, Table};
use super::values::{Reader, Values};
use crate::app::App;
use crate::audit::Change;
use crate::error::{Error, FieldError, Result};
use crate::identity::api::{self, Client, Scope};
use crate::identity::store;
use crate::web::form::ProtectedForm;
use crate::web::frame::Answer;

const SECTION: (&str, &str) = ("programmi", "admin-console-clients");

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/programmi", get(list))
        .route("/{entity}/amministrazione/programmi/nuovo", get(new).post(create))
        .route("/{entity}/amministrazione/programmi/{id}", get(edit).post(save))
}

fn scopes(admin: &Admin) -> Vec<(String, String)> {
    let named = |scope: Scope| admin.text(&format!("admin-scope-{}", scope.as_str().replace(':', "-")));
    Scope::ALL.into_iter().map(|scope| (scope.as_str().to_owned(), named(scope))).collect()
}

async fn list(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let clients = store::clients(&mut tx, admin.entity.id).await?;
    let rows = clients.iter().map(|client| {
        let scopes: Vec<_> = client.scopes.iter().map(|scope| scope.as_str()).collect();
        Row::default()
            .link(&client.name, admin.console(format_args!("programmi/{}", client.id)))
            .text(&client.id)
            .text(scopes.join(", "))
            .active(admin.t, client.active)
    });
    let table = Table::new(admin.t, "clients", &["name", "id", "scopes", "state"]).rows(rows);
    Console::new(admin.section("clients"))
        .link(admin.console("programmi/nuovo"), "admin-clients-new")
        .table(table)
        .answer()
}

fn values(client: &Client) -> Values {
    let values = Values::default().with("name", &client.name).ticked("active", client.active);
    client.scopes.iter().fold(values, |values, scope| values.with("scopes", scope.as_str()))
}

fn read(values: &Values, admin: &Admin, former: Option<&Client>) -> Result<Client> {
    let mut reader = Reader::new(values);
    let scopes: Vec<_> = values.all("scopes").filter_map(Scope::from_name).collect();
    if scopes.is_empty() {
        reader.refuse("scopes", "required");
    }
    let client = Client {
        id: former.map_or_else(|| values.get("client_id").to_owned(), |former| former.id.clone()),
        name: reader.required("name", 140),
        scopes,
        active: former.is_none() || values.is_ticked("active"),
        created_at: former.map_or(admin.now, |former| former.created_at),
    };
    reader.finish(client)
}

fn view(admin: &Admin, former: Option<&Client>, values: &Values, errors: Vec<FieldError>) -> Answer {
    let mut form = Form::new(admin.t, "client", values).required("name");
    if former.is_none() {
        form = form.required("client_id");
    }
    form = form.ticks("scopes", scopes(admin));
    if former.is_some() {
        form = form.tick("active");
    }
    let title = former.map_or_else(|| admin.text("admin-clients-new"), |former| former.name.clone());
    let page = admin.below(SECTION, title, "client").errors(errors);
    Console::new(page).form(form.back(admin.console("programmi"))).answer()
}

async fn new(admin: Admin) -> Answer {
    view(&admin, None, &Values::default(), Vec::new())
}

async fn create(admin: Admin, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let mut tx = admin.begin().await?;
    let made = match read(&values, &admin, None) {
        Ok(client) => {
            let secret = api::register(&mut tx, admin.entity.id, &client, &admin.actor(), admin.now).await;
            secret.map(|secret| (client, secret))
        }
        Err(error) => Err(error),
    };
    let (client, secret) = match made {
        Ok(made) => made,
        Err(Error::Invalid(errors)) => return view(&admin, None, &values, errors),
        Err(error) => return Err(error.into()),
    };
    tx.commit().await?;
    let said = format!("client_id      {}\nclient_secret  {secret}", client.id);
    let base_url = &admin.app.config.server.base_url;
    let address = format!("{base_url}/api/v1/entities/{}/token", admin.entity.slug);
    Console::new(admin.below(SECTION, client.name, "client-made"))
        .with(Block::Alert("warning", admin.text("admin-client-once")))
        .with(Block::Code(format!("{said}\ntoken_url      {address}")))
        .link(admin.console("programmi"), "admin-client-noted")
        .answer()
}

async fn known(admin: &Admin, id: &str) -> Result<Client> {
    let mut tx = admin.begin().await?;
    let clients = store::clients(&mut tx, admin.entity.id).await?;
    clients.into_iter().find(|client| client.id == id).ok_or(Error::NotFound("client"))
}

async fn edit(admin: Admin, Path((_, id)): Path<(String, String)>) -> Answer {
    let client = known(&admin, &id).await?;
    view(&admin, Some(&client), &values(&client), Vec::new())
}

async fn save(admin: Admin, Path((_, id)): Path<(String, String)>, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let former = known(&admin, &id).await?;
    let said = |c: &Client| serde_json::json!({"name": c.name, "scopes": c.scopes, "active": c.active});
    let mut tx = admin.begin().await?;
    let done = match read(&values, &admin, Some(&former)) {
        Ok(client) => {
            store::update_client(&mut tx, admin.entity.id, &client).await?;
            let change =
                Change::of("client.saved", "api_client", &id).before(said(&former)).after(said(&client));
            admin.author().record(&mut tx, change).await
        }
        Err(error) => Err(error),
    };
    let to = admin.console("programmi");
    admin.finish(tx, done, to, |errors| view(&admin, Some(&former), &values, errors)).await
}
