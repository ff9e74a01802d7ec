//! A Comune that issues identity cards, and the platform it is paid through.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::json;
use sportello::agenda::booking::{self, Booked};
use sportello::agenda::{self, Appointment, Audience, Channel, Holder, State};
use sportello::audit::Actor;
use sportello::entity::{self, Entity, Kind, MailSettings, MailTls, PagopaSettings};
use sportello::ids::{AppointmentId, CalendarId, CounterId, DebtPositionId, OccupationId, ServiceId, SiteId};
use sportello::money::Cents;
use sportello::payments::chapters::{self, ChapterKind, NewAssessment, NewChapter};
use sportello::payments::definition::{self, NewItem, NewTariff};
use sportello::payments::{self, DebtPosition, Quote};
use sportello::text::Text;
use sportello::{App, Result};
use sportello_pagopa::notice::Nav;
use sportello_pagopa::simulator::{Organization, PSPS, Settings, Simulator};
use sportello_pagopa::station::{
    self, Destination, Outcome, Receipt, ReceiptTransfer, SendRt, Subject, SubjectKind, send_rt_v2_xml,
};
use sportello_pagopa::wire::Moment;
use sqlx::AssertSqlSafe;
use url::Url;

use crate::support::TestDb;

pub const IBAN: &str = "IT60X0542811101000000123456";
pub const CREDITOR: &str = "00162210348";
pub const CODE: &str = "9/0104100TS/";
pub const CITIZEN: &str = "RSSMRA80A01H501U";
const KEY: &str = "platform-key";
const BROKER: &str = "00162210348";
const STATION: &str = "00162210348_01";

pub const TAXONOMY: &str = "\
dati_specifici_di_incasso;tipo_ente_creditore;nome_macro_area;descrizione_macro_area;tipo_servizio;\
descrizione_tipo_servizio;versione_tassonomia;data_inizio_validita;data_fine_validita;combinazione_topic_subtopic
9/0104100TS/;Comune;Anagrafe;Servizi anagrafici;Carta d'identità elettronica;Rilascio CIE;47;01/01/2021;31/12/2080;
9/0104103SP/;Comune;Anagrafe;Servizi anagrafici;Diritti di segreteria;Certificati;47;01/01/2021;31/12/2080;
9/0105118TS/;Comune;Edilizia;Edilizia;Vecchia voce;Scaduta;47;01/01/2021;01/02/2024;
9/0708107AP/;Ministero;Interno;Interno;CIE dello Stato;CIE;47;01/01/2021;31/12/2080;
";

/// The Comune, its service, and the platform.
pub struct World {
    pub db: TestDb,
    pub app: App,
    pub entity: Entity,
    pub service: ServiceId,
    pub platform: Simulator,
    pub settings: PagopaSettings,
    pub site: SiteId,
    counter: CounterId,
}

impl World {
    /// With a tariff of 22,21 €, paid in advance, over three chapters of 2027.
    pub async fn new() -> Self {
        let world = Self::without_tariff().await;
        world.define(&world.tariff()).await.unwrap();
        world
    }

