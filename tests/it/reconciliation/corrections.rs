//! What the treasurer cuts, sends in pages, corrects and takes back.

use std::time::Duration;

use sportello::reconciliation::ledger::Account;
use sportello::reconciliation::state::State;
use sportello::reconciliation::{Import, Label};
use sportello_treasury::simulator::Entry;

use super::scenarios::labels;
use super::world::{World, text};

const FLOW: &str = "2027-01-11PSPITXX1-S001";
const OTHER: &str = "2027-01-13PSPITXX1-S001";
/// As banks cut it, at 35 characters.
const CUT: &str = ".PUR.LGPE-RIVERSAMENTO.URI.2027-01-";

#[tokio::test]
async fn a_cut_credit_waits_for_its_own_flow() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    let b = world.paid_card("r-b").await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 2221, &text(0, FLOW)))]).await;
    // The next day's credit is cut, of the same amount, and its flow is published the day after.
    world.journal(&[Entry::Credited(world.credit(2, 2221, CUT))]).await;
    assert_eq!(labels(&world.entry(1).await), [Label::RtIufTes]);
    assert_eq!(labels(&world.entry(2).await), [Label::TesNoMatch]);
    world.import_flow(&world.flow(OTHER, 1, &[(&b.iuv, "r-b", 2221)])).await;
    assert_eq!(labels(&world.entry(1).await), [Label::RtIufTes]);
    let second = world.entry(2).await;
    assert_eq!(second.summary.entry.flow.as_deref(), Some(OTHER));
    assert_eq!(labels(&second), [Label::TesInferred, Label::RtIufTes]);
    assert_eq!(world.balances(Account::InTransit).await, Vec::<i64>::new());
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn what_a_whole_id_takes_is_given_up_by_a_cut_one_that_came_before() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 2221, CUT))]).await;
    assert_eq!(labels(&world.entry(1).await), [Label::TesInferred, Label::RtIufTes]);
    let whole = world.credit(2, 2221, &text(0, FLOW));
    world.journal(&[Entry::Credited(whole.clone())]).await;
    assert_eq!(labels(&world.entry(1).await), [Label::TesNoMatch]);
    assert_eq!(labels(&world.entry(2).await), [Label::RtIufTes]);
    assert_eq!(world.balances(Account::Treasury).await, [2221]);
    // The treasurer takes the whole one back: the cut one may be it again.
    world.journal(&[Entry::Reversed(whole)]).await;
    assert_eq!(labels(&world.entry(1).await), [Label::TesInferred, Label::RtIufTes]);
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn two_cut_credits_do_not_share_a_flow() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 2221, CUT))]).await;
    world.journal(&[Entry::Credited(world.credit(2, 2221, CUT))]).await;
    for number in [1, 2] {
        assert_eq!(labels(&world.entry(number).await), [Label::TesAmbiguous]);
    }
    assert_eq!(world.balances(Account::InTransit).await, [2221]);
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn an_id_cut_inside_its_suffix_is_found_by_amount_and_date() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    let cut = "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2027-01-11PSPITXX1-S0";
    world.journal(&[Entry::Credited(world.credit(1, 2221, cut))]).await;
    assert_eq!(labels(&world.entry(1).await), [Label::TesNoMatch]);
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
    assert_eq!(labels(&world.entry(1).await), [Label::TesInferred, Label::RtIufTes]);
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn an_id_that_is_the_beginning_of_another_is_not_taken_for_certain() {
    let mut world = World::new().await;
    let short = "2027-01-11PSPITXX1-1";
    world.import_flow(&world.flow(short, 1, &[("01999999999999900", "x", 5000)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 2221, &text(0, short)))]).await;
    assert_eq!(world.entry(1).await.summary.entry.flow.as_deref(), Some(short));
    world.import_flow(&world.flow("2027-01-11PSPITXX1-12", 1, &[("01999999999999901", "y", 2221)])).await;
    assert_eq!(labels(&world.entry(1).await), [Label::TesAmbiguous]);
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn a_journal_is_complete_when_all_its_pages_are_there() {
    let mut world = World::new().await;
    world.treasurer = world.treasurer.clone().with_lines_per_page(1);
    let credits = [1, 2].map(|number| Entry::Credited(world.credit(number, 2221, &text(0, FLOW))));
    let pages = world.treasurer.journal(world.today, &credits);
    assert_eq!(pages.len(), 2);
    for (page, missing) in pages.iter().zip([1, 0]) {
        world.import_journal(page).await;
        assert_eq!(world.worklist().await.totals.incomplete_journals, missing);
    }
    let mut tx = world.db.app.db.begin(world.entity.id).await.unwrap();
    let files = sportello::reconciliation::lists::journals(&mut tx, &world.entity, 9).await.unwrap();
    assert_eq!(files.iter().map(|file| (file.page, file.pages_there)).collect::<Vec<_>>(), [(2, 2), (1, 2)]);
}

