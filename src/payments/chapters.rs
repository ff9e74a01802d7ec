//! Budget chapters and their assessments, per accounting year: defined by accountants, frozen on each position.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::store::reference as store;
use crate::audit::{self, Actor, Change};
use crate::error::{Error, FieldError, Result};
use crate::ids::{AssessmentId, ChapterId, EntityId};

/// Longest chapter code.
pub const CODE_MAX: usize = 64;
/// Longest description.
const DESCRIPTION_MAX: usize = 300;
/// Longest assessment number, with its sub.
const NUMBER_MAX: usize = 32;
/// Accounting years the database takes.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;

/// Whose the money is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ChapterKind {
    /// The entity's revenue.
    Own,
    /// Collected for others: partite di giro, conto terzi (TUEL art. 168).
    ThirdParty,
}

impl ChapterKind {
    /// As the database writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::ThirdParty => "third_party",
        }
    }
}

/// A budget line of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chapter {
    /// Its identifier.
    pub id: ChapterId,
    /// Accounting year.
    pub year: i16,
    /// Capitolo.
    pub code: String,
    /// Articolo; empty: none.
    pub article: String,
    /// Its name in the budget.
    pub description: String,
    /// Piano dei conti finanziario, e.g. `E.3.01.02.01.032`; empty: not said.
    pub pdc: String,
    /// SIOPE code; empty: not said.
    pub siope: String,
    /// Whose the money is.
    pub kind: ChapterKind,
}

/// A budget line as it is defined: year, code and article name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChapter {
    /// Accounting year.
    pub year: i16,
    /// Capitolo.
    pub code: String,
    /// Articolo; empty: none.
    #[serde(default)]
    pub article: String,
    /// Its name in the budget.
    pub description: String,
    /// Piano dei conti finanziario; empty: not said.
    #[serde(default)]
    pub pdc: String,
    /// SIOPE code; empty: not said.
    #[serde(default)]
    pub siope: String,
    /// Whose the money is.
    pub kind: ChapterKind,
}

/// Assessed revenue (accertamento) of a chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// Its identifier.
    pub id: AssessmentId,
    /// Of which chapter.
    pub chapter: ChapterId,
    /// Its year.
    pub year: i16,
    /// Its number, with the sub where there is one.
    pub number: String,
    /// What it is about.
    pub description: String,
}

/// An assessment as it is defined: chapter, year and number name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAssessment {
    /// Of which chapter.
    pub chapter: ChapterId,
    /// Its year.
    pub year: i16,
    /// Its number, with the sub where there is one.
    pub number: String,
    /// What it is about.
    #[serde(default)]
    pub description: String,
}

/// A chapter that tariffs name and a year does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingChapter {
    /// Capitolo.
    pub code: String,
    /// Articolo.
    pub article: String,
}

/// What a copy of chapters did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// Chapters added to the new year.
    pub added: usize,
    /// Chapters the new year had already: left as they were.
    pub present: usize,
}

impl NewChapter {
    /// What is wrong with it.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_year(&mut errors, self.year);
        check_text(&mut errors, "code", &self.code, CODE_MAX);
        check_text(&mut errors, "description", &self.description, DESCRIPTION_MAX);
        if self.article.chars().count() > CODE_MAX {
            errors.push(FieldError::new("article", "too_long").with_detail(CODE_MAX));
        }
        if !self.pdc.is_empty() && !is_pdc(&self.pdc) {
            errors.push(FieldError::new("pdc", "malformed").with_detail("E.3.01.02.01.032"));
        }
        if !self.siope.is_empty() && !is_siope(&self.siope) {
            errors.push(FieldError::new("siope", "malformed").with_detail("4/10"));
        }
        errors
    }
}

impl NewAssessment {
    /// What is wrong with it.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_year(&mut errors, self.year);
        check_text(&mut errors, "number", &self.number, NUMBER_MAX);
        if self.description.chars().count() > DESCRIPTION_MAX {
            errors.push(FieldError::new("description", "too_long").with_detail(DESCRIPTION_MAX));
        }
        errors
    }
}

fn check_year(errors: &mut Vec<FieldError>, year: i16) {
    if !YEARS.contains(&year) {
        errors.push(FieldError::new("year", "out_of_range").with_detail("2000-2199"));
    }
}

fn check_text(errors: &mut Vec<FieldError>, field: &str, text: &str, max: usize) {
    if text.trim().is_empty() {
        errors.push(FieldError::new(field, "required"));
    } else if text.chars().count() > max {
        errors.push(FieldError::new(field, "too_long").with_detail(max));
    }
}

