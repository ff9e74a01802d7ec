//! Budget chapters, assessments, taxonomy.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::error::{Error, Result};
use crate::ids::{AssessmentId, ChapterId, EntityId};
use crate::payments::chapters::{
    Assessment, Chapter, ChapterKind, MissingChapter, NewAssessment, NewChapter,
};
use crate::payments::taxonomy::TaxonomyRow;

macro_rules! chapter_query {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Chapter,
            r#"select chapter_id as "id: ChapterId", year, code, article, description, pdc, siope,
                kind as "kind: ChapterKind"
             from chapter where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// The chapters of a year, by code and article.
pub async fn chapters(conn: &mut PgConnection, entity: EntityId, year: i16) -> Result<Vec<Chapter>> {
    Ok(chapter_query!("year = $2 order by code, article", entity.0, year).fetch_all(conn).await?)
}

/// The chapter of a year, code and article.
pub async fn chapter(
    conn: &mut PgConnection,
    entity: EntityId,
    year: i16,
    code: &str,
    article: &str,
) -> Result<Option<Chapter>> {
    Ok(chapter_query!("year = $2 and code = $3 and article = $4", entity.0, year, code, article)
        .fetch_optional(conn)
        .await?)
}

/// The chapter of an identifier.
pub async fn chapter_by_id(conn: &mut PgConnection, entity: EntityId, id: ChapterId) -> Result<Chapter> {
    chapter_query!("chapter_id = $2", entity.0, id.0)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound("chapter"))
}

/// The years that have chapters, newest first.
pub async fn chapter_years(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<i16>> {
    Ok(sqlx::query_scalar!(
        "select distinct year from chapter where entity_id = $1 order by year desc",
        entity.0
    )
    .fetch_all(conn)
    .await?)
}

/// Adds a chapter, or changes what is said about the one of the same year, code and article.
pub async fn put_chapter(
    conn: &mut PgConnection,
    entity: EntityId,
    id: ChapterId,
    chapter: &NewChapter,
) -> Result<ChapterId> {
    Ok(sqlx::query_scalar!(
        r#"insert into chapter (entity_id, chapter_id, year, code, article, description, pdc, siope, kind)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (entity_id, year, code, article) do update set description = excluded.description,
            pdc = excluded.pdc, siope = excluded.siope, kind = excluded.kind
         returning chapter_id as "id: ChapterId""#,
        entity.0,
        id.0,
        chapter.year,
        chapter.code,
        chapter.article,
        chapter.description,
        chapter.pdc,
        chapter.siope,
        chapter.kind.as_str(),
    )
    .fetch_one(conn)
    .await?)
}

/// Removes a chapter and its assessments. `false`: there was none.
pub async fn delete_chapter(conn: &mut PgConnection, entity: EntityId, id: ChapterId) -> Result<bool> {
    let result = sqlx::query!("delete from chapter where entity_id = $1 and chapter_id = $2", entity.0, id.0)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() == 1)
}

macro_rules! assessment_query {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Assessment,
            r#"select a.assessment_id as "id: AssessmentId", a.chapter_id as "chapter: ChapterId", a.year, a.number,
                a.description
             from assessment a join chapter c on c.entity_id = a.entity_id and c.chapter_id = a.chapter_id
             where a.entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// The assessments of the chapters of a year.
pub async fn assessments(conn: &mut PgConnection, entity: EntityId, year: i16) -> Result<Vec<Assessment>> {
    Ok(assessment_query!("c.year = $2 order by c.code, c.article, a.year, a.number", entity.0, year)
        .fetch_all(conn)
        .await?)
}

/// The assessment of an identifier.
pub async fn assessment_by_id(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AssessmentId,
) -> Result<Assessment> {
    assessment_query!("a.assessment_id = $2", entity.0, id.0)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound("assessment"))
}

/// The assessment that new revenue of a chapter goes to: that of the chapter's own year, the last one that was added.
pub async fn assessment_in_use(
    conn: &mut PgConnection,
    entity: EntityId,
    chapter: ChapterId,
) -> Result<Option<Assessment>> {
    Ok(assessment_query!(
        "a.chapter_id = $2 and a.year = c.year order by a.assessment_id desc limit 1",
        entity.0,
        chapter.0
    )
    .fetch_optional(conn)
    .await?)
}

