//! Budget chapters and assessments, year by year.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use chrono::Datelike;
use serde::Deserialize;
use sqlx::PgConnection;

use super::Admin;
use super::blocks::{Block, Console, Form, Row, Table};
use super::values::{Reader, Values};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::ids::{AssessmentId, ChapterId};
use crate::payments::chapters::{self, Assessment, Chapter, ChapterKind, NewAssessment, NewChapter};
use crate::payments::definition::chapter_name;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done};

const SECTION: (&str, &str) = ("bilancio", "admin-console-chapters");

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/bilancio", get(list))
        .route("/{entity}/amministrazione/bilancio/capitoli/nuovo", get(new).post(create))
        .route("/{entity}/amministrazione/bilancio/copia", post(copy))
        .route("/{entity}/amministrazione/bilancio/capitoli/{id}", get(edit).post(save))
        .route("/{entity}/amministrazione/bilancio/capitoli/{id}/togli", post(remove))
        .route("/{entity}/amministrazione/bilancio/capitoli/{id}/accertamenti", post(add_assessment))
        .route(
            "/{entity}/amministrazione/bilancio/capitoli/{id}/accertamenti/{assessment}/togli",
            post(remove_assessment),
        )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    anno: String,
}

impl Asked {
    fn year(&self, admin: &Admin) -> i16 {
        let this = i16::try_from(admin.t.day_of(admin.now).year()).unwrap_or_default();
        self.anno.parse().unwrap_or(this)
    }
}

fn at_year(admin: &Admin, year: i16) -> String {
    admin.console(format_args!("bilancio?anno={year}"))
}

fn row(admin: &Admin, chapter: &Chapter, assessments: &[Assessment]) -> Row {
    let numbers = assessments.iter().filter(|a| a.chapter == chapter.id);
    let numbers: Vec<_> = numbers.map(|a| format!("{}/{}", a.year, a.number)).collect();
    let kind = format!("admin-chapter-{}", chapter.kind.as_str());
    let edit = admin.console(format_args!("bilancio/capitoli/{}", chapter.id));
    Row::default()
        .link(chapter_name(chapter.year.into(), &chapter.code, &chapter.article), edit.clone())
        .text(&chapter.description)
        .text(admin.text(&kind))
        .text(&chapter.pdc)
        .text(numbers.join(", "))
        .act(admin.text("admin-remove"), format!("{edit}/togli"))
}

async fn list(admin: Admin, Query(asked): Query<Asked>) -> Answer {
    let (t, year) = (admin.t, asked.year(&admin));
    let entity = admin.entity.id;
    let mut tx = admin.begin().await?;
    let lines = chapters::chapters(&mut tx, entity, year).await?;
    let assessments = chapters::assessments(&mut tx, entity, year).await?;
    let missing = chapters::missing(&mut tx, entity, year).await?;
    let mut years = chapters::years(&mut tx, entity).await?;
    let this = Asked::default().year(&admin);
    years.extend([this, this + 1, year]);
    years.sort_unstable();
    years.dedup();
    let chosen = Values::default().with("anno", year);
    let options = years.iter().map(|year| (year.to_string(), year.to_string())).collect();
    let choose = Form::new(t, "chapters-year", &chosen).search().select("anno", false, options, "");
    let mut console = Console::new(admin.section("chapters")).form(choose);
    if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(|m| chapter_name(year.into(), &m.code, &m.article)).collect();
        console = console
            .with(Block::Alert("warning", t.with("admin-chapters-missing", &[("names", &names.join(", "))])));
    }
    let columns = ["chapter", "description", "kind", "pdc", "assessments"];
    let table = Table::new(t, "chapters", &columns).rows(lines.iter().map(|c| row(&admin, c, &assessments)));
    console = console
        .link(admin.console(format_args!("bilancio/capitoli/nuovo?anno={year}")), "admin-chapters-new")
        .table(table);
    let years = Values::default().with("from", year - 1).with("to", year);
    let copy = Form::new(t, "chapters-copy", &years)
        .input("from", "number")
        .input("to", "number")
        .to(admin.console("bilancio/copia"));
    console.heading("admin-chapters-copy-title").text("admin-chapters-copy-lead").form(copy).answer()
}

