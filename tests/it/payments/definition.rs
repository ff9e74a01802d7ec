//! Tariffs, chapters and taxonomy as the console defines them.

use sportello::Error;
use sportello::audit::Actor;
use sportello::payments::chapters::{self, Copied, MissingChapter};
use sportello::payments::{definition, taxonomy};

use super::world::{CODE, PRICE, TAXONOMY, World};

#[tokio::test]
async fn a_new_version_closes_the_former_and_stops_before_a_later_one() {
    let world = World::without_tariff().await;
    let on = |day: &str| {
        let mut tariff = world.tariff();
        tariff.valid_from = day.parse().unwrap();
        tariff
    };
    for day in ["2027-01-11", "2027-06-01", "2027-03-01", "2027-06-01"] {
        world.define(&on(day)).await.unwrap();
    }
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let versions = definition::versions(&mut tx, world.entity.id, world.service).await.unwrap();
    let dates: Vec<_> = versions
        .iter()
        .map(|version| (version.valid_from.to_string(), version.valid_to.map(|day| day.to_string())))
        .collect();
    let day = |text: &str| text.to_owned();
    assert_eq!(
        dates,
        [
            (day("2027-06-01"), None),
            (day("2027-03-01"), Some(day("2027-05-31"))),
            (day("2027-01-11"), Some(day("2027-02-28"))),
        ]
    );
    assert!(
        versions
            .iter()
            .all(|version| version.items[0].amount() == PRICE && version.items[0].shares.len() == 3)
    );
    assert_eq!(world.quote().await.total(), PRICE);
}

#[tokio::test]
async fn what_cannot_be_issued_cannot_be_defined() {
    let world = World::without_tariff().await;
    let mut tariff = world.tariff();
    tariff.items[0].shares[1].chapter_code = "777".into();
    tariff.items[0].taxonomy = "9/0708107AP/".into();
    let Err(Error::Invalid(errors)) = world.define(&tariff).await else { panic!("refused") };
    let found: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
    assert_eq!(
        found,
        [("items.0.taxonomy", "taxonomy_of_others"), ("items.0.shares.1.chapter_code", "chapter_missing")]
    );
    assert_eq!(errors[1].detail.as_deref(), Some("2027/777/1"));
    assert_eq!(world.count("select count(*) from tariff").await, 0);

    let mut tariff = world.tariff();
    tariff.service = sportello::ids::ServiceId::new();
    assert!(matches!(world.define(&tariff).await, Err(Error::NotFound("service"))));
}

#[tokio::test]
async fn a_year_is_copied_once_and_what_it_lacks_is_said() {
    let world = World::new().await;
    let (entity, now) = (world.entity.id, world.now());
    let mut tx = world.app.db.begin(entity).await.unwrap();
    assert_eq!(chapters::missing(&mut tx, entity, 2027).await.unwrap(), []);
    let missing = chapters::missing(&mut tx, entity, 2028).await.unwrap();
    assert_eq!(missing.len(), 3);
    assert_eq!(missing[0], MissingChapter { code: "3010".into(), article: "1".into() });
    for expected in [Copied { added: 3, present: 0 }, Copied { added: 0, present: 3 }] {
        let copied = chapters::copy_year(&mut tx, entity, 2027, 2028, &Actor::System, now).await.unwrap();
        assert_eq!(copied, expected);
    }
    assert_eq!(chapters::missing(&mut tx, entity, 2028).await.unwrap(), []);
    assert_eq!(chapters::assessments(&mut tx, entity, 2027).await.unwrap().len(), 3);
    assert_eq!(chapters::assessments(&mut tx, entity, 2028).await.unwrap().len(), 0);
    assert_eq!(chapters::years(&mut tx, entity).await.unwrap(), [2028, 2027]);
}

#[tokio::test]
async fn the_taxonomy_is_replaced_as_a_whole() {
    let world = World::without_tariff().await;
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let day = |text: &str| text.parse().unwrap();
    assert_eq!(taxonomy::size(&mut tx).await.unwrap(), 4);
    let found = taxonomy::lookup(&mut tx, CODE, day("2027-01-11")).await.unwrap().unwrap();
    assert_eq!((found.entity_type.as_str(), found.service.as_str()), ("01", "Carta d'identità elettronica"));
    assert!(taxonomy::lookup(&mut tx, "9/0105118TS/", day("2027-01-11")).await.unwrap().is_none());
    let found = taxonomy::search(&mut tx, "CERTIFICATI", day("2027-01-11")).await.unwrap();
    assert_eq!(found.iter().map(|row| row.code.as_str()).collect::<Vec<_>>(), ["9/0104103SP/"]);

    let shorter: String = TAXONOMY.lines().take(2).map(|line| format!("{line}\n")).collect();
    world.db.import_taxonomy(&shorter).await;
    assert_eq!(taxonomy::size(&mut tx).await.unwrap(), 1);
    for wrong in ["<html>", &TAXONOMY[..TAXONOMY.find('\n').unwrap() + 1]] {
        assert!(taxonomy::read_file(wrong).is_err(), "{wrong}");
    }

    // It is everybody's: who administers one entity may not touch it.
    let table = taxonomy::read_file(TAXONOMY).unwrap();
    let refused = taxonomy::import(&mut tx, &table).await.unwrap_err();
    assert!(matches!(&refused, Error::Database(error) if error.to_string().contains("permission denied")));
}