/// Adds an assessment, or changes the description of the one with the same year and number.
pub async fn put_assessment(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AssessmentId,
    assessment: &NewAssessment,
) -> Result<AssessmentId> {
    Ok(sqlx::query_scalar!(
        r#"insert into assessment (entity_id, assessment_id, chapter_id, year, number, description)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (entity_id, chapter_id, year, number) do update set description = excluded.description
         returning assessment_id as "id: AssessmentId""#,
        entity.0,
        id.0,
        assessment.chapter.0,
        assessment.year,
        assessment.number,
        assessment.description,
    )
    .fetch_one(conn)
    .await?)
}

/// Removes an assessment. `false`: there was none.
pub async fn delete_assessment(conn: &mut PgConnection, entity: EntityId, id: AssessmentId) -> Result<bool> {
    let result =
        sqlx::query!("delete from assessment where entity_id = $1 and assessment_id = $2", entity.0, id.0)
            .execute(conn)
            .await?;
    Ok(result.rows_affected() == 1)
}

/// The chapters that tariffs in force from `from` to `to` name and a year does not have.
pub async fn missing_chapters(
    conn: &mut PgConnection,
    entity: EntityId,
    year: i16,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<MissingChapter>> {
    Ok(sqlx::query_as!(
        MissingChapter,
        "select distinct s.chapter_code as code, s.chapter_article as article
         from tariff t
         join tariff_item i on i.entity_id = t.entity_id and i.tariff_id = t.tariff_id
         join tariff_share s on s.entity_id = i.entity_id and s.tariff_item_id = i.tariff_item_id
         left join chapter c on c.entity_id = s.entity_id and c.year = $2 and c.code = s.chapter_code
            and c.article = s.chapter_article
         where t.entity_id = $1 and daterange(t.valid_from, t.valid_to, '[]') && daterange($3, $4, '[]')
            and c.chapter_id is null
         order by 1, 2",
        entity.0,
        year,
        from,
        to,
    )
    .fetch_all(conn)
    .await?)
}

/// Replaces the whole taxonomy.
pub async fn replace_taxonomy(conn: &mut PgConnection, rows: &[TaxonomyRow]) -> Result<()> {
    fn column<T>(rows: &[TaxonomyRow], of: impl Fn(&TaxonomyRow) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    sqlx::query!("delete from taxonomy_code").execute(&mut *conn).await?;
    sqlx::query!(
        "insert into taxonomy_code (code, entity_type, entity_type_name, macro_area, service, description, valid_from,
            valid_to)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[],
            $8::date[])",
        &column(rows, |row| row.code.clone()),
        &column(rows, |row| row.entity_type.clone()),
        &column(rows, |row| row.entity_type_name.clone()),
        &column(rows, |row| row.macro_area.clone()),
        &column(rows, |row| row.service.clone()),
        &column(rows, |row| row.description.clone()),
        &column(rows, |row| row.valid_from),
        &column(rows, |row| row.valid_to) as &[Option<NaiveDate>],
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The rows of some codes, whatever their dates.
pub async fn taxonomy(conn: &mut PgConnection, codes: &[String]) -> Result<Vec<TaxonomyRow>> {
    Ok(sqlx::query_as!(
        TaxonomyRow,
        "select code, entity_type, entity_type_name, macro_area, service, description, valid_from, valid_to
         from taxonomy_code where code = any($1) order by code, valid_from",
        codes,
    )
    .fetch_all(conn)
    .await?)
}

/// What the creditors of a type may collect on a day, with the ordinary prefix, whose texts or code contain `text`.
pub async fn search_taxonomy(
    conn: &mut PgConnection,
    entity_type: &str,
    text: &str,
    day: NaiveDate,
) -> Result<Vec<TaxonomyRow>> {
    Ok(sqlx::query_as!(
        TaxonomyRow,
        "select code, entity_type, entity_type_name, macro_area, service, description, valid_from, valid_to
         from taxonomy_code
         where entity_type = $1 and code like '9/%' and valid_from <= $3 and (valid_to is null or $3 <= valid_to)
            and strpos(lower(code || ' ' || macro_area || ' ' || service || ' ' || description), lower($2)) > 0
         order by code limit 200",
        entity_type,
        text,
        day,
    )
    .fetch_all(conn)
    .await?)
}

/// How many codes there are: none until the taxonomy is imported.
pub async fn taxonomy_size(conn: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "n!" from taxonomy_code"#).fetch_one(conn).await?)
}