async fn copy(admin: Admin, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let mut reader = Reader::new(&values);
    let years = (reader.number("from"), reader.number("to"));
    let (from, to) = reader.finish(years)?;
    let mut tx = admin.begin().await?;
    chapters::copy_year(&mut tx, admin.entity.id, from, to, &admin.actor(), admin.now).await?;
    tx.commit().await?;
    redirect_done(at_year(&admin, to), "saved")
}

fn values(chapter: &Chapter) -> Values {
    Values::default()
        .with("year", chapter.year)
        .with("code", &chapter.code)
        .with("article", &chapter.article)
        .with("description", &chapter.description)
        .with("kind", chapter.kind.as_str())
        .with("pdc", &chapter.pdc)
        .with("siope", &chapter.siope)
}

/// What was posted; what a chapter is known by (year, code, article) stays as it is.
fn read(values: &Values, former: Option<&Chapter>) -> Result<NewChapter> {
    let mut reader = Reader::new(values);
    let kind = match values.get("kind") {
        "third_party" => ChapterKind::ThirdParty,
        _ => ChapterKind::Own,
    };
    let of = |name: &str| values.get(name).to_owned();
    let chapter = NewChapter {
        year: former.map_or_else(|| reader.number("year"), |former| former.year),
        code: former.map_or_else(|| of("code"), |former| former.code.clone()),
        article: former.map_or_else(|| of("article"), |former| former.article.clone()),
        description: of("description"),
        pdc: of("pdc"),
        siope: of("siope"),
        kind,
    };
    reader.finish(chapter)
}

fn form(admin: &Admin, values: &Values, is_new: bool) -> Form {
    let kinds =
        ["own", "third_party"].map(|kind| (kind.to_owned(), admin.text(&format!("admin-chapter-{kind}"))));
    let mut form = Form::new(admin.t, "chapter", values);
    if is_new {
        form = form.input("year", "number").required("code").line("article", "text");
    }
    form.required("description")
        .select("kind", true, kinds.to_vec(), "")
        .line("pdc", "text")
        .line("siope", "text")
        .back(admin.console("bilancio"))
}

fn view_new(admin: &Admin, values: &Values, errors: Vec<FieldError>) -> Answer {
    let page = admin.below(SECTION, admin.text("admin-chapters-new"), "chapter").errors(errors);
    Console::new(page).form(form(admin, values, true)).answer()
}

async fn new(admin: Admin, Query(asked): Query<Asked>) -> Answer {
    view_new(&admin, &Values::default().with("year", asked.year(&admin)), Vec::new())
}

async fn create(admin: Admin, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let mut tx = admin.begin().await?;
    let done = match read(&values, None) {
        Ok(new) => put(&mut tx, &admin, &new).await.map(|()| new.year),
        Err(error) => Err(error),
    };
    let to = at_year(&admin, done.as_ref().copied().unwrap_or_default());
    admin.finish(tx, done, to, |errors| view_new(&admin, &values, errors)).await
}

async fn put(conn: &mut PgConnection, admin: &Admin, new: &NewChapter) -> Result<()> {
    chapters::put_chapter(conn, admin.entity.id, new, &admin.actor(), admin.now).await.map(drop)
}

/// A chapter with its assessments.
struct Known {
    chapter: Chapter,
    assessments: Vec<Assessment>,
}

async fn known(conn: &mut PgConnection, admin: &Admin, id: ChapterId) -> Result<Known> {
    let chapter = crate::payments::store::reference::chapter_by_id(conn, admin.entity.id, id).await?;
    let mut assessments = chapters::assessments(conn, admin.entity.id, chapter.year).await?;
    assessments.retain(|assessment| assessment.chapter == id);
    Ok(Known { chapter, assessments })
}

