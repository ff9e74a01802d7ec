//! An office, the App IO simulator and the catcher of mail.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use mail_parser::{Message, MessageParser};
use secrecy::SecretString;
use sportello::agenda::{self, Appointment, Audience, Outcome};
use sportello::demo::mail::MailCatcher;
use sportello::entity::{self, AppIoSettings, Kind, MailSettings, MailTls};
use sportello::ids::DebtPositionId;
use sportello::jobs::worker;
use sportello::notices::{self, Channel, Event, Notice, NoticeState};
use sportello_app_io::FiscalCode;
use sportello_app_io::simulator::{Citizen, Presence, Service, Settings, Simulator, Stage};

use crate::office::{Office, at};

pub const PRESENT: &str = "SPNDNL80R13C555X";
pub const OPTED_OUT: &str = "RSSMRA80A01H501U";
pub const ABSENT: &str = "VRDLGI75C50F205Z";
pub const EMAIL: &str = "daniela@example.it";
/// Thursday at nine in Rome; the tests begin on Monday at eight.
pub const THURSDAY: &str = "2027-01-14T08:00:00Z";

pub struct World {
    pub office: Office,
    pub io: Simulator,
    pub mail: MailCatcher,
}

impl World {
    /// An office that uses both channels.
    pub async fn new() -> Self {
        Self::around(Office::new(1, 12).await).await
    }

