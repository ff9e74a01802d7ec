//! Step 4: who comes. What the login says is not asked again.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::IntoResponse;
use http::StatusCode;
use serde::Deserialize;

use super::{Applicant, Flow, Origin, Step, details, details_of, form_of, mended};
use crate::agenda::{Appointment, Details, Holder, Site, booking, holder};
use crate::error::{Error, FieldError};
use crate::identity::Person;
use crate::money::Cents;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, Visitor, redirect, render};
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "citizen/booking/applicant.html", config = ".askama.toml")]
struct ApplicantPage {
    page: Page,
    /// Who logged in.
    person: Option<Person>,
    must_log_in: bool,
    /// Logged in, but with less assurance than the service needs: 1–3, 0 where the provider states none.
    level_too_low: Option<u8>,
    level: i16,
    login_url: String,
    written: Written,
    /// Something is to be paid: a payment needs a fiscal code.
    code_required: bool,
    /// What went wrong, in words; empty where nothing did.
    problem: String,
    kept_until: String,
    back_url: String,
}

/// What is posted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    nome: String,
    cognome: String,
    codice_fiscale: String,
    email: String,
    telefono: String,
}

/// `GET …/richiedente`.
pub(super) async fn show(
    visitor: Visitor,
    Path((_, slug)): Path<(String, String)>,
    Query(from): Query<Origin>,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let flow = Flow::load(&mut tx, &visitor, &slug).await?;
    let held = flow.standing(&visitor)?;
    let form = form_of(&mut tx, &visitor, &flow.service).await?;
    if !details::are_given(held, &flow.service, form.as_ref()) {
        return redirect(flow.url(&visitor, Step::Details));
    }
    let (_, site) = booking::context(&mut tx, &visitor.entity, held).await?;
    let has_price = booking::quote(&mut tx, &visitor.entity, held, visitor.now).await?.total() > Cents::ZERO;
    let written = written_before(&flow.applicant(&visitor), held);
    let page = flow.page(&visitor, Step::Applicant);
    render(&page_of(&visitor, &flow, page, (held, &site), written, has_price, &from))
}

/// What was written on the held time; where nothing was, what the login says.
fn written_before(applicant: &Applicant, held: &Appointment) -> Written {
    let holder = held.holder.clone();
    let mut written = Written {
        nome: holder.given_name,
        cognome: holder.family_name,
        codice_fiscale: holder.fiscal_code.unwrap_or_default(),
        email: holder.email,
        telefono: holder.phone,
    };
    if let Applicant::Citizen(person) = applicant {
        if written.email.is_empty() {
            written.email.clone_from(&person.email);
        }
        if written.telefono.is_empty() {
            written.telefono.clone_from(&person.phone);
        }
    }
    written
}

fn page_of(
    visitor: &Visitor,
    flow: &Flow,
    page: Page,
    (held, site): (&Appointment, &Site),
    written: Written,
    code_required: bool,
    from: &Origin,
) -> ApplicantPage {
    let session = &visitor.session;
    let applicant = flow.applicant(visitor);
    let must_log_in = matches!(applicant, Applicant::LoginNeeded);
    let here = format!("{}{}", flow.url(visitor, Step::Applicant), from.query());
    let back: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
    let t = visitor.t.in_zone(site.zone);
    ApplicantPage {
        page,
        must_log_in,
        level_too_low: Some(session.level).filter(|_| must_log_in && session.fiscal_code().is_some()),
        level: flow.service.minimum_level,
        person: if let Applicant::Citizen(person) = applicant { Some(*person) } else { None },
        login_url: visitor.url(format_args!("accesso?ritorno={back}&livello={}", flow.service.minimum_level)),
        written,
        code_required,
        problem: String::new(),
        kept_until: held.expires_at.map(|until| t.clock(until)).unwrap_or_default(),
        back_url: flow.url(visitor, from.or(Step::Details)),
    }
}

/// `POST …/richiedente`.
pub(super) async fn keep(
    visitor: Visitor,
    Path((_, slug)): Path<(String, String)>,
    Query(from): Query<Origin>,
    posted: ProtectedForm<Written>,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let flow = Flow::load(&mut tx, &visitor, &slug).await?;
    let held = flow.held(&visitor)?.clone();
    let (_, site) = booking::context(&mut tx, &visitor.entity, &held).await?;
    let has_price = booking::quote(&mut tx, &visitor.entity, &held, visitor.now).await?.total() > Cents::ZERO;
    let written = posted.value.trimmed();
    let page = flow.page(&visitor, Step::Applicant);
    let again = |page| page_of(&visitor, &flow, page, (&held, &site), written.clone(), has_price, &from);
    let holder = match flow.applicant(&visitor) {
        Applicant::LoginNeeded => return redirect(flow.url(&visitor, Step::Applicant)),
        Applicant::Citizen(person) => written.holder_of(*person),
        Applicant::Guest => written.guest(has_price),
    };
    let holder = match holder {
        Ok(holder) => holder,
        Err(errors) => {
            let drawn = render(&again(page.errors(errors)))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, drawn).into_response());
        }
    };
    let details = Details { holder, ..details_of(&held, &visitor) };
    match booking::fill(&mut tx, &visitor.entity, held.id, &details, visitor.now).await {
        Ok(()) => tx.commit().await?,
        Err(Error::Refused("too_many_appointments")) => {
            let problem = visitor.t.get("error-too_many_appointments");
            let drawn = render(&ApplicantPage { problem, ..again(page) })?;
            return Ok((StatusCode::CONFLICT, drawn).into_response());
        }
        Err(error) => return Err(mended(error, &flow, &visitor)),
    }
    redirect(flow.url(&visitor, Step::Summary))
}

