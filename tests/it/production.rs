//! The way to production as the README writes it: from an empty PostgreSQL to an administrator in the console.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use sportello::clock::Clock;
use sportello::demo::postgres::PrivatePostgres;
use sportello::ids::JobId;
use sportello_spid_cie::Level;
use sportello_spid_cie::simulator::{Client, Settings, Simulator, User};
use sqlx::ConnectOptions as _;

use crate::support::MASTER_KEYS;
use crate::walker::Walker;

const DATABASE_URL: &str = "SPORTELLO_DATABASE_URL";
const OWNER_URL: &str = "SPORTELLO_DATABASE_OWNER_URL";
const SLUG: &str = "montefiore";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The indented block of the README that begins with some words.
fn block(beginning: &str) -> String {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let lines = readme.lines().skip_while(|line| !line.trim_start().starts_with(beginning));
    lines.take_while(|line| line.starts_with("       ")).map(|line| format!("{}\n", line.trim())).collect()
}

/// A server and a folder of files, as a machine has them.
struct Machine {
    server: PrivatePostgres,
    folder: PathBuf,
    base_url: String,
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Machine {
    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// The address that the README writes for a variable, with this server's socket.
    fn url(&self, variable: &str) -> String {
        let url = self.server.url("sportello");
        let (_, socket) = url.split_once("host=").unwrap();
        let line = block(variable).lines().next().unwrap().to_owned();
        let (_, written) = line.split_once('=').unwrap();
        written.replace("/run/postgresql", socket)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sportello"));
        command
            .args(arguments)
            .env_clear()
            .env("SPORTELLO_SECRETS_MASTER_KEYS", MASTER_KEYS)
            .env("SPORTELLO_SERVER_BASE_URL", &self.base_url);
        command
    }

    /// A command of step 4.
    fn as_owner(&self, arguments: &[&str]) -> Output {
        let url = self.url(OWNER_URL);
        self.command(arguments).env(OWNER_URL, url).output().unwrap()
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.as_owner(arguments);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {words}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn serve(&self) -> Command {
        let mut command = self.command(&["serve", "--with-worker"]);
        command
            .env(DATABASE_URL, self.url(DATABASE_URL))
            .env("SPORTELLO_SERVER_LISTEN", self.base_url.trim_start_matches("http://"));
        command
    }
}

/// Ends with the test, however it ends.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The staff's own provider, which knows the administrator of the example.
async fn provider(base_url: &str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let clock = Clock::default();
    let simulator = Simulator::new(Settings {
        issuer: issuer.clone(),
        kind: "Personale".to_owned(),
        clients: vec![Client {
            id: "sportello".to_owned(),
            secret: "a-secret".into(),
            redirect_uri_prefixes: vec![base_url.to_owned()],
            signed_userinfo: false,
        }],
        users: vec![User {
            login: "francesca".to_owned(),
            given_name: "Francesca".to_owned(),
            family_name: "Ricci".to_owned(),
            fiscal_code: Some("RCCFNC80B45D786R".parse().unwrap()),
            email: None,
            phone: None,
            birthdate: None,
            level: Level::L2,
        }],
        clock: Arc::new(move || clock.now()),
    });
    tokio::spawn(async move { axum::serve(listener, simulator.router()).await });
    issuer
}

#[tokio::test]
async fn the_readme_leads_to_an_administrator_in_the_console() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let folder = std::env::temp_dir().join(format!("sportello-way-{}", JobId::new().0.simple()));
    std::fs::create_dir(&folder).unwrap();
    let machine = Machine { server: PrivatePostgres::start(false).unwrap(), folder, base_url };

    // Step 1.
    let mut administrator = machine.server.options("postgres").connect().await.unwrap();
    let roles = block("create role sportello_app");
    assert_eq!(roles.matches("create role").count(), 3, "{roles}");
    for statement in roles.lines() {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut administrator).await.unwrap();
    }

    // What is missing is named.
    let missing = machine.command(&["migrate"]).output().unwrap();
    assert!(String::from_utf8_lossy(&missing.stderr).contains("SPORTELLO_DATABASE_OWNER_URL="));
    let stale = machine.serve().output().unwrap();
    assert!(String::from_utf8_lossy(&stale.stderr).contains("sportello migrate"), "{stale:?}");

    // Step 4.
    let taxonomy = root().join("config/demo/taxonomy.csv").display().to_string();
    let comune = root().join("config/demo/comune.toml").display().to_string();
    machine.done(&["migrate"]);
    machine.done(&["taxonomy", "import", &taxonomy]);
    let created = machine.done(&["entity", "create", "--from", &comune]);
    assert!(created.contains(&format!("{}/{SLUG}/", machine.base_url)), "{created}");
    let issuer = provider(&machine.base_url).await;
    let settings = block("issuer = ").replace("https://login.comune.example.it", &issuer);
    let settings = machine.file("staff.toml", &settings);
    let secret = format!("staff_login.client_secret={}", machine.file("secret", "a-secret\n"));
    let set = ["entity", "integration", SLUG, "staff_login", "--settings", &settings, "--secret"];
    let wrong = format!("mail.password={}", machine.file("other", "x"));
    let refused = machine.as_owner(&[&set[..], &[wrong.as_str()]].concat());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("secrets.mail.password"), "{refused:?}");
    machine.done(&[&set[..], &[secret.as_str()]].concat());

    let _service = Service(machine.serve().stderr(Stdio::null()).spawn().unwrap());
    let ready = format!("{}/health/ready", machine.base_url);
    for _ in 0..200 {
        if reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut browser = Walker::new();
    browser.open(&format!("{}/{SLUG}/personale/accesso", machine.base_url)).await;
    let form = browser.form("/authorize").fill("login", "francesca");
    browser.submit(form).await;
    browser.open(&format!("{}/{SLUG}/amministrazione", machine.base_url)).await;
    assert_eq!(browser.status, http::StatusCode::OK);
    assert!(browser.page.contains("Francesca Ricci"), "{}", browser.page);

    // The jobs that come back by themselves wait for an entity that is made while the service runs.
    let mut conn = machine.server.options("sportello").connect().await.unwrap();
    let jobs = "select count(*) from job where kind in ('sweep', 'fetch_flows')";
    let jobs: i64 = sqlx::query_scalar(jobs).fetch_one(&mut conn).await.unwrap();
    assert_eq!(jobs, 2);

    // Another master key: every entity, in use or not, is sealed anew, which is on its record.
    sqlx::raw_sql("update entity set active = false").execute(&mut conn).await.unwrap();
    let kept = "select updated_at from secret";
    let since: chrono::DateTime<chrono::Utc> = sqlx::query_scalar(kept).fetch_one(&mut conn).await.unwrap();
    let keys = format!("new:{},{MASTER_KEYS}", "A".repeat(43) + "=");
    let resealed = machine
        .command(&["entity", "reseal"])
        .env("SPORTELLO_SECRETS_MASTER_KEYS", keys)
        .env(OWNER_URL, machine.url(OWNER_URL))
        .output()
        .unwrap();
    assert!(resealed.status.success(), "{resealed:?}");
    let (key, now): (String, chrono::DateTime<chrono::Utc>) =
        sqlx::query_as("select key_id, updated_at from secret").fetch_one(&mut conn).await.unwrap();
    assert_eq!((key.as_str(), now), ("new", since));
    let record = "select count(*) from audit where action = 'secrets.resealed'";
    let record: i64 = sqlx::query_scalar(record).fetch_one(&mut conn).await.unwrap();
    assert_eq!(record, 1);
}