    /// Both channels for an office that is there already.
    pub async fn around(mut office: Office) -> Self {
        office.db.app.http = reqwest::Client::builder().timeout(Duration::from_millis(700)).build().unwrap();
        let clock = office.db.app.clock.clone();
        let io = Simulator::new(settings(), Arc::new(move || clock.now()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let io_url = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let router = io.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (smtp, mail) = MailCatcher::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let world = Self { office, io, mail };
        world.use_app_io(&io_url, "carta-primary").await;
        world.use_mail(smtp.port()).await;
        world
    }

    pub async fn use_app_io(&self, base_url: &str, key: &str) {
        let (app, id, now) = (&self.office.db.app, self.office.entity.id, self.office.now());
        let mut tx = self.office.begin().await;
        let settings = AppIoSettings { base_url: base_url.to_owned() };
        entity::store::put_integration(&mut tx, id, Kind::AppIo, true, &settings, now).await.unwrap();
        let key = SecretString::from(key);
        entity::store::put_secret(&mut tx, &app.keys, id, "app_io.key", &key, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn use_mail(&self, port: u16) {
        let mut tx = self.office.begin().await;
        let settings = MailSettings {
            host: "127.0.0.1".to_owned(),
            port,
            tls: MailTls::None,
            username: String::new(),
            from: "prenotazioni@comune.example.it".to_owned(),
            reply_to: String::new(),
        };
        let (id, now) = (self.office.entity.id, self.office.now());
        entity::store::put_integration(&mut tx, id, Kind::Mail, true, &settings, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Books and tells so, in one transaction; nothing is sent yet.
    pub async fn book(&self, fiscal_code: &str, start: &str) -> Appointment {
        let mut new = self.office.new_appointment(at(start), 1);
        new.holder.fiscal_code = Some(fiscal_code.to_owned());
        new.holder.email = EMAIL.to_owned();
        let (id, now) = (self.office.entity.id, self.office.now());
        let mut tx = self.office.begin().await;
        let placed = agenda::place(&mut tx, id, &new, Outcome::Confirmed, now).await.unwrap();
        notices::announce(&mut tx, id, placed.id, Event::Confirmed, "0", now).await.unwrap();
        tx.commit().await.unwrap();
        placed
    }

    pub async fn announce(&self, a: &Appointment, event: Event, occurrence: &str) {
        let mut tx = self.office.begin().await;
        let id = self.office.entity.id;
        notices::announce(&mut tx, id, a.id, event, occurrence, self.office.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn move_to(&self, a: &Appointment, start: &str) -> Appointment {
        let id = self.office.entity.id;
        let mut tx = self.office.begin().await;
        let (_, after) =
            agenda::reschedule(&mut tx, id, a.id, (a.site, at(start)), Audience::Citizen, self.office.now())
                .await
                .unwrap();
        let occurrence = after.sequence.to_string();
        notices::announce(&mut tx, id, a.id, Event::Moved, &occurrence, self.office.now()).await.unwrap();
        tx.commit().await.unwrap();
        after
    }

    pub async fn cancel(&self, a: &Appointment) {
        let (id, now) = (self.office.entity.id, self.office.now());
        let mut tx = self.office.begin().await;
        let after = agenda::cancel(&mut tx, id, a.id, "Sciopero", now).await.unwrap();
        notices::announce(&mut tx, id, a.id, Event::Cancelled, &after.sequence.to_string(), now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Runs every job that is due.
    pub async fn work(&self) {
        worker::run_due(&self.office.db.app).await.unwrap();
    }

    /// Lets time pass, and the jobs that become due run.
    pub async fn pass(&self, by: TimeDelta) {
        self.office.db.advance(by);
        self.work().await;
    }

    pub async fn notices(&self, a: &Appointment) -> Vec<Notice> {
        let mut tx = self.office.begin().await;
        notices::store::of_appointment(&mut tx, self.office.entity.id, a.id).await.unwrap()
    }

    pub async fn notice(&self, a: &Appointment, event: Event, channel: Channel) -> Notice {
        let mut notices = self.notices(a).await;
        notices.retain(|notice| notice.event == event && notice.channel == channel);
        assert_eq!(notices.len(), 1, "{event:?} over {channel:?}");
        notices.remove(0)
    }

    pub async fn state(&self, a: &Appointment, event: Event, channel: Channel) -> NoticeState {
        self.notice(a, event, channel).await.state
    }

    /// Titles of what the citizen finds in the app, oldest first.
    pub fn io_subjects(&self) -> Vec<String> {
        self.io.messages().iter().map(|message| message.subject().to_owned()).collect()
    }

    /// Titles of what was mailed, oldest first.
    pub fn mail_subjects(&self) -> Vec<String> {
        self.mail.messages().iter().map(|mail| read(&mail.raw).subject().unwrap().to_owned()).collect()
    }

    /// The `n`-th position, owed for an appointment.
    pub async fn owe(&self, a: &Appointment, n: u32, cents: i64) -> DebtPositionId {
        let (entity, position) = (self.office.entity.id, DebtPositionId::new());
        self.sql(&format!(
            "insert into debt_position (entity_id, debt_position_id, appointment_id, iupd, nav, iuv, amount_cents,
                description, debtor_fiscal_code, debtor_name, due_on, in_advance, created_at)
             values ('{entity}', '{position}', '{}', '{n}', '30101110000734755{n}', '0101110000734755{n}', {cents},
                'Carta', '{PRESENT}', 'Daniela Spinelli', '2027-02-01', false, '{}');
             insert into position_item values ('{entity}', '{position}', 1, 'Carta', '9/0101100IM/', 'IT0', {cents});
             insert into position_share (entity_id, debt_position_id, transfer_index, share_index, year, chapter_code,
                chapter_description, kind, amount_cents)
             values ('{entity}', '{position}', 1, 1, 2027, '100', 'Diritti', 'own', {cents})",
            a.id,
            self.office.now().to_rfc3339(),
        ))
        .await;
        position
    }

    /// For what only a dead worker or another module leaves behind.
    pub async fn sql(&self, statement: &str) {
        let mut tx = self.office.begin().await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

pub fn read(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).unwrap()
}

fn settings() -> Settings {
    let citizen = |code: &str, presence| Citizen {
        fiscal_code: FiscalCode::parse(code).unwrap(),
        name: "Daniela Spinelli".to_owned(),
        presence,
        languages: vec!["it_IT".to_owned()],
    };
    let service = Service {
        id: "carta".to_owned(),
        name: "Carta d'identità".to_owned(),
        institution: "Comune di borgo".to_owned(),
        primary_key: "carta-primary".into(),
        secondary_key: "carta-secondary".into(),
        stage: Stage::Approved,
        max_payment_cents: 1_000_000,
    };
    Settings {
        services: vec![service],
        citizens: vec![citizen(PRESENT, Presence::OnIo), citizen(OPTED_OUT, Presence::OptedOut)],
        others: Presence::Absent,
        processing: TimeDelta::seconds(2),
        calls_per_window: 150,
    }
}