impl Written {
    fn trimmed(&self) -> Self {
        let trim = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            nome: trim(&self.nome),
            cognome: trim(&self.cognome),
            codice_fiscale: self.codice_fiscale.split_whitespace().collect::<String>().to_uppercase(),
            email: self.email.trim().to_owned(),
            telefono: trim(&self.telefono),
        }
    }

    /// A citizen who logged in gives only how to be reached.
    fn holder_of(&self, person: Person) -> Result<Holder, Vec<FieldError>> {
        let mut errors = Vec::new();
        let (email, phone) = holder::contacts(&self.holder(), &mut errors);
        let holder = Holder {
            given_name: person.given_name,
            family_name: person.family_name,
            fiscal_code: person.fiscal_code,
            email,
            phone,
            verified: true,
        };
        self.reachable(errors).map(|()| holder)
    }

    fn guest(&self, code_required: bool) -> Result<Holder, Vec<FieldError>> {
        match holder::check(&self.holder(), code_required) {
            Ok(holder) => self.reachable(Vec::new()).map(|()| holder),
            Err(errors) => self.reachable(errors).and(Ok(Holder::default())),
        }
    }

    fn holder(&self) -> Holder {
        Holder {
            given_name: self.nome.clone(),
            family_name: self.cognome.clone(),
            fiscal_code: Some(self.codice_fiscale.clone()),
            email: self.email.clone(),
            phone: self.telefono.clone(),
            verified: false,
        }
    }

    /// What is wrong, as the page calls it. Citizens are written to: without an address it is wrong too.
    fn reachable(&self, mut errors: Vec<FieldError>) -> Result<(), Vec<FieldError>> {
        if self.email.is_empty() {
            errors.push(FieldError::new("email", "required"));
        }
        if errors.is_empty() {
            return Ok(());
        }
        let called = FIELDS.iter().flat_map(|(field, here, missing)| {
            let of_field = errors.iter().filter(move |error| error.field == *field);
            of_field.map(move |error| FieldError {
                field: (*here).to_owned(),
                code: if error.code == "required" { missing } else { error.code },
                detail: error.detail.clone(),
            })
        });
        Err(called.collect())
    }
}

/// A field of who comes, its name on the page in the page's order, and what is said where it is missing.
const FIELDS: [(&str, &str, &str); 5] = [
    ("given_name", "nome", "name_missing"),
    ("family_name", "cognome", "family_name_missing"),
    ("fiscal_code", "codice_fiscale", "fiscal_code_missing"),
    ("email", "email", "email_missing"),
    ("phone", "telefono", "phone"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Written {
        Written {
            nome: " Rosalinda  Maria ".into(),
            cognome: "Bellucci della Genga".into(),
            codice_fiscale: "rss mra 80a01 h501u".into(),
            email: " rosa@example.it ".into(),
            telefono: "+39 0742 123456".into(),
        }
    }

    fn fields(result: Result<Holder, Vec<FieldError>>) -> Vec<(String, &'static str)> {
        result.unwrap_err().into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn a_guest_is_read_with_blanks_put_right() {
        let holder = written().trimmed().guest(true).unwrap();
        assert_eq!(holder.given_name, "Rosalinda Maria");
        assert_eq!(holder.fiscal_code.as_deref(), Some("RSSMRA80A01H501U"));
        assert_eq!(holder.email, "rosa@example.it");
        assert!(!holder.verified);
    }

    #[test]
    fn each_wrong_field_is_named() {
        let wrong = Written {
            codice_fiscale: "RSSMRA80A01H501X".into(),
            email: "rosa".into(),
            telefono: "chiamami".into(),
            ..Written::default()
        };
        let expected = [
            ("nome", "name_missing"),
            ("cognome", "family_name_missing"),
            ("codice_fiscale", "fiscal_code"),
            ("email", "email"),
            ("telefono", "phone"),
        ];
        assert_eq!(fields(wrong.guest(false)), expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn who_cannot_be_reached_is_told_so() {
        let nobody = Written::default();
        let missing = ["nome", "cognome", "codice_fiscale", "email"];
        let named: Vec<String> = fields(nobody.guest(true)).into_iter().map(|(field, _)| field).collect();
        assert_eq!(named, missing, "in the order of the page");
        let person = Person {
            fiscal_code: None,
            given_name: String::new(),
            family_name: String::new(),
            email: String::new(),
            phone: String::new(),
        };
        assert_eq!(fields(nobody.holder_of(person)), [("email".to_owned(), "email_missing")]);
        let control = Written { nome: "Rosa\u{7}".into(), ..written().trimmed() };
        assert_eq!(fields(control.guest(true)), [("nome".to_owned(), "wrong")]);
    }

    #[test]
    fn a_fiscal_code_is_asked_of_guests_only_to_pay() {
        let without = Written { codice_fiscale: String::new(), ..written().trimmed() };
        assert!(without.guest(false).is_ok_and(|holder| holder.fiscal_code.is_none()));
        assert_eq!(fields(without.guest(true)), [("codice_fiscale".to_owned(), "fiscal_code_missing")]);
    }

    #[test]
    fn what_the_login_says_cannot_be_written_over() {
        let person = Person {
            fiscal_code: Some("BNCGLI85A41G478U".into()),
            given_name: "Giulia".into(),
            family_name: "Bianchi".into(),
            email: String::new(),
            phone: String::new(),
        };
        let holder = written().trimmed().holder_of(person).unwrap();
        assert_eq!((holder.given_name.as_str(), holder.verified), ("Giulia", true));
        assert_eq!(holder.fiscal_code.as_deref(), Some("BNCGLI85A41G478U"));
        assert_eq!(holder.email, "rosa@example.it");
    }
}
