//! What the layouts draw around a page's own content.

use std::cmp::Ordering;
use std::fmt::Display;
use std::sync::Arc;

use http::Uri;

use super::assets;
use super::error::field_text;
use super::frame::{Ctx, Tenant};
use super::i18n::{Language, T};
use crate::entity::Entity;
use crate::error::FieldError;
use crate::identity::Role;
use crate::secrets::random_token;

/// The citizens' navigation: address, key of the text, `data-element` of the model the State prescribes.
const CITIZEN_LINKS: [(&str, &str, &str); 3] = [
    ("", "nav-services", "all-services"),
    ("area-personale", "nav-personal-area", ""),
    ("domande-frequenti", "nav-faq", ""),
];

/// The staff's areas: whose they are, address, key of the text.
const STAFF_AREAS: [(Role, &str, &str); 3] = [
    (Role::Operator, "sportello", "nav-desk"),
    (Role::Administrator, "amministrazione", "nav-console"),
    (Role::Accountant, "contabilita", "nav-accounting"),
];

/// Title, header, navigation, breadcrumb, session of a page. Every template that extends a layout has one, as `page`.
#[derive(Clone, Debug)]
pub struct Page {
    /// Texts, dates, times: `page.t.get("…")`.
    pub t: T,
    /// The `h1`, and the browser's title.
    pub title: String,
    /// Under the title, where there is one.
    pub lead: String,
    /// The entity; `None` only on the pages of the whole installation.
    pub entity: Option<Arc<Entity>>,
    /// Where this page is; the last is the page itself.
    pub breadcrumb: Vec<Link>,
    /// Who logged in.
    pub user: Option<User>,
    /// The navigation of the layout.
    pub nav: Vec<Link>,
    /// The staff's second navigation: the sections of an area.
    pub sections: Vec<Link>,
    /// The steps of a flow, with the one this page is.
    pub steps: Vec<Step>,
    /// Wrong fields: the summary on top links to them, and each field shows its own.
    pub errors: Vec<FieldError>,
    /// The fields' labels, for the summary.
    pub labels: Vec<(String, String)>,
    /// What was just done (`?esito=…`), already in words.
    pub done: Option<String>,
    /// The session's token for forms; empty without a session.
    pub csrf: String,
    /// Names this rendering of a form: sent again, it is the same command.
    pub once: String,
    here: Uri,
}

/// A link of a navigation.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where to; empty: it is this page.
    pub url: String,
    /// What it says.
    pub label: String,
    /// Whether this page lies under it.
    pub active: bool,
    /// `data-element`, or empty.
    pub element: &'static str,
}

/// One step of a flow.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub label: String,
    at: Ordering,
}

impl Step {
    /// Whether it lies behind.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.at == Ordering::Less
    }

    /// Whether it is this page.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.at == Ordering::Equal
    }

    /// The library's class for it.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self.at {
            Ordering::Less => "confirmed",
            Ordering::Equal => "active",
            Ordering::Greater => "",
        }
    }
}

/// A long list, page by page: `Pager { current, last, url: "/terni/contabilita?pagina=".into() }`.
#[derive(Clone, Debug)]
pub struct Pager {
    /// This page, from 1.
    pub current: i64,
    /// The last page.
    pub last: i64,
    /// The address, up to the page's number.
    pub url: String,
}

impl Pager {
    /// The page before.
    #[must_use]
    pub fn previous(&self) -> Option<String> {
        (self.current > 1).then(|| format!("{}{}", self.url, self.current - 1))
    }

    /// The page after.
    #[must_use]
    pub fn next(&self) -> Option<String> {
        (self.current < self.last).then(|| format!("{}{}", self.url, self.current + 1))
    }
}

/// Who logged in, as the header shows it.
#[derive(Clone, Debug)]
pub struct User {
    /// Full name.
    pub name: String,
    /// Where the name leads.
    pub url: String,
    /// Whether it is staff.
    pub is_staff: bool,
}