#[tokio::test]
async fn a_corrected_journal_replaces_what_it_corrects() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
    let wrong = world.treasurer.clone().journal(
        world.today,
        &[
            Entry::Credited(world.credit(9, 100, "ALTRO")),
            Entry::Credited(world.credit(1, 2200, &text(0, FLOW))),
        ],
    );
    world.import_journal(&wrong[0]).await;
    assert!(labels(&world.entry(1).await).contains(&Label::IufTesDivImp));
    // The day is sent again: the movement has its number, the right amount, and another place in the file.
    let first = wrong[0].find("<movimento_conto_evidenza>").unwrap();
    let second = wrong[0].rfind("<movimento_conto_evidenza>").unwrap();
    let end =
        wrong[0].rfind("</movimento_conto_evidenza>\n").unwrap() + "</movimento_conto_evidenza>\n".len();
    let page = &wrong[0];
    let right = [&page[..first], &page[second..end], &page[first..second], &page[end..]].concat();
    let right = right.replace("<importo>22.00</importo>", "<importo>22.21</importo>");
    assert!(matches!(world.import_journal(&right).await, Import::New { .. }));
    let entry = world.entry(1).await;
    assert_eq!((entry.summary.entry.amount.0, labels(&entry)), (2221, vec![Label::RtIufTes]));
    assert_eq!(entry.movements.len(), 1);
    assert_eq!(world.balances(Account::Treasury).await, [2221]);
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn a_reversal_with_a_number_of_its_own_is_of_the_entry_it_names() {
    for reversal_first in [false, true] {
        let mut world = World::new().await;
        let a = world.paid_card("r-a").await;
        world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
        let credit = world.credit(1, 2221, &text(0, FLOW));
        let opened = world.treasurer.journal(world.today, &[Entry::Credited(credit.clone())]).remove(0);
        let receipt = "<numero_bolletta_quietanza>0070001</numero_bolletta_quietanza>";
        assert!(opened.contains(receipt));
        world.today = world.today.succ_opt().unwrap();
        let reversed = world.treasurer.journal(world.today, &[Entry::Reversed(credit)]).remove(0);
        let own = "<numero_bolletta_quietanza>0070002</numero_bolletta_quietanza>";
        let named = "<numero_bolletta_quietanza_storno>0070001</numero_bolletta_quietanza_storno>";
        let reversed = reversed
            .replace(
                "<numero_documento>0000001</numero_documento>",
                "<numero_documento>0000300</numero_documento>",
            )
            .replace(own, &format!("{own}{named}"));
        let (first, second) = if reversal_first { (&reversed, &opened) } else { (&opened, &reversed) };
        world.import_journal(first).await;
        world.import_journal(second).await;
        let entry = world.entry(1).await;
        assert_eq!((entry.summary.entry.state, labels(&entry)), (State::Cancelled, vec![Label::TesStornato]));
        assert_eq!(entry.movements.len(), 2);
        assert_eq!(world.balances(Account::Treasury).await, Vec::<i64>::new());
        assert_eq!(world.balances(Account::InTransit).await, [2221]);
        let mut tx = world.db.app.db.begin(world.entity.id).await.unwrap();
        let entries: i64 =
            sqlx::query_scalar("select count(*) from provisional_entry").fetch_one(&mut *tx).await.unwrap();
        assert_eq!(entries, 1, "a reversal is no entry");
    }
}

#[tokio::test]
async fn what_was_taken_back_and_reinstated_waits_again() {
    let mut world = World::new().await;
    let credit = world.credit(1, 2221, &text(0, FLOW));
    world.journal(&[Entry::Credited(credit.clone())]).await;
    world.journal(&[Entry::Reversed(credit.clone())]).await;
    assert_eq!(world.worklist().await.totals.open_entries, 0);
    let page = world.treasurer.journal(world.today, &[Entry::Reversed(credit)]).remove(0);
    world.import_journal(&page.replace("STORNATO", "RIPRISTINATO")).await;
    assert_eq!(world.entry(1).await.summary.entry.state, State::Open);
    assert_eq!(world.worklist().await.totals.open.0, 2221);
}

/// Whoever reconciles takes the entity's lock and then rows: a journal that waits for the lock must hold no row yet.
#[tokio::test]
async fn a_journal_holds_no_row_while_it_waits_for_its_turn() {
    let mut world = World::new().await;
    let credit = world.credit(1, 2221, &text(0, FLOW));
    world.journal(&[Entry::Credited(credit.clone())]).await;
    let page = world.treasurer.journal(world.today, &[Entry::Credited(credit)]).remove(0);
    let mut other = world.db.app.db.begin(world.entity.id).await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("{}/reconciliation", world.entity.id))
        .execute(&mut *other)
        .await
        .unwrap();
    let importing = world.import_journal(&page);
    let looking = async {
        let waits = "select count(*) from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())";
        loop {
            let waiting: i64 = sqlx::query_scalar(waits).fetch_one(&mut *other).await.unwrap();
            if waiting > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let free = sqlx::query("select from provisional_entry for update nowait").execute(&mut *other).await;
        other.commit().await.unwrap();
        free
    };
    let (_, free) = tokio::join!(importing, looking);
    assert!(free.is_ok(), "{free:?}");
}
