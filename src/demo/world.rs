//! The demonstration's world: the service with its worker, and around it the simulators of every outside system, each
//! on an address of its own and speaking its real protocol. Tests of the whole story live in it too.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use sportello_app_io::simulator as io_simulator;
use sportello_pagopa::simulator as platform;
use sportello_spid_cie::FiscalCode;
use sportello_spid_cie::simulator as provider;
use sportello_treasury::simulator::{Credit, EntityData, Entry, Treasurer};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::mail::MailCatcher;
use crate::agenda::{holidays, zone};
use crate::app::App;
use crate::clock::Clock;
use crate::commands::serve;
use crate::config::Config;
use crate::db::{self, Db};
use crate::entity::template::{Loaded, Template};
use crate::entity::{AppIoSettings, Entity, Kind, MailSettings, MailTls, PagopaSettings, store};
use crate::error::Result;
use crate::identity::login::{LoginSettings, NamedProvider};
use crate::jobs::{self, worker};
use crate::payments::taxonomy;
use crate::secrets::{MasterKeys, random_token};
use crate::web::station;

/// Any failure on the way up; the demonstration tells it and ends.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

const CLIENT: &str = "sportello";
const STATION: &str = "80001230541_01";
const IBAN: &str = "IT90N0200803027000123456789";
/// When the simulated platform looks for receipts that are due.
const PLATFORM_TICK: Duration = Duration::from_secs(5);

/// Where everything is. Each simulator has a port of its own, as the real systems have hosts of their own.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The service.
    pub service: String,
    /// The page that explains the demonstration and moves its clock.
    pub guide: String,
    /// The login providers, under `/spid`, `/cie` and `/personale`.
    pub identity: String,
    /// pagoPA.
    pub platform: String,
    /// App IO.
    pub app_io: String,
    /// The caught mail.
    pub mail: String,
}

/// The sockets, open before anything starts, so that every address is known.
#[derive(Debug)]
pub struct Sockets {
    service: TcpListener,
    guide: TcpListener,
    identity: TcpListener,
    platform: TcpListener,
    app_io: TcpListener,
    mail: TcpListener,
}

impl Sockets {
    /// On `first` and the ports after it; 0: wherever there is room.
    pub async fn bind(first: u16) -> io::Result<Self> {
        let bind = async |offset: u16| {
            let port = if first == 0 { 0 } else { first + offset };
            TcpListener::bind(("127.0.0.1", port))
                .await
                .map_err(|e| io::Error::new(e.kind(), format!("127.0.0.1:{port}: {e}")))
        };
        Ok(Self {
            service: bind(0).await?,
            guide: bind(1).await?,
            identity: bind(2).await?,
            platform: bind(3).await?,
            app_io: bind(4).await?,
            mail: bind(5).await?,
        })
    }

    fn addresses(&self) -> io::Result<Addresses> {
        let url = |socket: &TcpListener| Ok::<_, io::Error>(format!("http://{}", socket.local_addr()?));
        Ok(Addresses {
            service: url(&self.service)?,
            guide: url(&self.guide)?,
            identity: url(&self.identity)?,
            platform: url(&self.platform)?,
            app_io: url(&self.app_io)?,
            mail: url(&self.mail)?,
        })
    }
}

/// An invented citizen.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citizen {
    /// Tells them apart at the provider; empty for who only books.
    #[serde(default)]
    pub login: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// E-mail address.
    pub email: String,
    /// Telephone.
    #[serde(default)]
    pub phone: String,
    /// Whether App IO knows them.
    #[serde(default)]
    pub on_io: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    citizen: Vec<Citizen>,
    resident: Vec<Citizen>,
}