impl Page {
    pub(super) fn of(ctx: &Ctx, title: String) -> Self {
        let staff = ctx.session.as_ref().and_then(|session| session.staff.as_ref());
        let person = ctx.session.as_ref().and_then(|session| session.person.as_ref());
        let mut page = Self::bare(ctx.t, title, &ctx.here);
        page.entity = Some(Arc::clone(&ctx.entity));
        page.csrf = ctx.session.as_ref().map(|session| session.csrf.clone()).unwrap_or_default();
        match (staff, person) {
            (Some(staff), _) => {
                page.user = Some(User { name: staff.full_name(), url: ctx.url("personale"), is_staff: true });
                let areas = STAFF_AREAS.into_iter().filter(|(role, ..)| staff.has(*role));
                page.nav = areas.map(|(_, path, key)| page.link(ctx, path, ctx.t.get(key), "")).collect();
            }
            (None, person) => {
                page.user = person.map(|person| User {
                    name: person.full_name(),
                    url: ctx.url("area-personale"),
                    is_staff: false,
                });
                let links = CITIZEN_LINKS.into_iter();
                page.nav =
                    links.map(|(path, key, element)| page.link(ctx, path, ctx.t.get(key), element)).collect();
            }
        }
        page.breadcrumb.push(Link {
            url: ctx.url(if staff.is_some() { "personale" } else { "" }),
            label: ctx.t.get("home"),
            active: false,
            element: "",
        });
        page
    }

    /// A page of the whole installation, or of an error so early that not even the entity is known.
    pub(super) fn bare(t: T, title: String, here: &Uri) -> Self {
        let done = query(here, "esito").map(|code| format!("done-{code}")).filter(|key| t.has(key));
        Self {
            t,
            title,
            lead: String::new(),
            entity: None,
            breadcrumb: Vec::new(),
            user: None,
            nav: Vec::new(),
            sections: Vec::new(),
            steps: Vec::new(),
            errors: Vec::new(),
            labels: Vec::new(),
            done: done.map(|key| t.get(&key)),
            csrf: String::new(),
            once: random_token(),
            here: here.clone(),
        }
    }

    fn link(&self, tenant: &Tenant, path: &str, label: String, element: &'static str) -> Link {
        let url = tenant.url(path);
        let below = self.here.path().strip_prefix(&url);
        let active = if path.is_empty() {
            below == Some("") || below.is_some_and(|rest| rest.starts_with("prenota"))
        } else {
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        Link { url, label, active, element }
    }

    /// Adds a step of the breadcrumb; an empty `url` is the page itself.
    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, url: impl Into<String>) -> Self {
        self.breadcrumb.push(Link { url: url.into(), label: label.into(), active: false, element: "" });
        self
    }

    /// Adds a sentence under the title.
    #[must_use]
    pub fn lead(mut self, lead: impl Into<String>) -> Self {
        self.lead = lead.into();
        self
    }

    /// Adds the sections of a staff area: `(path under the area, text)`. The longest path above this page is active.
    #[must_use]
    pub fn sections(mut self, area_url: &str, sections: &[(&str, String)]) -> Self {
        let url_of =
            |path: &str| if path.is_empty() { area_url.to_owned() } else { format!("{area_url}/{path}") };
        let path = self.here.path();
        let is_above =
            |url: &str| path.strip_prefix(url).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let active =
            sections.iter().map(|(path, _)| url_of(path)).filter(|url| is_above(url)).max_by_key(String::len);
        self.sections = sections
            .iter()
            .map(|(path, label)| {
                let url = url_of(path);
                Link { active: active.as_ref() == Some(&url), url, label: label.clone(), element: "" }
            })
            .collect();
        self
    }

    /// Adds the steps of a flow; `current` counts from 1.
    #[must_use]
    pub fn steps(mut self, labels: impl IntoIterator<Item = String>, current: usize) -> Self {
        let labels = labels.into_iter().enumerate();
        self.steps = labels.map(|(i, label)| Step { label, at: (i + 1).cmp(&current) }).collect();
        self
    }

    /// "2/5".
    #[must_use]
    pub fn step_count(&self) -> String {
        let current = self.steps.iter().position(Step::is_current).map_or(0, |at| at + 1);
        format!("{current}/{}", self.steps.len())
    }

    /// Whether an option is the chosen one: they read the same.
    #[must_use]
    pub fn same(&self, option: impl Display, chosen: impl Display) -> bool {
        option.to_string() == chosen.to_string()
    }

    /// A telephone number as an address wants it (RFC 3966).
    #[must_use]
    pub fn phone_link(&self, phone: &str) -> String {
        let digits: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        format!("tel:{digits}")
    }

    /// Adds wrong fields: the form is drawn again, filled, with the summary on top.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Names the fields as their labels do, so that the summary of errors can: `(field, label)`.
    #[must_use]
    pub fn labels(mut self, labels: impl IntoIterator<Item = (String, String)>) -> Self {
        self.labels = labels.into_iter().collect();
        self
    }

    /// What is wrong with a field, in words; empty where nothing is.
    #[must_use]
    pub fn error_of(&self, field: &str) -> String {
        self.errors
            .iter()
            .find(|error| error.field == field)
            .map_or_else(String::new, |e| field_text(self.t, e))
    }

