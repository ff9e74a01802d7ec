//! Who may come in: an accountant of the entity.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::words;
use crate::app::App;
use crate::identity::Role;
use crate::web::error::PageError;
use crate::web::frame::Staff;
use crate::web::page::Page;

/// The area's address under the entity's.
pub const AREA: &str = "contabilita";

/// The sections: path under the area, key of the text.
const SECTIONS: [(&str, &str); 5] = [
    ("", "accounting-section-entries"),
    ("importa", "accounting-section-import"),
    ("flussi", "accounting-section-flows"),
    ("ricevute", "accounting-section-receipts"),
    ("conti", "accounting-section-books"),
];

/// An accountant.
#[derive(Clone, Debug)]
pub struct Office {
    staff: Staff,
}

impl Deref for Office {
    type Target = Staff;
    fn deref(&self) -> &Staff {
        &self.staff
    }
}

impl FromRequestParts<App> for Office {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let staff = Staff::from_request_parts(parts, app).await?;
        staff.require(Role::Accountant, None)?;
        Ok(Self { staff })
    }
}

impl Office {
    /// The address of something of the area: `at("conti")`.
    #[must_use]
    pub fn at(&self, path: impl std::fmt::Display) -> String {
        self.url(format_args!("{AREA}/{path}"))
    }

    /// A page of the area, with its sections; its breadcrumb begins with the work list.
    #[must_use]
    pub fn page(&self, title: impl Into<String>) -> Page {
        let sections = SECTIONS.map(|(path, key)| (path, self.t.get(key)));
        let area = self.url(AREA);
        self.staff.page(title).sections(&area, &sections).crumb(self.t.get("nav-accounting"), area)
    }

    /// What links of the area need to know.
    #[must_use]
    pub fn links(&self) -> words::Links {
        let is_operator = self.member.has(Role::Operator);
        words::Links { area: self.url(AREA), desk: is_operator.then(|| self.url("sportello")) }
    }
}