fn view(admin: &Admin, known: &Known, values: &Values, errors: Vec<FieldError>) -> Answer {
    let (t, chapter) = (admin.t, &known.chapter);
    let at = admin.console(format_args!("bilancio/capitoli/{}", chapter.id));
    let rows = known.assessments.iter().map(|a| {
        Row::default()
            .text(format!("{}/{}", a.year, a.number))
            .text(&a.description)
            .act(t.get("admin-remove"), format!("{at}/accertamenti/{}/togli", a.id))
    });
    let table = Table::new(t, "assessments", &["number", "description"]).rows(rows);
    let new = Form::new(t, "assessment", values)
        .input("assessment_year", "number")
        .required("assessment_number")
        .line("assessment_description", "text")
        .to(format!("{at}/accertamenti"));
    let name = chapter_name(chapter.year.into(), &chapter.code, &chapter.article);
    Console::new(admin.below(SECTION, name, "chapter-page").errors(errors))
        .form(form(admin, values, false).to(at))
        .heading("admin-assessments-title")
        .text("admin-assessments-lead")
        .table(table)
        .form(new)
        .answer()
}

async fn edit(admin: Admin, Path((_, id)): Path<(String, ChapterId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let known = known(&mut tx, &admin, id).await?;
    let values = values(&known.chapter).with("assessment_year", known.chapter.year);
    view(&admin, &known, &values, Vec::new())
}

async fn save(admin: Admin, Path((_, id)): Path<(String, ChapterId)>, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let mut tx = admin.begin().await?;
    let known = known(&mut tx, &admin, id).await?;
    let done = match read(&values, Some(&known.chapter)) {
        Ok(new) => put(&mut tx, &admin, &new).await,
        Err(error) => Err(error),
    };
    let to = at_year(&admin, known.chapter.year);
    admin.finish(tx, done, to, |errors| view(&admin, &known, &values, errors)).await
}

async fn remove(admin: Admin, Path((_, id)): Path<(String, ChapterId)>, _: ProtectedForm) -> Answer {
    let mut tx = admin.begin().await?;
    let year = known(&mut tx, &admin, id).await?.chapter.year;
    chapters::delete_chapter(&mut tx, admin.entity.id, id, &admin.actor(), admin.now).await?;
    tx.commit().await?;
    redirect_done(at_year(&admin, year), "removed")
}

async fn add_assessment(
    admin: Admin,
    Path((_, id)): Path<(String, ChapterId)>,
    form: ProtectedForm,
) -> Answer {
    let values = Values::posted(&form.pairs);
    let mut tx = admin.begin().await?;
    let known = known(&mut tx, &admin, id).await?;
    let mut reader = Reader::new(&values);
    let new = NewAssessment {
        chapter: id,
        year: reader.number("assessment_year"),
        number: values.get("assessment_number").to_owned(),
        description: values.get("assessment_description").to_owned(),
    };
    let done = match reader.finish(new) {
        Ok(new) => {
            let actor = admin.actor();
            let put = chapters::put_assessment(&mut tx, admin.entity.id, &new, &actor, admin.now).await;
            put.map_err(|error| super::renamed(error, |field| format!("assessment_{field}")))
        }
        Err(error) => Err(error),
    };
    let to = admin.console(format_args!("bilancio/capitoli/{id}"));
    let again = |errors| {
        let chapter = self::values(&known.chapter);
        let kept = ["assessment_year", "assessment_number", "assessment_description"];
        let all = kept.into_iter().fold(chapter, |all, name| all.with(name, values.get(name)));
        view(&admin, &known, &all, errors)
    };
    admin.finish(tx, done, to, again).await
}

async fn remove_assessment(
    admin: Admin,
    Path((_, chapter, id)): Path<(String, ChapterId, AssessmentId)>,
    _: ProtectedForm,
) -> Answer {
    let mut tx = admin.begin().await?;
    let known = known(&mut tx, &admin, chapter).await?;
    if !known.assessments.iter().any(|assessment| assessment.id == id) {
        return Err(Error::NotFound("assessment").into());
    }
    chapters::delete_assessment(&mut tx, admin.entity.id, id, &admin.actor(), admin.now).await?;
    tx.commit().await?;
    redirect_done(admin.console(format_args!("bilancio/capitoli/{chapter}")), "removed")
}