    /// The identifiers of a field's error and help, where it has them: its `aria-describedby`.
    #[must_use]
    pub fn described_by(&self, field: &str, help: &str) -> String {
        let error = self.errors.iter().any(|error| error.field == field).then(|| format!("{field}-errore"));
        let help = (!help.is_empty()).then(|| format!("{field}-aiuto"));
        [error, help].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// What is wrong, in words, as the summary says it: with the field's label where the page named it.
    #[must_use]
    pub fn error_line(&self, error: &FieldError) -> String {
        let text = field_text(self.t, error);
        match self.labels.iter().find(|(field, _)| *field == error.field) {
            Some((_, label)) => format!("{label}: {text}"),
            None => text,
        }
    }

    /// A local address of the entity: `page.url("area-personale")`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.entity.as_ref().map_or_else(|| "/".to_owned(), |entity| format!("/{}/{path}", entity.slug))
    }

    /// The address of an asset: `page.asset("svg/sprites.svg")`.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// The languages of the switcher, with this page's address in each.
    #[must_use]
    pub fn languages(&self) -> Vec<(Language, String)> {
        let kept: Vec<_> = url::form_urlencoded::parse(self.here.query().unwrap_or_default().as_bytes())
            .filter(|(name, _)| name != "lingua")
            .collect();
        let address = |language: Language| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&kept).append_pair("lingua", language.code());
            format!("{}?{}", self.here.path(), query.finish())
        };
        Language::ALL.into_iter().map(|language| (language, address(language))).collect()
    }

    /// The login page that comes back here.
    #[must_use]
    pub fn login_url(&self) -> String {
        let here = self.here.path_and_query().map_or("/", |here| here.as_str());
        let back: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
        self.url(&format!("accesso?ritorno={back}"))
    }
}

fn query(uri: &Uri, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use askama::Template;
    use chrono_tz::Europe::Rome;

    use super::*;

    /// Every piece of the frame, once.
    #[derive(Template)]
    #[template(path = "templates/sample.html", config = ".askama.toml")]
    struct Sample {
        page: Page,
        options: Vec<(String, String)>,
        rows: Vec<(String, String)>,
        pager: Pager,
    }

    fn sample(language: Language, here: &'static str) -> String {
        let here = Uri::from_static(here);
        let mut page = Page::bare(T::new(language, Rome), "Prova <b>".to_owned(), &here)
            .crumb("Home", "/terni/")
            .crumb("Prova", "")
            .steps(["Luogo", "Data e orario", "Riepilogo"].map(str::to_owned), 2)
            .errors(vec![FieldError::new("email", "required"), FieldError::new("when", "no_such_code")])
            .labels([("email".to_owned(), "Email".to_owned())]);
        page.csrf = "the-token".to_owned();
        let options = vec![("a".to_owned(), "Primo".to_owned()), ("b".to_owned(), "Secondo".to_owned())];
        let rows = vec![("Indirizzo".to_owned(), "via <Roma> 1".to_owned())];
        let pager = Pager { current: 2, last: 3, url: "/terni/prova?pagina=".to_owned() };
        Sample { page, options, rows, pager }.render().unwrap()
    }

    #[test]
    fn every_piece_is_drawn() {
        let html = sample(Language::It, "/terni/prova?x=1&lingua=it");
        for expected in [
            "<html lang=\"it\">",
            "<title>Errore: Prova &#60;b&#62;",
            "name=\"_token\" value=\"the-token\"",
            "href=\"#email\"",
            ">Email: Questo campo è obbligatorio</a>",
            "Il valore non è corretto",
            "via &#60;Roma&#62; 1",
            "aria-current=\"step\"",
            "2/3",
            "Pagina 2 di 3",
            "?pagina=3",
            "<option value=\"b\" selected>",
            "x=1&#38;lingua=en",
        ] {
            assert!(html.contains(expected), "{expected} is missing");
        }
        assert!(sample(Language::En, "/terni/prova").contains("This field is required"));
    }

    #[test]
    fn nothing_needs_a_script_or_an_inline_style() {
        let html = sample(Language::It, "/terni/prova");
        for forbidden in ["<script", "<style", " style=", " onclick=", "javascript:"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn only_known_results_are_announced() {
        let done = |here: &'static str| {
            Page::bare(T::new(Language::It, Rome), String::new(), &Uri::from_static(here)).done
        };
        assert_eq!(done("/terni/?esito=saved").as_deref(), Some("Le modifiche sono state salvate."));
        assert_eq!(done("/terni/?esito=%3Cb%3E"), None);
        assert_eq!(done("/terni/"), None);
    }
}