/// The running world. Clones are the same world.
#[derive(Clone)]
pub struct World {
    /// The service's means: its clock moves everything.
    pub app: App,
    /// The sample Comune.
    pub entity: Entity,
    /// The citizens who can log in.
    pub citizens: Vec<Citizen>,
    /// The others, who book like anybody.
    pub residents: Vec<Citizen>,
    /// Where everything is.
    pub addresses: Addresses,
    /// The secrets of the Comune's API clients.
    pub client_secrets: BTreeMap<String, String>,
    /// The simulated platform.
    pub platform: platform::Simulator,
    /// The simulated App IO.
    pub app_io: io_simulator::Simulator,
    /// The caught mail.
    pub mail: MailCatcher,
    treasury: Arc<Mutex<Treasury>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// The treasurer, and the journals written so far.
struct Treasury {
    treasurer: Treasurer,
    entries: u64,
    journals: BTreeMap<NaiveDate, Vec<String>>,
}

impl World {
    /// Starts everything: migrates the database (as its owner), loads the sample Comune of `folder`, wires its
    /// integrations to the simulators, serves. The clock is set to a working morning.
    pub async fn start(
        mut config: Config,
        database: PgConnectOptions,
        sockets: Sockets,
        folder: &Path,
    ) -> std::result::Result<Self, Failure> {
        let addresses = sockets.addresses()?;
        config.server.base_url.clone_from(&addresses.service);
        let secrets = Secrets::fresh();
        config.pagopa.station_secret.clone_from(&secrets.station);
        let keys = MasterKeys::parse(&SecretString::from(fresh_master_key()))?;
        db::migrate(&database).await?;
        let clock = Clock::default();
        set_to_working_morning(&clock);
        let app =
            App::new(Db::connect(database.clone(), config.database.connections_max), clock, config, keys);

        let people: People = toml::from_str(&std::fs::read_to_string(folder.join("people.toml"))?)?;
        let template = Template::read(&folder.join("comune.toml"))?;
        let taxonomy_csv = std::fs::read_to_string(folder.join("taxonomy.csv"))?;
        let mut owner = database.connect().await?;
        taxonomy::import(&mut owner, &taxonomy::read_file(&taxonomy_csv)?).await?;
        let Loaded { entity, client_secrets } = template.create(&mut owner, app.clock.now()).await?;
        owner.close().await?;

        let (smtp, mail) = MailCatcher::start(([127, 0, 0, 1], 0).into()).await?;
        configure(&app, &entity, &addresses, smtp.port(), &secrets).await?;

        let (platform, app_io) = (
            platform::Simulator::new(platform_settings(&app, &entity, &addresses, &secrets, taxonomy_csv)?),
            app_io(&app, &entity, &people.citizen, &secrets)?,
        );
        let world = Self {
            treasury: Arc::new(Mutex::new(Treasury {
                treasurer: Treasurer::new(treasurer_data(&entity), 41_350_000),
                entries: 0,
                journals: BTreeMap::new(),
            })),
            app,
            entity,
            citizens: people.citizen,
            residents: people.resident,
            addresses,
            client_secrets,
            platform,
            app_io,
            mail,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let staff = staff(&world.app, &world.entity).await?;
        world.serve(sockets, staff, &secrets)?;
        Ok(world)
    }

    fn serve(
        &self,
        sockets: Sockets,
        staff: Vec<provider::User>,
        secrets: &Secrets,
    ) -> std::result::Result<(), Failure> {
        let identity = self.identity(staff, secrets)?;
        self.run(serve::serve_on(sockets.service, self.app.clone(), self.stop.clone()));
        let worker = worker::run(self.app.clone(), self.stop.clone());
        self.run(async move {
            worker.await;
            Ok(())
        });
        self.run(self.clone().serve_router(sockets.identity, identity));
        self.run(self.clone().serve_router(sockets.platform, self.platform.router()));
        self.run(self.clone().serve_router(sockets.app_io, self.app_io.router()));
        self.run(self.clone().serve_router(sockets.mail, self.mail.router()));
        self.run(self.clone().serve_router(sockets.guide, super::guide::router(self.clone())));
        let (platform, stop) = (self.platform.clone(), self.stop.clone());
        self.run(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = platform.run(PLATFORM_TICK) => {}
            }
            Ok(())
        });
        Ok(())
    }

    fn run(&self, part: impl Future<Output = std::result::Result<(), Failure>> + Send + 'static) {
        self.tasks.spawn(async move {
            if let Err(error) = part.await {
                tracing::error!(%error, "a part of the demonstration ended");
            }
        });
    }

