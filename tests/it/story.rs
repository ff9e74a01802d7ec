//! The whole line, as people walk it: a citizen logs in, books and pays through the pages; the receipt confirms; the
//! messages arrive; the operator receives the citizen; the money is followed into the budget. Every outside system is
//! the simulator that speaks its protocol.

use chrono::{DateTime, TimeDelta, Utc};
use mail_parser::MimeHeaders as _;
use sportello::agenda::{self, Appointment, State};
use sportello::config::Config;
use sportello::demo::world::{Sockets, World, sample_folder};
use sportello::jobs::worker;
use sportello::payments::{self, PositionView};
use sportello::reconciliation::ledger::{self, Account};
use sportello::reconciliation::{self, EntryView, Filter};

use crate::notices::world::read;
use crate::support::TestDb;
use crate::walker::Walker;

const CARD: &str = "carta-identita-elettronica";
const INFORMATION: &str = "informazioni-e-segnalazioni";
const SITE: &str = "palazzo-comunale";
/// What an electronic identity card costs, and how it splits (DM MEF 25/05/2016): the State's part, the fixed fee, the
/// secretarial fee.
const CARD_CENTS: i64 = 2221;
const STATE_CENTS: i64 = 1679;
const FIXED_CENTS: i64 = 516;
const SECRETARIAL_CENTS: i64 = 26;

/// The world, and what the tests do in it again and again.
struct Story {
    world: World,
    _db: TestDb,
}

impl Story {
    async fn begin() -> Self {
        let db = TestDb::present(&[]).await;
        let config = Config::load(None, []).unwrap();
        let sockets = Sockets::bind(0).await.unwrap();
        let world = World::start(config, db.owner.clone(), sockets, &sample_folder()).await.unwrap();
        Self { world, _db: db }
    }

