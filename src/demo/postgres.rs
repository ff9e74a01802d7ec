//! A private PostgreSQL from the binaries on the machine, in a folder of its own, that ends with this process
//! however it ends.

use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;

/// Who owns the private cluster, by the name it has everywhere. Always named: without a user sqlx would log in as
/// somebody else.
const OWNER: &str = "postgres";
/// How long the server may take to answer.
const START_MAX: Duration = Duration::from_secs(30);

/// Runs the server and removes its folder when the pipe from this process closes, which happens even when this
/// process is killed. The server runs in a process group of its own, so that Ctrl-C reaches us first.
const KEEPER: &str = r#"
"$1" -D "$2/data" -k "$2" >"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
rm -rf "$2"
"#;

/// A running private server. Dropping it stops it and removes its data.
#[derive(Debug)]
pub struct PrivatePostgres {
    folder: PathBuf,
    keeper: Child,
    /// Its closing is the signal to stop.
    leash: Option<ChildStdin>,
}

/// Why there is no private server.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The binaries are not installed.
    #[error(
        "PostgreSQL's initdb is neither on the PATH nor under /usr/lib/postgresql; on Debian: apt-get install postgresql"
    )]
    NotInstalled,
    /// The folder cannot be made.
    #[error("cannot prepare the folder of the private PostgreSQL")]
    Folder(#[source] io::Error),
    /// A program cannot be run, or failed; its own words.
    #[error("{0} failed: {1}")]
    Program(&'static str, String),
    /// It did not answer in time; its log.
    #[error("the private PostgreSQL did not start:\n{0}")]
    NoAnswer(String),
}

impl PrivatePostgres {
    /// Makes a fresh cluster and starts it. Takes about two seconds. `durable`: as safe as a real one, for the tests
    /// that kill the service; otherwise faster.
    pub fn start(durable: bool) -> Result<Self, PostgresError> {
        let bin = binaries()?;
        let run_as = unprivileged()?;
        // A short path: a unix socket's address has room for about a hundred bytes.
        let folder = std::env::temp_dir().join(format!("sportello-{}", crate::ids::JobId::new().0.simple()));
        std::fs::create_dir(&folder).map_err(PostgresError::Folder)?;
        if let Some((uid, gid)) = run_as {
            chown(&folder, Some(uid), Some(gid)).map_err(PostgresError::Folder)?;
        }
        let as_owner = |program: &Path| {
            let mut command = Command::new(program);
            command.current_dir(&folder);
            if let Some((uid, gid)) = run_as {
                command.uid(uid).gid(gid);
            }
            command
        };

        let output = as_owner(&bin.join("initdb"))
            .args(["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-U", OWNER, "-D"])
            .arg(folder.join("data"))
            .output()
            .map_err(|e| PostgresError::Program("initdb", e.to_string()))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(PostgresError::Program("initdb", words));
        }
        let sync =
            if durable { "" } else { "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n" };
        let settings =
            format!("listen_addresses = ''\nmax_connections = 400\nshared_buffers = '128MB'\n{sync}");
        std::fs::write(folder.join("data/postgresql.auto.conf"), settings).map_err(PostgresError::Folder)?;

        let mut keeper = as_owner(Path::new("/bin/sh"))
            .args(["-c", KEEPER, "sh"])
            .arg(bin.join("postgres"))
            .arg(&folder)
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|e| PostgresError::Program("sh", e.to_string()))?;
        let leash = keeper.stdin.take();
        let server = Self { folder, keeper, leash };
        server.wait_until_ready(&bin)?;
        Ok(server)
    }

    /// How to connect, as the owner of everything in it.
    #[must_use]
    pub fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new().socket(&self.folder).username(OWNER).database(database)
    }

    /// The same as an address, for another process.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{OWNER}@localhost/{database}?host={}", self.folder.display())
    }

    fn wait_until_ready(&self, bin: &Path) -> Result<(), PostgresError> {
        let begun = Instant::now();
        loop {
            let ready = Command::new(bin.join("pg_isready"))
                .args(["-q", "-U", OWNER, "-d", "postgres", "-h"])
                .arg(&self.folder)
                .status()
                .is_ok_and(|status| status.success());
            if ready {
                return Ok(());
            }
            if begun.elapsed() > START_MAX {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(PostgresError::NoAnswer(log));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        drop(self.leash.take());
        // The keeper ends after the server: nothing of it is left behind.
        let _ = self.keeper.wait();
    }
}

/// Where initdb is: on the PATH, else the newest of Debian's.
fn binaries() -> Result<PathBuf, PostgresError> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    debian.sort_by_key(|path| {
        std::cmp::Reverse(path.parent().and_then(|p| p.file_name()?.to_str()?.parse::<u32>().ok()))
    });
    folders.extend(debian);
    folders
        .into_iter()
        .find(|folder| ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).exists()))
        .ok_or(PostgresError::NotInstalled)
}

/// The user PostgreSQL is to run as: nobody else unless we are root, which it refuses.
fn unprivileged() -> Result<Option<(u32, u32)>, PostgresError> {
    let id = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().parse().ok())?
    };
    if id(&["-u"]) != Some(0) {
        return Ok(None);
    }
    ["postgres", "nobody"]
        .iter()
        .find_map(|user| Some((id(&["-u", user])?, id(&["-g", user])?)))
        .map(Some)
        .ok_or_else(|| {
            PostgresError::Program("id", "there is no unprivileged user to run PostgreSQL as".to_owned())
        })
}