    async fn serve_router(self, socket: TcpListener, router: Router) -> std::result::Result<(), Failure> {
        axum::serve(socket, router).with_graceful_shutdown(self.stop.cancelled_owned()).await?;
        Ok(())
    }

    fn identity(
        &self,
        staff: Vec<provider::User>,
        secrets: &Secrets,
    ) -> std::result::Result<Router, Failure> {
        let citizens =
            self.citizens.iter().map(citizen_at_provider).collect::<std::result::Result<Vec<_>, _>>()?;
        let simulator = |path: &str, kind: &str, users: &[provider::User]| {
            let clock = self.app.clock.clone();
            provider::Simulator::new(provider::Settings {
                issuer: format!("{}/{path}", self.addresses.identity),
                kind: kind.to_owned(),
                clients: vec![provider::Client {
                    id: CLIENT.to_owned(),
                    secret: secrets.login.clone(),
                    redirect_uri_prefixes: vec![format!("{}/", self.addresses.service)],
                    signed_userinfo: false,
                }],
                users: users.to_vec(),
                clock: Arc::new(move || clock.now()),
            })
            .router()
        };
        Ok(Router::new()
            .nest("/spid", simulator("spid", "SPID", &citizens))
            .nest("/cie", simulator("cie", "CIE", &citizens))
            .nest("/personale", simulator("personale", "Personale del Comune", &staff)))
    }

    /// The night passes: the accounting day closes, the providers' flows and the treasurer's journal appear, and it is
    /// half past eight of the next working day. Answers the new instant.
    pub async fn next_day(&self) -> Result<DateTime<Utc>> {
        let now = self.app.clock.now();
        let today = now.with_timezone(&self.entity.time_zone).date_naive();
        let credits = self.platform.settle(platform::accounting_day(now));
        let morning = next_working_morning(today);
        let booked_on = morning.with_timezone(&self.entity.time_zone).date_naive();
        self.write_journal(booked_on, credits).await;
        self.let_jobs_end(now).await?;
        self.app.clock.advance(morning - now);
        self.platform.tick().await;
        worker::run_due(&self.app).await?;
        Ok(self.app.clock.now())
    }

