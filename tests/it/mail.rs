//! The catcher of mail: a real client, and the pages a visitor reads.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test itself does")]

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use lettre::message::{Attachment, MultiPart, SinglePart, header::ContentType};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use sportello::demo::mail::MailCatcher;
use tower::ServiceExt as _;

async fn get(catcher: &MailCatcher, path: &str) -> (StatusCode, http::HeaderMap, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = catcher.router().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_mail_is_caught_and_shown_harmlessly() {
    let (address, catcher) = MailCatcher::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let relay =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(address.port()).build();
    let ics = ContentType::parse("application/ics").unwrap();
    let mail = Message::builder()
        .from("Comune <ente@example.it>".parse().unwrap())
        .to("Daniela <daniela@example.it>".parse().unwrap())
        .subject("È <b>confermato</b>")
        .multipart(
            MultiPart::mixed()
                .multipart(MultiPart::alternative_plain_html(
                    ".una riga col punto\n<i>e</i> un'altra".to_owned(),
                    "<script>alert(1)</script><p>pagina</p>".to_owned(),
                ))
                .singlepart(Attachment::new("a.ics".to_owned()).body("BEGIN:VCALENDAR".to_owned(), ics)),
        )
        .unwrap();
    relay.send(mail.clone()).await.unwrap();
    let caught = catcher.messages().remove(0);
    assert_eq!(
        caught.raw.strip_suffix(b"\r\n"),
        Some(mail.formatted().as_slice()),
        "the client ends with one line more"
    );

    let (status, headers, list) = get(&catcher, "/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("default-src 'none'"));
    assert!(list.contains("href=\"/messaggi/1\"") && list.contains("daniela@example.it"), "{list}");
    assert!(!list.contains("<b>confermato"), "{list}");

    let (status, _, page) = get(&catcher, "/messaggi/1").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains(".una riga col punto") && !page.contains("<i>e</i>"), "{page}");
    assert!(!page.contains("<script>"), "{page}");

    let (_, headers, own) = get(&catcher, "/messaggi/1/pagina").await;
    assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("sandbox"));
    assert!(own.contains("<p>pagina</p>"));

    let at = page.find("/messaggi/1/file/").unwrap();
    let file = page[at..].split('"').next().unwrap();
    let (_, headers, body) = get(&catcher, file).await;
    assert_eq!(headers[header::CONTENT_DISPOSITION], "attachment; filename=\"a.ics\"");
    assert_eq!(body, "BEGIN:VCALENDAR");

    for missing in ["/messaggi/2", "/messaggi/2/pagina", "/messaggi/1/file/0", "/messaggi/1/file/99"] {
        assert_eq!(get(&catcher, missing).await.0, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn a_refused_recipient_is_refused_and_the_others_are_not() {
    let (address, catcher) = MailCatcher::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let relay =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(address.port()).build();
    catcher.refuse("nessuno@example.it", "550 No such user");
    let to = |to: &str| {
        let mail = Message::builder().from("ente@example.it".parse().unwrap()).to(to.parse().unwrap());
        mail.subject("x").singlepart(SinglePart::plain("y".to_owned())).unwrap()
    };
    let refused = relay.send(to("nessuno@example.it")).await.unwrap_err();
    assert!(refused.is_permanent());
    relay.send(to("daniela@example.it")).await.unwrap();
    assert_eq!(catcher.messages().len(), 1);
}

#[tokio::test]
async fn mail_is_caught_on_this_machine_alone() {
    let refused = MailCatcher::start("0.0.0.0:0".parse().unwrap()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
}
