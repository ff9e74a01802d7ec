//! Pages that inform: privacy, legal notes, accessibility, frequent questions. True for any entity; where one has its
//! own page, it is linked.

use askama::Template;

use crate::web::frame::{Answer, Ctx, render};
use crate::web::page::Page;

/// A heading and its paragraphs.
struct Section {
    title: String,
    paragraphs: Vec<String>,
    /// The licence of the contents, which the State's validator looks for.
    is_licence: bool,
}

const LICENCE: &str = "citizen-legal-licence";

#[derive(Template)]
#[template(path = "citizen/information.html", config = ".askama.toml")]
struct Information {
    page: Page,
    /// The entity's own page: its address and what the link says.
    own: Option<(String, String)>,
    sections: Vec<Section>,
}

/// `title` and `sections` are keys; a section has `<key>-title` and `<key>`.
fn draw(ctx: &Ctx, title: &str, own: Option<(String, String)>, sections: &[(&str, &str)]) -> Answer {
    let entity = &ctx.entity;
    let place = [entity.name.as_str(), entity.address.as_str()];
    let whole: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
    let contact = if entity.email.is_empty() { &entity.pec } else { &entity.email };
    let section = |(title, text): &(&str, &str)| {
        let values: [(&str, &dyn crate::web::i18n::Argument); 3] =
            [("entity", &entity.name), ("whole", &whole.join(", ")), ("contact", contact)];
        let is_licence = *text == LICENCE;
        let text = ctx.t.with(text, &values);
        Section {
            is_licence,
            title: ctx.t.get(title),
            paragraphs: text.split("\n\n").map(str::trim).map(str::to_owned).collect(),
        }
    };
    let sections = sections.iter().map(section).collect();
    let title = ctx.t.get(title);
    render(&Information { page: ctx.page(&title).crumb(title, ""), own, sections })
}

/// `GET /{entity}/privacy`.
pub(super) async fn privacy(ctx: Ctx) -> Answer {
    let own = ctx.entity.privacy_url.clone().map(|url| (url, ctx.t.get("citizen-privacy-own")));
    draw(
        &ctx,
        "footer-privacy",
        own,
        &[
            ("citizen-privacy-who-title", "citizen-privacy-who"),
            ("citizen-privacy-what-title", "citizen-privacy-what"),
            ("citizen-privacy-why-title", "citizen-privacy-why"),
            ("citizen-privacy-whom-title", "citizen-privacy-whom"),
            ("citizen-privacy-rights-title", "citizen-privacy-rights"),
            ("citizen-privacy-cookies-title", "citizen-privacy-cookies"),
        ],
    )
}

/// `GET /{entity}/note-legali`.
pub(super) async fn legal_notes(ctx: Ctx) -> Answer {
    let sections =
        [("citizen-legal-licence-title", LICENCE), ("citizen-legal-use-title", "citizen-legal-use")];
    draw(&ctx, "footer-legal-notes", None, &sections)
}

/// `GET /{entity}/accessibilita`.
pub(super) async fn accessibility(ctx: Ctx) -> Answer {
    let own = ctx.entity.accessibility_url.clone().map(|url| (url, ctx.t.get("citizen-accessibility-own")));
    let sections = [
        ("citizen-accessibility-how-title", "citizen-accessibility-how"),
        ("citizen-accessibility-report-title", "citizen-accessibility-report"),
    ];
    draw(&ctx, "citizen-accessibility-title", own, &sections)
}

/// `GET /{entity}/domande-frequenti`.
pub(super) async fn faq(ctx: Ctx) -> Answer {
    draw(
        &ctx,
        "nav-faq",
        None,
        &[
            ("citizen-faq-login-title", "citizen-faq-login"),
            ("citizen-faq-hold-title", "citizen-faq-hold"),
            ("citizen-faq-no-times-title", "citizen-faq-no-times"),
            ("citizen-faq-change-title", "citizen-faq-change"),
            ("citizen-faq-pay-title", "citizen-faq-pay"),
            ("citizen-faq-receipt-title", "citizen-faq-receipt"),
            ("citizen-faq-messages-title", "citizen-faq-messages"),
            ("citizen-faq-other-title", "citizen-faq-other"),
        ],
    )
}