    /// Waits for the jobs a worker has in hand, a while at most: over night their leases would end, and what they do be
    /// done twice.
    async fn let_jobs_end(&self, now: DateTime<Utc>) -> Result<()> {
        for _ in 0..100 {
            let mut tx = self.app.db.begin(self.entity.id).await?;
            if !jobs::store::is_any_in_hand(&mut tx, self.entity.id, now).await? {
                break;
            }
            drop(tx);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn write_journal(&self, booked_on: NaiveDate, credits: Vec<platform::CreditTransfer>) {
        let mut treasury = self.treasury.lock().await;
        let mut entries = Vec::new();
        for credit in credits.into_iter().filter(|c| c.beneficiary_fiscal_code == self.entity.fiscal_code) {
            treasury.entries += 1;
            entries.push(Entry::Credited(Credit {
                number: treasury.entries,
                amount_cents: credit.amount_cents,
                date: booked_on,
                value_date: credit.value_date,
                payer: credit.psp_name,
                remittance: credit.remittance,
                end_to_end_id: Some(credit.trn),
                instant: false,
            }));
        }
        let pages = treasury.treasurer.journal(booked_on, &entries);
        treasury.journals.insert(booked_on, pages);
    }

    /// The treasurer's journals so far: the day, and the file's pages.
    pub async fn journals(&self) -> BTreeMap<NaiveDate, Vec<String>> {
        self.treasury.lock().await.journals.clone()
    }

    /// Stops everything that was started, letting requests end.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        let _ = tokio::time::timeout(Duration::from_secs(10), self.tasks.wait()).await;
        self.app.db.close().await;
    }
}

/// The keys and passwords between the service and the simulators, fresh at every start.
struct Secrets {
    login: SecretString,
    platform: SecretString,
    station: SecretString,
    app_io: SecretString,
}

impl Secrets {
    fn fresh() -> Self {
        let secret = || SecretString::from(random_token());
        Self { login: secret(), platform: secret(), station: secret(), app_io: secret() }
    }
}

fn fresh_master_key() -> String {
    use base64::Engine as _;
    let key: [u8; 32] = crate::secrets::random();
    format!("demo:{}", base64::engine::general_purpose::STANDARD.encode(key))
}

async fn configure(
    app: &App,
    entity: &Entity,
    addresses: &Addresses,
    smtp_port: u16,
    secrets: &Secrets,
) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin(entity.id).await?;
    let provider = |key: &str, label: &str| NamedProvider {
        key: key.to_owned(),
        label: label.to_owned(),
        settings: json!({
            "issuer": format!("{}/{key}", addresses.identity),
            "client_id": CLIENT,
            "scopes": ["profile", "email"],
            "acr_values": ["https://www.spid.gov.it/SpidL2"],
        }),
    };
    let citizens = LoginSettings { providers: vec![provider("spid", "SPID"), provider("cie", "CIE")] };
    let staff = json!({
        "issuer": format!("{}/personale", addresses.identity),
        "client_id": CLIENT,
        "scopes": ["profile", "email"],
        "fiscal_code_required": false,
    });
    let pagopa = PagopaSettings {
        gpd_url: format!("{}/gpd/debt-positions-service/v1", addresses.platform),
        checkout_url: format!("{}/checkout/ec/v2", addresses.platform),
        fdr_url: format!("{}/fdr-org/service/v1", addresses.platform),
        broker: entity.fiscal_code.clone(),
        station: STATION.to_owned(),
        segregation: 1,
        iban: IBAN.to_owned(),
        cbill: "A1B2C".to_owned(),
    };
    let app_io = AppIoSettings { base_url: format!("{}/api/v1", addresses.app_io) };
    let mail = MailSettings {
        host: "127.0.0.1".to_owned(),
        port: smtp_port,
        tls: MailTls::None,
        username: String::new(),
        from: "prenotazioni@comune.montefioreumbro.example".to_owned(),
        reply_to: entity.email.clone(),
    };
    store::put_integration(&mut tx, entity.id, Kind::CitizenLogin, true, &citizens, now).await?;
    store::put_integration(&mut tx, entity.id, Kind::StaffLogin, true, &staff, now).await?;
    store::put_integration(&mut tx, entity.id, Kind::Pagopa, true, &pagopa, now).await?;
    store::put_integration(&mut tx, entity.id, Kind::AppIo, true, &app_io, now).await?;
    store::put_integration(&mut tx, entity.id, Kind::Mail, true, &mail, now).await?;
    for (name, secret) in [
        ("citizen_login.spid", &secrets.login),
        ("citizen_login.cie", &secrets.login),
        ("staff_login.client_secret", &secrets.login),
        ("pagopa.gpd_key", &secrets.platform),
        ("pagopa.checkout_key", &secrets.platform),
        ("pagopa.fdr_key", &secrets.platform),
        ("app_io.key", &secrets.app_io),
    ] {
        store::put_secret(&mut tx, &app.keys, entity.id, name, secret, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn platform_settings(
    app: &App,
    entity: &Entity,
    addresses: &Addresses,
    secrets: &Secrets,
    taxonomy_csv: String,
) -> std::result::Result<platform::Settings, Failure> {
    let clock = app.clock.clone();
    Ok(platform::Settings {
        clock: Arc::new(move || clock.now()),
        ids: Arc::new(|| crate::ids::JobId::new().0),
        http: app.http.clone(),
        public_base_url: Url::parse(&addresses.platform)?,
        station_url: Url::parse(&format!("{}{}", addresses.service, station::PATH))?,
        station_headers: HeaderMap::from_iter([(
            HeaderName::from_static(station::PROOF),
            HeaderValue::from_str(secrets.station.expose_secret())?,
        )]),
        broker_fiscal_code: entity.fiscal_code.clone(),
        station_id: STATION.to_owned(),
        subscription_key: secrets.platform.clone(),
        organizations: vec![platform::Organization {
            fiscal_code: entity.fiscal_code.clone(),
            name: entity.name.clone(),
            ibans: vec![IBAN.to_owned()],
        }],
        taxonomy_csv,
    })
}

fn app_io(
    app: &App,
    entity: &Entity,
    citizens: &[Citizen],
    secrets: &Secrets,
) -> std::result::Result<io_simulator::Simulator, Failure> {
    let citizen = |citizen: &Citizen| {
        Ok::<_, Failure>(io_simulator::Citizen {
            fiscal_code: sportello_app_io::FiscalCode::parse(&citizen.fiscal_code)?,
            name: format!("{} {}", citizen.given_name, citizen.family_name),
            presence: if citizen.on_io {
                io_simulator::Presence::OnIo
            } else {
                io_simulator::Presence::Absent
            },
            languages: vec!["it_IT".to_owned()],
        })
    };
    let settings = io_simulator::Settings {
        services: vec![io_simulator::Service {
            id: "01HSPORTELLO00000000000000".to_owned(),
            name: "Anagrafe e stato civile".to_owned(),
            institution: entity.name.clone(),
            primary_key: secrets.app_io.clone(),
            secondary_key: SecretString::from(random_token()),
            stage: io_simulator::Stage::Approved,
            max_payment_cents: 1_000_000,
        }],
        citizens: citizens.iter().map(citizen).collect::<std::result::Result<_, _>>()?,
        others: io_simulator::Presence::Absent,
        processing: TimeDelta::seconds(3),
        calls_per_window: 150,
    };
    let clock = app.clock.clone();
    Ok(io_simulator::Simulator::new(settings, Arc::new(move || clock.now())))
}

fn treasurer_data(entity: &Entity) -> EntityData {
    EntityData {
        fiscal_code: entity.fiscal_code.clone(),
        ipa: "UFMFU1".to_owned(),
        name: entity.name.clone(),
        istat: "054099001".to_owned(),
        abi: "02008".to_owned(),
        bank_entity_code: "0123456".to_owned(),
        account: "000123456789".to_owned(),
    }
}

fn citizen_at_provider(citizen: &Citizen) -> std::result::Result<provider::User, Failure> {
    Ok(provider::User {
        login: citizen.login.clone(),
        given_name: citizen.given_name.clone(),
        family_name: citizen.family_name.clone(),
        fiscal_code: Some(FiscalCode::from_str(&citizen.fiscal_code)?),
        email: Some(citizen.email.clone()),
        phone: Some(citizen.phone.clone()).filter(|phone| !phone.is_empty()),
        birthdate: None,
        level: sportello_spid_cie::Level::L2,
    })
}

/// The Comune's staff, as its own provider knows them.
async fn staff(app: &App, entity: &Entity) -> std::result::Result<Vec<provider::User>, Failure> {
    let mut tx = app.db.begin(entity.id).await?;
    let members = crate::identity::store::staff(&mut tx, entity.id).await?;
    members
        .into_iter()
        .map(|member| {
            Ok(provider::User {
                login: format!("{}.{}", member.given_name, member.family_name).to_lowercase(),
                given_name: member.given_name,
                family_name: member.family_name,
                fiscal_code: member.fiscal_code.as_deref().map(FiscalCode::from_str).transpose()?,
                email: Some(member.email),
                phone: None,
                birthdate: None,
                level: sportello_spid_cie::Level::L2,
            })
        })
        .collect()
}

/// Ten past eight of today if it is a working day, else of the next one: the hour at which an office opens.
fn set_to_working_morning(clock: &Clock) {
    let now = clock.now();
    let today = now.with_timezone(&chrono_tz::Europe::Rome).date_naive();
    let day = if is_working_day(today) { today } else { next_working_day(today) };
    clock.advance(at(day, 8, 10) - now);
}

fn next_working_morning(today: NaiveDate) -> DateTime<Utc> {
    at(next_working_day(today), 8, 30)
}

fn next_working_day(day: NaiveDate) -> NaiveDate {
    day.iter_days().skip(1).find(|day| is_working_day(*day)).unwrap_or(day)
}

fn is_working_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && holidays::holiday(day, &[]).is_none()
}

fn at(day: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    zone::instant(day, time, chrono_tz::Europe::Rome)
}

/// The folder of the sample data, beside the program's sources.
#[must_use]
pub fn sample_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo")
}