    fn address(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.world.addresses.service, self.world.entity.slug)
    }

    fn now(&self) -> DateTime<Utc> {
        self.world.app.clock.now()
    }

    /// Lets time pass, receipts arrive and jobs run.
    async fn pass(&self, by: TimeDelta) {
        self.world.app.clock.advance(by);
        self.world.platform.tick().await;
        worker::run_due(&self.world.app).await.unwrap();
    }

    /// Until what was just done has had its effects: other workers have part of the jobs.
    async fn until(&self, what: &str, mut done: impl AsyncFnMut() -> bool) {
        for _ in 0..600 {
            self.pass(TimeDelta::zero()).await;
            if done().await {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{what} does not happen");
    }

    async fn appointment(&self, code: &str) -> Appointment {
        let mut tx = self.world.app.db.begin(self.world.entity.id).await.unwrap();
        agenda::store::appointment_by_code(&mut tx, self.world.entity.id, code).await.unwrap()
    }

    async fn position(&self, code: &str) -> PositionView {
        let appointment = self.appointment(code).await;
        let mut tx = self.world.app.db.begin(self.world.entity.id).await.unwrap();
        payments::of_appointment(&mut tx, self.world.entity.id, appointment.id).await.unwrap().unwrap()
    }

    async fn balances(&self, account: Account) -> Vec<i64> {
        let mut tx = self.world.app.db.begin(self.world.entity.id).await.unwrap();
        let found = ledger::balances(&mut tx, self.world.entity.id, account).await.unwrap();
        found.into_iter().map(|balance| balance.amount.0).collect()
    }

    /// A citizen's browser, logged in with SPID.
    async fn citizen(&self, login: &str) -> Walker {
        let mut walker = Walker::new();
        walker.open(&self.address("accesso")).await.follow("accesso/spid").await;
        let person = walker.form("/authorize").fill("login", login);
        walker.submit(person).await;
        walker
    }

    /// A browser of the staff, logged in at the Comune's own provider.
    async fn staff(&self, login: &str, area: &str) -> Walker {
        let mut walker = Walker::new();
        walker.open(&self.address(area)).await;
        let person = walker.form("/authorize").fill("login", login);
        walker.submit(person).await;
        walker
    }

    /// Books an identity card through the five steps; answers the code. The browser is on the appointment's page.
    async fn book_card(&self, walker: &mut Walker) -> String {
        walker.open(&self.address(&format!("servizi/{CARD}"))).await.sees("Carta d'identità elettronica");
        walker.follow(&format!("prenota/{CARD}")).await;
        if walker.here.path().ends_with("/luogo") {
            let place = walker.form("/luogo").fill("sede", SITE);
            walker.submit(place).await;
        }
        let times = walker.choices("quando");
        // Tomorrow or later: there is a day between booking and coming.
        let start = times
            .iter()
            .find(|start| start.parse::<DateTime<Utc>>().unwrap() > self.now() + TimeDelta::hours(24));
        let time = walker.form("/data-e-orario").fill("quando", start.unwrap());
        walker.submit(time).await;
        let reason = walker.options("motivo").remove(1);
        let details = walker.form("/dettagli").fill("motivo", &reason).fill("f.motivo", "scadenza");
        walker
            .submit(details.fill("f.numero_carta", "AV1234567").fill("dettagli", "Scade a fine mese"))
            .await;
        let applicant = walker.form("/richiedente");
        walker.submit(applicant).await;
        walker.sees("22,21");
        let summary = walker.form("/riepilogo");
        walker.submit(summary).await;
        let path = walker.here.path().to_owned();
        let (_, code) =
            path.split_once("/appuntamenti/").unwrap_or_else(|| panic!("{path}:\n{}", walker.page));
        code.to_owned()
    }

    /// Goes to Checkout and does this there; the browser comes back to the service.
    async fn at_checkout(&self, walker: &mut Walker, action: &str) {
        let pay = walker.form("/paga");
        walker.submit(pay).await;
        walker.follow("/checkout/pay/").await;
        walker.sees("22,21");
        let cart = walker.form("/checkout/pay/").fill("action", action);
        walker.submit(cart).await;
        assert!(walker.here.path().contains("/pagamenti/ritorno/"), "{}", walker.here);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_form_to_the_budget() {
    let story = Story::begin().await;
    an_administrator_opens_a_counter_with_a_service(&story).await;
    let mut giulia = story.citizen("giulia.bianchi").await;
    let code = story.book_card(&mut giulia).await;
    a_time_that_waits_for_its_payment(&story, &code).await;
    story.at_checkout(&mut giulia, "pay").await;
    the_receipt_confirms(&story, &mut giulia, &code).await;
    the_messages_arrive(&story, &code).await;
    let moved = an_operator_proposes_and_the_citizen_accepts(&story, &code).await;
    an_operator_inserts_one_and_moves_it(&story).await;
    let entry = the_money_comes_in(&story).await;
    it_splits_over_the_budget(&story, &entry).await;
    the_citizen_is_received(&story, &code, moved).await;
    story.world.stop().await;
}

/// Through the console: the connections answer; a calendar, a counter, a service with its tariff; and at once it is
/// offered to the public.
async fn an_administrator_opens_a_counter_with_a_service(story: &Story) {
    let mut francesca = story.staff("francesca.ricci", "amministrazione").await;
    let console = |path: &str| story.address(&format!("amministrazione/{path}"));
    for kind in ["citizen_login", "staff_login", "pagopa", "app_io", "mail"] {
        francesca.open(&console(&format!("integrazioni/{kind}"))).await;
        let test = francesca.form("/prova");
        francesca.submit(test).await.sees("OK");
        assert!(!francesca.page.contains(">Errore<"), "{kind}: {}", francesca.page);
    }

    francesca.open(&console("calendari/nuovo")).await;
    let calendar = francesca.form("/calendari/nuovo").fill("name", "Pomeriggi").fill("step_minutes", "30");
    let calendar = calendar.fill("lead_minutes", "0").fill("horizon_days", "60").fill("buffer_minutes", "0");
    francesca.submit(calendar.fill("cooling_minutes", "0")).await;
    let calendar = francesca.here.path().rsplit('/').next().unwrap().to_owned();
    let mut hours = francesca.form("/orari").fill("opens", "15:00").fill("closes", "18:00");
    hours = hours.fill("valid_from", "2026-01-01");
    hours.fields.extend(["1", "2", "3", "4", "5"].map(|day| ("weekdays".to_owned(), day.to_owned())));
    francesca.submit(hours).await.sees("15:00");

    francesca.open(&console("sportelli/nuovo")).await;
    let counter = francesca.form("/sportelli/nuovo").fill("name", "Sportello del pomeriggio");
    francesca.submit(counter.fill("calendar", &calendar).fill("position", "9").fill("active", "true")).await;
    francesca.open(&console("sportelli")).await.sees("Sportello del pomeriggio");

    let mut tx = story.world.app.db.begin(story.world.entity.id).await.unwrap();
    let counters = agenda::store::counters(&mut tx, story.world.entity.id).await.unwrap();
    drop(tx);
    let counter = counters.iter().find(|counter| counter.name == "Sportello del pomeriggio").unwrap();
    francesca.open(&console("servizi/nuovo")).await;
    let service =
        francesca.form("/servizi/nuovo").fill("name.it", "Carta urgente").fill("slug", "carta-urgente");
    let service =
        service.fill("name.en", "Urgent card").fill("duration_minutes", "30").fill("change_minutes", "60");
    let service = service.fill("minimum_level", "0").fill("position", "9").fill("active", "true");
    francesca.submit(service.fill("counters", &counter.id.to_string())).await;
    let service = francesca.here.path().rsplit('/').next().unwrap().to_owned();

    francesca.open(&console(&format!("servizi/{service}/tariffa/nuova"))).await;
    let today = story.now().with_timezone(&story.world.entity.time_zone).date_naive().to_string();
    let mut tariff = francesca.form("/tariffa/nuova").fill("valid_from", &today).fill("in_advance", "true");
    tariff = tariff.fill("hold_minutes", "60").fill("due_days", "10");
    tariff = tariff.fill("items.0.description", "Carta").fill("items.0.taxonomy", "9/0104100TS/");
    for (n, (chapter, amount)) in
        [("6010|2", "16,79"), ("3120|1", "5,16"), ("3110|1", "0,26")].iter().enumerate()
    {
        let share = |field: &str| format!("items.0.shares.{n}.{field}");
        tariff = tariff.fill(&share("chapter_code"), chapter).fill(&share("amount"), amount);
    }
    francesca.submit(tariff).await;
    assert!(francesca.here.path().ends_with("/tariffa"), "{}", francesca.page);

    let mut anybody = Walker::new();
    anybody.open(&story.address("servizi/carta-urgente")).await.sees("22,21");
    anybody.follow("prenota/carta-urgente").await;
    let site = anybody.choices("sede").remove(0);
    let times = format!("prenota/carta-urgente/data-e-orario?sede={site}");
    anybody.open(&story.address(&times)).await;
    assert!(!anybody.choices("quando").is_empty(), "{}", anybody.page);
}

async fn a_time_that_waits_for_its_payment(story: &Story, code: &str) {
    let appointment = story.appointment(code).await;
    assert_eq!(appointment.state, State::AwaitingPayment);
    assert_eq!(appointment.answers["numero_carta"], "AV1234567");
    assert!(appointment.holder.verified);
    let owed = story.position(code).await;
    assert_eq!(owed.position.amount.0, CARD_CENTS);
    let shares: Vec<i64> = owed.shares.iter().map(|share| share.amount.0).collect();
    assert_eq!(shares, [STATE_CENTS, FIXED_CENTS, SECRETARIAL_CENTS]);
}

async fn the_receipt_confirms(story: &Story, giulia: &mut Walker, code: &str) {
    story.until("the receipt", async || story.appointment(code).await.state == State::Confirmed).await;
    assert!(story.position(code).await.receipt.is_some());
    let here = giulia.here.to_string();
    giulia.open(&here).await.sees("Pagamento ricevuto");
    giulia.open(&story.address(&format!("appuntamenti/{code}"))).await.sees("Appuntamento confermato");
    giulia.follow("/ricevuta").await.sees("22,21");
}

async fn the_messages_arrive(story: &Story, code: &str) {
    let mail_of_event = |text: &str| {
        let messages = story.world.mail.messages();
        messages.into_iter().find(|mail| read(&mail.raw).subject().is_some_and(|s| s.contains(text)))
    };
    story.until("the mail", async || mail_of_event("appuntamento del").is_some()).await;
    let caught = mail_of_event("appuntamento del").unwrap();
    assert_eq!(caught.to, ["giulia.bianchi@posta.example"]);
    let mail = read(&caught.raw);
    assert!(mail.body_text(0).unwrap().contains(code));
    let invitation = mail
        .attachments()
        .find(|part| part.content_type().is_some_and(|kind| kind.subtype() == Some("calendar")))
        .map(|part| String::from_utf8_lossy(part.contents()).into_owned())
        .unwrap();
    let appointment = story.appointment(code).await;
    assert!(invitation.contains(&format!("UID:{}", appointment.id)), "{invitation}");
    assert!(invitation.contains(&format!("DTSTART:{}", appointment.starts_at.format("%Y%m%dT%H%M%SZ"))));
    let in_app =
        async || story.world.app_io.messages().iter().any(|m| m.subject().contains("appuntamento del"));
    story.until("the message in the app", in_app).await;
    let messages = story.world.app_io.messages();
    assert!(messages.iter().all(|message| message.recipient().as_str() == "BNCGLI85A41D786E"));
}

/// The operator offers two other times; the citizen opens the link of the mail, without logging in, and takes the
/// second. Answers the new start.
async fn an_operator_proposes_and_the_citizen_accepts(story: &Story, code: &str) -> DateTime<Utc> {
    let mut marco = story.staff("marco.bianchi", &format!("sportello/{SITE}")).await;
    marco.open(&story.address(&format!("sportello/{SITE}/appuntamenti/{code}"))).await.sees("Bianchi");
    marco.follow("/proponi").await;
    let booked = story.appointment(code).await.starts_at;
    let others: Vec<String> = marco
        .choices("quando")
        .into_iter()
        .filter(|time| {
            time.split_once('@').unwrap().1.parse::<DateTime<Utc>>().unwrap() > booked + TimeDelta::hours(1)
        })
        .take(2)
        .collect();
    let mut offer = marco.form("/proponi").fill("messaggio", "Manca un collega");
    offer.fields.extend(others.iter().map(|time| ("quando".to_owned(), time.clone())));
    marco.submit(offer).await;
    assert!(marco.status.is_success(), "{}", marco.page);

    let link = async || {
        story.world.mail.messages().iter().find_map(|mail| {
            let text = read(&mail.raw).body_text(0)?.into_owned();
            let (_, link) =
                text.split_once(&format!("{}/proposte/", story.address("").trim_end_matches('/')))?;
            Some(story.address(&format!("proposte/{}", link.split_whitespace().next()?)))
        })
    };
    story.until("the mail with the offer", async || link().await.is_some()).await;
    let mut guest = Walker::new();
    guest.open(&link().await.unwrap()).await.sees("Manca un collega");
    let answer = guest.choices("scelta").remove(1);
    let accept = guest.form("/proposte/").fill("scelta", &answer);
    guest.submit(accept).await;
    let moved = story.appointment(code).await;
    let expected: DateTime<Utc> = others[1].split_once('@').unwrap().1.parse().unwrap();
    assert_eq!((moved.starts_at, moved.sequence, moved.state), (expected, 1, State::Confirmed));
    expected
}

/// For a citizen on the phone, without an e-mail; then they call again and come at another time.
async fn an_operator_inserts_one_and_moves_it(story: &Story) {
    let desk = |path: &str| story.address(&format!("sportello/{SITE}/{path}"));
    let mut marco = story.staff("marco.bianchi", &format!("sportello/{SITE}")).await;
    marco.open(&desk("nuovo")).await.follow(&format!("nuovo/{INFORMATION}")).await;
    let first = marco.choices("quando").remove(0);
    marco.open(&desk(&format!("nuovo/{INFORMATION}/dati?quando={first}"))).await;
    let reason = marco.options("reason").remove(1);
    let data = marco.form("/dati").fill("given_name", "Assunta").fill("family_name", "Degli Esposti");
    marco.submit(data.fill("phone", "0742 998877").fill("reason", &reason)).await.sees("Degli Esposti");
    let summary = marco.form("/conferma");
    marco.submit(summary).await;
    let code = marco.here.path().rsplit('/').next().unwrap().to_owned();
    let inserted = story.appointment(&code).await;
    let start_of = |time: &str| time.split_once('@').unwrap().1.parse::<DateTime<Utc>>().unwrap();
    assert_eq!((inserted.starts_at, inserted.state), (start_of(&first), State::Confirmed));
    assert!(!inserted.holder.verified);

    marco.follow("/sposta").await;
    let other = marco.choices("quando").pop().unwrap();
    let shift = marco.form("/sposta").fill("quando", &other);
    marco.submit(shift).await.sees("Spostato");
    let moved = story.appointment(&code).await;
    assert_eq!((moved.starts_at, moved.sequence), (start_of(&other), inserted.sequence + 1));
}

/// The night passes: the flow is fetched by itself, the accountant brings the treasurer's journal.
async fn the_money_comes_in(story: &Story) -> EntryView {
    assert_eq!(story.balances(Account::InTransit).await, [CARD_CENTS]);
    story.world.next_day().await.unwrap();
    story.pass(TimeDelta::minutes(31)).await;
    let (world, now) = (&story.world, story.now());
    let (day, pages) = world.journals().await.into_iter().next_back().unwrap();
    let mut paolo = story.staff("paolo.conti", "contabilita/").await;
    for (n, page) in pages.iter().enumerate() {
        paolo.open(&story.address("contabilita/importa")).await;
        let form = paolo.form("/importa/giornale");
        paolo.upload(form, "file", &format!("giornale-{day}-{n}.xml"), page).await;
        assert!(paolo.status.is_success(), "{}", paolo.page);
    }
    for account in [Account::InTransit, Account::Receivable, Account::Unidentified] {
        assert_eq!(story.balances(account).await, Vec::<i64>::new(), "{account:?} comes back to zero");
    }
    assert_eq!(story.balances(Account::Treasury).await, [CARD_CENTS]);
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let list = reconciliation::worklist(&mut tx, &world.entity, &Filter::default(), now).await.unwrap();
    let [only] = list.entries.as_slice() else { panic!("{:?}", list.entries) };
    reconciliation::entry(&mut tx, &world.entity, only.entry.id, now).await.unwrap()
}

async fn it_splits_over_the_budget(story: &Story, entry: &EntryView) {
    let amounts: std::collections::BTreeMap<_, _> =
        entry.rows.iter().map(|row| (row.line.chapter.as_str(), row.amount.0)).collect();
    let expected = [("3110", SECRETARIAL_CENTS), ("3120", FIXED_CENTS), ("6010", STATE_CENTS)];
    assert_eq!(amounts.into_iter().collect::<Vec<_>>(), expected);
    assert!(entry.differences.is_empty(), "{:?}", entry.differences);
    assert_eq!(entry.summary.days_left, 60);
    let mut tx = story.world.app.db.begin(story.world.entity.id).await.unwrap();
    let id = entry.summary.entry.id;
    let csv = reconciliation::plan_csv(&mut tx, &story.world.entity, id, story.now()).await.unwrap();
    for amount in ["16,79", "5,16", "0,26"] {
        assert!(csv.contains(amount), "{csv}");
    }
    let mut paolo = story.staff("paolo.conti", "contabilita/").await;
    paolo.follow("/provvisori/").await.sees("16,79").sees("5,16").sees("0,26");
    paolo.follow("/piano.csv").await;
    // The mark at the beginning is the spreadsheet's; a reader of text takes it off.
    assert_eq!(paolo.page, csv.trim_start_matches('\u{feff}'));
}

/// On the day: arrived, called, served.
async fn the_citizen_is_received(story: &Story, code: &str, start: DateTime<Utc>) {
    while story.now() < start - TimeDelta::hours(20) {
        story.world.next_day().await.unwrap();
    }
    let mut marco = story.staff("marco.bianchi", &format!("sportello/{SITE}")).await;
    marco.open(&story.address(&format!("sportello/{SITE}/appuntamenti/{code}"))).await;
    let counter = story.appointment(code).await.counter.to_string();
    for (step, state) in [("arrivato", State::Arrived), ("chiama", State::Called), ("servito", State::Served)]
    {
        marco.open(&story.address(&format!("sportello/{SITE}/appuntamenti/{code}"))).await;
        let form = marco.form("").fill("postazione", &counter).fill("da", "dettaglio");
        marco
            .submit(form.to(&story.address(&format!("sportello/{SITE}/appuntamenti/{code}/passo/{step}"))))
            .await;
        assert_eq!(story.appointment(code).await.state, state, "{}", marco.page);
    }
    // Pressed again, as by a colleague who had the same page open: nothing changes.
    let closed = story.appointment(code).await.closed_at;
    assert!(closed.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_happen_at_checkout() {
    let story = Story::begin().await;
    let mut mario = story.citizen("mario.rossi").await;
    let code = story.book_card(&mut mario).await;
    let page = story.address(&format!("appuntamenti/{code}"));
    for action in ["refuse", "cancel"] {
        mario.open(&page).await;
        story.at_checkout(&mut mario, action).await;
        assert_eq!(
            story.appointment(&code).await.state,
            State::AwaitingPayment,
            "{action}: nothing is proved"
        );
    }
    // The bank answers late: the receipt comes an hour later.
    mario.open(&page).await;
    story.at_checkout(&mut mario, "slow").await;
    assert_eq!(story.appointment(&code).await.state, State::AwaitingPayment);
    story.pass(TimeDelta::minutes(61)).await;
    story.until("the late receipt", async || story.appointment(&code).await.state == State::Confirmed).await;

    // Another prints the notice and pays at the tobacconist's.
    let mut rosalinda = story.citizen("rosalinda.ferrari").await;
    let code = story.book_card(&mut rosalinda).await;
    let nav = story.position(&code).await.position.nav;
    let published = async || story.position(&code).await.position.state == payments::State::Published;
    story.until("the publication", published).await;
    let mut tobacconist = Walker::new();
    let creditor = &story.world.entity.fiscal_code;
    let counter = format!("{}/psp?notice={nav}&creditor={creditor}", story.world.addresses.platform);
    tobacconist.open(&counter).await.sees("22,21");
    let form = tobacconist.form("/psp");
    tobacconist.submit(form).await.sees("Avviso pagato");
    story.until("the receipt", async || story.appointment(&code).await.state == State::Confirmed).await;
    story.world.stop().await;
}
