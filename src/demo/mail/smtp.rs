//! The server's side of SMTP (RFC 5321), as much of it as a relay needs to take a message.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Caught;

/// Largest message, in bytes; also told in the greeting (RFC 1870).
const MESSAGE_MAX: usize = 10_000_000;
/// Longest line of a command (RFC 5321 §4.5.3.1.4 asks for 512).
const COMMAND_MAX: u64 = 2048;
/// Longest line of a message, more than the 1000 of RFC 5321 §4.5.3.1.6.
const LINE_MAX: u64 = 65_536;
/// Recipients of one message (RFC 5321 §4.5.3.1.8).
const RECIPIENTS_MAX: usize = 100;
/// Connections at a time.
const CONNECTIONS_MAX: usize = 100;
/// A client may be silent so long (RFC 5321 §4.5.3.2.7).
const SILENCE_MAX: Duration = Duration::from_secs(300);

/// Takes connections for ever.
pub(super) async fn serve(listener: TcpListener, caught: Arc<Caught>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "the mail catcher cannot take a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let caught = Arc::clone(&caught);
        tokio::spawn(async move {
            if let Err(error) = converse(stream, &caught).await {
                tracing::debug!(%error, "a client of the mail catcher went away");
            }
            drop(place);
        });
    }
}

/// What was said so far of the message to come.
#[derive(Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

async fn converse(stream: TcpStream, caught: &Caught) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut envelope = Envelope::default();
    say(&mut writer, "220 localhost Sportello mail catcher").await?;
    while let Some(line) = read_line(&mut reader, COMMAND_MAX).await? {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let (verb, argument) = line.split_once(' ').unwrap_or((line.as_str(), ""));
        let reply = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                envelope = Envelope::default();
                format!("250-localhost\r\n250-SIZE {MESSAGE_MAX}\r\n250-8BITMIME\r\n250 SMTPUTF8")
            }
            "HELO" => {
                envelope = Envelope::default();
                "250 localhost".to_owned()
            }
            "MAIL" => mail(&mut envelope, argument),
            "RCPT" => rcpt(&mut envelope, argument, caught),
            "DATA" if envelope.to.is_empty() => "503 Say first who it is from and for".to_owned(),
            "DATA" => {
                say(&mut writer, "354 End with a single dot").await?;
                let Some(body) = read_message(&mut reader).await? else { return Ok(()) };
                let Envelope { from, to } = std::mem::take(&mut envelope);
                match body {
                    Some(raw) => format!("250 Caught as {}", caught.keep(from.unwrap_or_default(), to, raw)),
                    None => "552 Larger than I take".to_owned(),
                }
            }
            "RSET" => {
                envelope = Envelope::default();
                "250 Forgotten".to_owned()
            }
            "NOOP" => "250 Still here".to_owned(),
            "QUIT" => return say(&mut writer, "221 Good-bye").await,
            _ => "502 Not here".to_owned(),
        };
        say(&mut writer, &reply).await?;
    }
    Ok(())
}

fn mail(envelope: &mut Envelope, argument: &str) -> String {
    if envelope.from.is_some() {
        return "503 One message at a time".to_owned();
    }
    match path(argument, "FROM:") {
        Some(from) => {
            envelope.from = Some(from);
            "250 Sender noted".to_owned()
        }
        None => "501 MAIL FROM:<address>".to_owned(),
    }
}

fn rcpt(envelope: &mut Envelope, argument: &str, caught: &Caught) -> String {
    let to = path(argument, "TO:").filter(|to| !to.is_empty());
    match to {
        _ if envelope.from.is_none() => "503 Say first who it is from".to_owned(),
        None => "501 RCPT TO:<address>".to_owned(),
        Some(_) if envelope.to.len() == RECIPIENTS_MAX => "452 Too many recipients".to_owned(),
        Some(to) => caught.refusal(&to).unwrap_or_else(|| {
            envelope.to.push(to);
            "250 Recipient noted".to_owned()
        }),
    }
}

/// The address between the angle brackets; what follows them (`SIZE=…`) is of no concern here.
fn path(argument: &str, keyword: &str) -> Option<String> {
    let rest = argument.get(..keyword.len()).filter(|start| start.eq_ignore_ascii_case(keyword));
    let rest = rest.map(|_| argument[keyword.len()..].trim_start())?;
    let (address, _) = rest.strip_prefix('<')?.split_once('>')?;
    Some(address.to_owned())
}

/// The message without the dots that lines beginning with one were given (RFC 5321 §4.5.2). `None` where the client
/// went away, `Some(None)` where it is too large.
async fn read_message(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Option<Vec<u8>>>> {
    let mut message = Vec::new();
    let mut is_too_large = false;
    while let Some(line) = read_line(reader, LINE_MAX).await? {
        if line == b".\r\n" || line == b".\n" {
            return Ok(Some((!is_too_large).then_some(message)));
        }
        let line = line.strip_prefix(b".").unwrap_or(&line);
        is_too_large |= message.len() + line.len() > MESSAGE_MAX;
        if !is_too_large {
            message.extend_from_slice(line);
        }
    }
    Ok(None)
}

/// A line with its end; `None` where the client has gone.
async fn read_line(reader: &mut (impl AsyncBufRead + Unpin), max: u64) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut limited = reader.take(max);
    timeout(SILENCE_MAX, limited.read_until(b'\n', &mut line))
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    match line.last() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(line)),
        Some(_) if line.len() as u64 == max => {
            Err(io::Error::new(io::ErrorKind::InvalidData, "the line is too long"))
        }
        Some(_) => Ok(None),
    }
}

async fn say(writer: &mut (impl AsyncWrite + Unpin), reply: &str) -> io::Result<()> {
    writer.write_all(format!("{reply}\r\n").as_bytes()).await?;
    writer.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_between_the_brackets() {
        assert_eq!(path("FROM:<a@b.it> SIZE=100", "FROM:").as_deref(), Some("a@b.it"));
        assert_eq!(path("from: <>", "FROM:").as_deref(), Some(""));
        for wrong in ["FROM:a@b.it", "TO:<a@b.it>", "FROM:<a@b.it", "", "FRÒM:<a@b.it>"] {
            assert_eq!(path(wrong, "FROM:"), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn dots_are_taken_back() {
        let mut sent: &[u8] = b"Subject: x\r\n\r\n..one\r\n.two\r\nthree\r\n.\r\nNOOP\r\n";
        let message = read_message(&mut sent).await.unwrap().unwrap().unwrap();
        assert_eq!(message, b"Subject: x\r\n\r\n.one\r\ntwo\r\nthree\r\n");
        assert_eq!(read_line(&mut sent, COMMAND_MAX).await.unwrap().unwrap(), b"NOOP\r\n");
        assert!(read_line(&mut sent, COMMAND_MAX).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn what_is_too_large_is_read_and_refused() {
        let line = [vec![b'x'; 998], b"\r\n".to_vec()].concat();
        let sent = [line.repeat(MESSAGE_MAX / 1000 + 1), b".\r\n".to_vec()].concat();
        assert_eq!(read_message(&mut sent.as_slice()).await.unwrap(), Some(None));
        let endless = vec![b'x'; COMMAND_MAX as usize];
        assert!(read_line(&mut endless.as_slice(), COMMAND_MAX).await.is_err());
    }
}