    /// With chapters and taxonomy, before any tariff.
    pub async fn without_tariff() -> Self {
        let db = TestDb::new().await;
        let app = db.app.clone();
        let entity = db.entity("esempio", CREDITOR).await;
        let (platform, settings) = serve(&app, &entity).await;
        let world = Self {
            service: ServiceId::new(),
            site: SiteId::new(),
            counter: CounterId::new(),
            db,
            app,
            entity,
            platform,
            settings,
        };
        world.connect(KEY).await;
        world.open_site().await;
        world.keep_accounts().await;
        world
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    /// Sets the integration, with this key for all services.
    pub async fn connect(&self, key: &str) {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        let now = self.now();
        let (entity, keys) = (self.entity.id, &self.app.keys);
        entity::store::put_integration(&mut tx, entity, Kind::Pagopa, true, &self.settings, now)
            .await
            .unwrap();
        for name in Kind::Pagopa.secrets() {
            entity::store::put_secret(&mut tx, keys, entity, name, &SecretString::from(key), now)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn open_site(&self) {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        let calendar = CalendarId::new();
        for (statement, id) in [
            ("insert into site (entity_id, site_id, slug, name, address) values ($1, $2, 'sede', 'Sede', 'Via Roma')", self.site.0),
            ("insert into calendar (entity_id, calendar_id, name, step_minutes, lead_minutes, horizon_days)
              values ($1, $2, 'Mattina', 15, 0, 60)", calendar.0),
            ("insert into service (entity_id, service_id, slug, name, duration_minutes)
              values ($1, $2, 'cie', '{\"it\": \"Carta d''identità elettronica\"}', 15)", self.service.0),
        ] {
            sqlx::query(statement).bind(self.entity.id.0).bind(id).execute(&mut *tx).await.unwrap();
        }
        sqlx::query("insert into counter (entity_id, counter_id, site_id, calendar_id, name) values ($1, $2, $3, $4, 'A')")
            .bind(self.entity.id.0)
            .bind(self.counter.0)
            .bind(self.site.0)
            .bind(calendar.0)
            .execute(&mut *tx)
            .await
            .unwrap();
        sqlx::query("insert into service_counter (entity_id, service_id, counter_id) values ($1, $2, $3)")
            .bind(self.entity.id.0)
            .bind(self.service.0)
            .bind(self.counter.0)
            .execute(&mut *tx)
            .await
            .unwrap();
        sqlx::query(
            "insert into calendar_rule (entity_id, calendar_rule_id, calendar_id, weekday, opens, closes, valid_from)
             select $1, gen_random_uuid(), $2, day, '00:00', '23:45', '2027-01-01' from generate_series(1, 7) day",
        )
        .bind(self.entity.id.0)
        .bind(calendar.0)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Gives the time of an expired appointment to somebody else.
    pub async fn give_away(&self, appointment: &Appointment) {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        sqlx::query(
            "insert into occupation (entity_id, occupation_id, counter_id, during, kind)
             values ($1, $2, $3, tstzrange($4, $5), 'cooling')",
        )
        .bind(self.entity.id.0)
        .bind(OccupationId::new().0)
        .bind(self.counter.0)
        .bind(appointment.starts_at)
        .bind(appointment.busy_until)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Lets citizens book without logging in.
    pub async fn admit_guests(&self) {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        sqlx::query("update service set minimum_level = 0").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Frees what has passed its deadline.
    pub async fn sweep(&self) {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        booking::sweep(&mut tx, &self.entity, self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// An appointment that was paid when its time was somebody else's already.
    pub async fn paid_too_late(&self, n: i64) -> (Appointment, DebtPosition) {
        let (appointment, position) = self.published(n).await;
        self.db.advance(TimeDelta::hours(2));
        self.sweep().await;
        self.give_away(&appointment).await;
        self.pay(&position).await.unwrap();
        (self.appointment_now(appointment.id).await, self.position(position.id).await)
    }

    /// An appointment as it stands.
    pub async fn appointment_now(&self, id: AppointmentId) -> Appointment {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        agenda::store::appointment(&mut tx, self.entity.id, id).await.unwrap()
    }

    /// The latest position of an appointment.
    pub async fn owed(&self, id: AppointmentId) -> DebtPosition {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        payments::of_appointment(&mut tx, self.entity.id, id).await.unwrap().unwrap().position
    }

    /// Moves an appointment, as the citizen or an operator does.
    pub async fn move_to(&self, id: AppointmentId, start: &str, audience: Audience) -> Result<Appointment> {
        let mut tx = self.app.db.begin(self.entity.id).await?;
        let to = (self.site, start.parse().unwrap());
        let by = (&Actor::System, audience);
        let moved = booking::move_to(&mut tx, &self.entity, id, to, by, self.now()).await?;
        tx.commit().await?;
        Ok(moved)
    }

    /// Confirms, as the summary does.
    pub async fn confirm(&self, id: AppointmentId) -> Result<Booked> {
        let mut tx = self.app.db.begin(self.entity.id).await?;
        let booked = booking::confirm(&mut tx, &self.entity, id, &Actor::System, self.now()).await?;
        tx.commit().await?;
        Ok(booked)
    }

    /// Writes to citizens by mail.
    pub async fn use_mail(&self) {
        let settings = MailSettings {
            host: "127.0.0.1".into(),
            port: 1025,
            tls: MailTls::None,
            username: String::new(),
            from: "comune@example.it".into(),
            reply_to: String::new(),
        };
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        entity::store::put_integration(&mut tx, self.entity.id, Kind::Mail, true, &settings, self.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn keep_accounts(&self) {
        self.db.import_taxonomy(TAXONOMY).await;
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        for (code, kind) in
            [("3010", ChapterKind::Own), ("3011", ChapterKind::Own), ("9005", ChapterKind::ThirdParty)]
        {
            let chapter = NewChapter {
                year: 2027,
                code: code.into(),
                article: "1".into(),
                description: format!("Capitolo {code}"),
                pdc: "E.3.01.02.01.032".into(),
                siope: String::new(),
                kind,
            };
            let (actor, now) = (Actor::System, self.now());
            let id = chapters::put_chapter(&mut tx, self.entity.id, &chapter, &actor, now).await.unwrap();
            let assessment = NewAssessment {
                chapter: id,
                year: 2027,
                number: format!("{code}/0"),
                description: String::new(),
            };
            chapters::put_assessment(&mut tx, self.entity.id, &assessment, &actor, now).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// The identity card's tariff: the State's share, the fixed right, the secretarial right.
    pub fn tariff(&self) -> NewTariff {
        let share =
            |code: &str, amount: i64| json!({"chapter_code": code, "chapter_article": "1", "amount": amount});
        let item: NewItem = serde_json::from_value(json!({
            "description": {"it": "Carta d'identità elettronica"}, "taxonomy": CODE,
            "shares": [share("9005", 1679), share("3010", 516), share("3011", 26)],
        }))
        .unwrap();
        NewTariff {
            service: self.service,
            valid_from: "2027-01-11".parse().unwrap(),
            in_advance: true,
            hold_minutes: 60,
            due_days: 30,
            items: vec![item],
        }
    }

    /// From a day on: so much on weekdays and another amount on Saturdays; on Sundays it costs nothing.
    pub fn tariff_by_day(&self, valid_from: &str, weekday: Cents, saturday: Cents) -> NewTariff {
        let line = |weekdays: &[u8], amount: Cents| -> NewItem {
            let share = json!({"chapter_code": "3010", "chapter_article": "1", "amount": amount});
            let item = json!({"description": {"it": "Sala"}, "taxonomy": CODE, "conditions": {"weekdays": weekdays},
                "shares": [share]});
            serde_json::from_value(item).unwrap()
        };
        let items = vec![line(&[1, 2, 3, 4, 5], weekday), line(&[6], saturday)];
        NewTariff { valid_from: valid_from.parse().unwrap(), items, ..self.tariff() }
    }

    pub async fn define(&self, tariff: &NewTariff) -> Result<()> {
        let mut tx = self.app.db.begin(self.entity.id).await?;
        definition::define(&mut tx, &self.entity, tariff, &Actor::System, self.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    pub async fn quote(&self) -> Quote {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        let starts_at = self.now() + TimeDelta::days(1);
        let (zone, answers) = (self.entity.time_zone, json!({}));
        payments::quote(&mut tx, &self.entity, self.service, starts_at, zone, &answers, self.now())
            .await
            .unwrap()
    }

    /// An appointment that waits for its payment: the `n`-th quarter of an hour from tomorrow on.
    pub async fn appointment(&self, n: i64) -> Appointment {
        let tomorrow: DateTime<Utc> = "2027-01-12T07:00:00Z".parse().unwrap();
        let starts_at = tomorrow + TimeDelta::minutes(15 * n);
        let appointment = Appointment {
            id: AppointmentId::new(),
            code: format!("{n:08}"),
            service: self.service,
            site: self.site,
            counter: self.counter,
            starts_at,
            ends_at: starts_at + TimeDelta::minutes(15),
            busy_until: starts_at + TimeDelta::minutes(15),
            state: State::AwaitingPayment,
            expires_at: Some(self.now() + TimeDelta::hours(1)),
            session: None,
            holder: Holder {
                given_name: "Maria".into(),
                family_name: "Rossi".into(),
                fiscal_code: Some(CITIZEN.into()),
                email: "maria@example.it".into(),
                phone: String::new(),
                verified: true,
            },
            language: "it".into(),
            reason: String::new(),
            details: String::new(),
            form: None,
            answers: json!({}),
            channel: Channel::Web,
            sequence: 0,
            notes: String::new(),
            serving_counter: None,
            arrived_at: None,
            called_at: None,
            closed_at: None,
            cancel_reason: String::new(),
            created_at: self.now(),
        };
        self.keep(&appointment).await;
        appointment
    }

    async fn keep(&self, appointment: &Appointment) {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        sqlx::query(
            "insert into appointment (entity_id, appointment_id, code, service_id, site_id, counter_id, starts_at, ends_at,
                busy_until, state, expires_at, holder_given_name, holder_family_name, holder_fiscal_code, holder_email, channel, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'awaiting_payment', $10, 'Maria', 'Rossi', $11, 'maria@example.it', 'web', $12)",
        )
        .bind(self.entity.id.0)
        .bind(appointment.id.0)
        .bind(&appointment.code)
        .bind(self.service.0)
        .bind(self.site.0)
        .bind(self.counter.0)
        .bind(appointment.starts_at)
        .bind(appointment.ends_at)
        .bind(appointment.busy_until)
        .bind(appointment.expires_at)
        .bind(CITIZEN)
        .bind(appointment.created_at)
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "insert into occupation (entity_id, occupation_id, counter_id, during, kind, appointment_id, expires_at)
             values ($1, $2, $3, tstzrange($4, $5), 'appointment', $6, $7)",
        )
        .bind(self.entity.id.0)
        .bind(OccupationId::new().0)
        .bind(self.counter.0)
        .bind(appointment.starts_at)
        .bind(appointment.busy_until)
        .bind(appointment.id.0)
        .bind(appointment.expires_at)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Issues what is owed for an appointment.
    pub async fn issue(&self, appointment: &Appointment) -> Result<DebtPosition> {
        let quote = self.quote().await;
        let mut tx = self.app.db.begin(self.entity.id).await?;
        let name = Text::italian("Carta d'identità elettronica");
        let position = payments::issue(&mut tx, &self.entity, appointment, &name, &quote, self.now()).await?;
        tx.commit().await?;
        Ok(position)
    }

    /// An appointment with what is owed for it, on the platform.
    pub async fn published(&self, n: i64) -> (Appointment, DebtPosition) {
        let appointment = self.appointment(n).await;
        let position = self.issue(&appointment).await.unwrap();
        payments::publish(&self.app, self.entity.id, position.id).await.unwrap();
        (appointment, self.position(position.id).await)
    }

    pub async fn cancel(&self, appointment: AppointmentId) {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        payments::cancel_of(&mut tx, self.entity.id, appointment, self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn position(&self, id: DebtPositionId) -> DebtPosition {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        payments::position::by_id(&mut tx, self.entity.id, id).await.unwrap().position
    }

    /// Pays at the simulated platform, which delivers the receipt at once.
    pub async fn pay(
        &self,
        position: &DebtPosition,
    ) -> std::result::Result<String, sportello_pagopa::simulator::NotPayable> {
        let nav: Nav = position.nav.parse().unwrap();
        self.platform.pay(CREDITOR, nav, &PSPS[0]).await
    }

    /// One number the database answers.
    pub async fn count(&self, query: &str) -> i64 {
        let mut tx = self.app.db.begin(self.entity.id).await.unwrap();
        sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut *tx).await.unwrap()
    }

    /// A delivery made by hand.
    pub fn delivery(&self, nav: &str, iur: &str, cents: i64) -> SendRt {
        SendRt {
            id_pa: CREDITOR.into(),
            id_broker_pa: BROKER.into(),
            id_station: STATION.into(),
            receipt: Receipt {
                receipt_id: iur.into(),
                notice_number: nav.into(),
                fiscal_code: CREDITOR.into(),
                outcome: Outcome::Ok,
                creditor_reference_id: nav[1..].into(),
                payment_amount_cents: cents,
                description: "Carta d'identità".into(),
                company_name: "Comune di esempio".into(),
                office_name: None,
                debtor: Subject {
                    kind: SubjectKind::Person,
                    identifier: CITIZEN.into(),
                    full_name: "Maria Rossi".into(),
                    street_name: None,
                    civic_number: None,
                    postal_code: None,
                    city: None,
                    province: None,
                    country: None,
                    email: None,
                },
                transfers: vec![ReceiptTransfer {
                    index: 1,
                    amount_cents: cents,
                    fiscal_code_pa: CREDITOR.into(),
                    company_name: None,
                    destination: Destination::Iban(IBAN.into()),
                    remittance_information: "CIE".into(),
                    transfer_category: CODE.into(),
                    metadata: Vec::new(),
                }],
                psp: station::Psp {
                    id: "ABI99901".into(),
                    fiscal_code: Some("99999000011".into()),
                    vat_number: None,
                    company_name: "Banca Simulata S.p.A.".into(),
                    channel_id: "99999000011_01".into(),
                    channel_description: "WISP".into(),
                },
                payer: None,
                payment_method: Some("CP".into()),
                payment_note: None,
                fee_cents: None,
                primary_ci_incurred_fee_cents: None,
                bundle_id: None,
                ci_bundle_id: None,
                payment_date_time: Some(Moment::Local("2027-01-11T09:30:00".parse().unwrap())),
                application_date: None,
                transfer_date: None,
                metadata: Vec::new(),
                stand_in: false,
            },
        }
    }

    /// Posts a delivery to the station, and gives the answer.
    pub async fn deliver(&self, delivery: &SendRt) -> String {
        payments::receive(&self.app, send_rt_v2_xml(delivery).as_bytes()).await.xml
    }
}

/// The platform and our station, on one address.
async fn serve(app: &App, entity: &Entity) -> (Simulator, PagopaSettings) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let clock = app.clock.clone();
    let platform = Simulator::new(Settings {
        clock: Arc::new(move || clock.now()),
        ids: Arc::new(|| DebtPositionId::new().0),
        http: app.http.clone(),
        public_base_url: base.clone(),
        station_url: base.join("pagopa/paForNode").unwrap(),
        station_headers: http::HeaderMap::new(),
        broker_fiscal_code: BROKER.into(),
        station_id: STATION.into(),
        subscription_key: SecretString::from(KEY),
        organizations: vec![Organization {
            fiscal_code: entity.fiscal_code.clone(),
            name: entity.name.clone(),
            ibans: vec![IBAN.into()],
        }],
        taxonomy_csv: TAXONOMY.into(),
    });
    let station = Router::new().route("/pagopa/paForNode", post(answer)).with_state(app.clone());
    let router = platform.router().merge(station);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let url = |path: &str| base.join(path).unwrap().to_string();
    let settings = PagopaSettings {
        gpd_url: url("gpd/debt-positions-service/v1"),
        checkout_url: url("checkout/ec/v2"),
        fdr_url: url("fdr-org/service/v1"),
        broker: BROKER.into(),
        station: STATION.into(),
        segregation: 1,
        iban: IBAN.into(),
        cbill: "ABCDE".into(),
    };
    (platform, settings)
}

async fn answer(Shared(app): Shared<App>, body: Bytes) -> (StatusCode, String) {
    let answer = payments::receive(&app, &body).await;
    (StatusCode::from_u16(answer.status).unwrap(), answer.xml)
}

/// What a position costs here.
pub const PRICE: Cents = Cents(2221);