/// `E.` and up to five levels of 1, 2, 2, 2 and 3 digits (D.Lgs. 118/2011, annex 6/1).
fn is_pdc(text: &str) -> bool {
    const LEVELS: [usize; 5] = [1, 2, 2, 2, 3];
    let Some(levels) = text.strip_prefix("E.") else { return false };
    let levels: Vec<&str> = levels.split('.').collect();
    levels.len() <= LEVELS.len()
        && levels
            .iter()
            .zip(LEVELS)
            .all(|(level, digits)| level.len() == digits && level.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Four digits, or ten since the harmonised budget (the treasury orders' schema, `codice_cge`).
fn is_siope(text: &str) -> bool {
    matches!(text.len(), 4 | 10) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn refuse(errors: Vec<FieldError>) -> Result<()> {
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// Adds a chapter, or changes the one of the same year, code and article.
///
/// # Errors
/// [`Error::Invalid`].
pub async fn put_chapter(
    conn: &mut PgConnection,
    entity: EntityId,
    chapter: &NewChapter,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<ChapterId> {
    refuse(chapter.check())?;
    let before = store::chapter(conn, entity, chapter.year, &chapter.code, &chapter.article).await?;
    let id = store::put_chapter(conn, entity, ChapterId::new(), chapter).await?;
    let object = id.to_string();
    let change = Change::of("chapter.put", "chapter", &object).before(before).after(chapter);
    audit::record(conn, entity, now, actor, change).await?;
    Ok(id)
}

/// Removes a chapter and its assessments. Positions keep what was frozen on them.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete_chapter(
    conn: &mut PgConnection,
    entity: EntityId,
    id: ChapterId,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let before = store::chapter_by_id(conn, entity, id).await?;
    if !store::delete_chapter(conn, entity, id).await? {
        return Err(Error::NotFound("chapter"));
    }
    let object = id.to_string();
    let change = Change::of("chapter.deleted", "chapter", &object).before(before);
    audit::record(conn, entity, now, actor, change).await
}

/// Adds an assessment to a chapter, or changes the description of the one with the same year and number. New revenue
/// goes to the chapter's last added assessment of the accounting year.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::NotFound`] for the chapter.
pub async fn put_assessment(
    conn: &mut PgConnection,
    entity: EntityId,
    assessment: &NewAssessment,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<AssessmentId> {
    refuse(assessment.check())?;
    store::chapter_by_id(conn, entity, assessment.chapter).await?;
    let id = store::put_assessment(conn, entity, AssessmentId::new(), assessment).await?;
    let object = id.to_string();
    audit::record(
        conn,
        entity,
        now,
        actor,
        Change::of("assessment.put", "assessment", &object).after(assessment),
    )
    .await?;
    Ok(id)
}

/// Removes an assessment.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete_assessment(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AssessmentId,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let before = store::assessment_by_id(conn, entity, id).await?;
    if !store::delete_assessment(conn, entity, id).await? {
        return Err(Error::NotFound("assessment"));
    }
    let object = id.to_string();
    let change = Change::of("assessment.deleted", "assessment", &object).before(before);
    audit::record(conn, entity, now, actor, change).await
}

/// Copies the chapters of a year to another that has them not. Assessments are not copied: their numbers are given anew
/// each year, and an old number on new revenue would be wrong in a way nobody sees.
///
/// # Errors
/// [`Error::Invalid`] where the years are the same or out of range.
pub async fn copy_year(
    conn: &mut PgConnection,
    entity: EntityId,
    from: i16,
    to: i16,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Copied> {
    let mut errors = Vec::new();
    check_year(&mut errors, to);
    if from == to {
        errors.push(FieldError::new("year", "same_year"));
    }
    refuse(errors)?;
    let mut copied = Copied { added: 0, present: 0 };
    for chapter in store::chapters(conn, entity, from).await? {
        if store::chapter(conn, entity, to, &chapter.code, &chapter.article).await?.is_some() {
            copied.present += 1;
            continue;
        }
        let Chapter { code, article, description, pdc, siope, kind, .. } = chapter;
        let chapter = NewChapter { year: to, code, article, description, pdc, siope, kind };
        store::put_chapter(conn, entity, ChapterId::new(), &chapter).await?;
        copied.added += 1;
    }
    let object = to.to_string();
    let change = Change::of("chapters.copied", "accounting_year", &object).before(from).after(copied);
    audit::record(conn, entity, now, actor, change).await?;
    Ok(copied)
}

/// The chapters of a year, by code and article.
pub async fn chapters(conn: &mut PgConnection, entity: EntityId, year: i16) -> Result<Vec<Chapter>> {
    store::chapters(conn, entity, year).await
}

/// The assessments of the chapters of a year.
pub async fn assessments(conn: &mut PgConnection, entity: EntityId, year: i16) -> Result<Vec<Assessment>> {
    store::assessments(conn, entity, year).await
}

/// The years that have chapters, newest first.
pub async fn years(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<i16>> {
    store::chapter_years(conn, entity).await
}

/// The chapters that tariffs in force during a year name and that year does not have: until they are added, nothing of
/// those tariffs can be issued.
pub async fn missing(conn: &mut PgConnection, entity: EntityId, year: i16) -> Result<Vec<MissingChapter>> {
    let day = |month, day| {
        NaiveDate::from_ymd_opt(year.into(), month, day).ok_or(Error::field("year", "out_of_range"))
    };
    store::missing_chapters(conn, entity, year, day(1, 1)?, day(12, 31)?).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapter() -> NewChapter {
        NewChapter {
            year: 2026,
            code: "3010".into(),
            article: "1".into(),
            description: "Diritti di segreteria".into(),
            pdc: "E.3.01.02.01.032".into(),
            siope: "3010201032".into(),
            kind: ChapterKind::Own,
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(chapter().check(), []);
        let wrong = NewChapter {
            year: 26,
            code: " ".into(),
            article: "1".repeat(65),
            description: "x".repeat(301),
            pdc: "3.01".into(),
            siope: "12".into(),
            kind: ChapterKind::Own,
        };
        let fields: Vec<_> = wrong.check().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["year", "code", "description", "article", "pdc", "siope"]);
    }

    #[test]
    fn codes_of_the_plan_of_accounts() {
        for good in ["E.3", "E.3.01", "E.3.01.02.01.032", "E.9.02.03.04.000"] {
            assert!(is_pdc(good), "{good}");
        }
        for bad in ["", "E.", "U.1", "E.3.1", "E.3.01.02.01.32", "E.3.01.02.01.032.1", "E3.01"] {
            assert!(!is_pdc(bad), "{bad}");
        }
        assert!(is_siope("3010201032") && is_siope("3101") && !is_siope("31") && !is_siope("31x1"));
    }
}
