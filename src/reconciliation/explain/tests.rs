use proptest::prelude::*;

use super::*;

const IUV: &str = "01000000000000012";

fn row(iuv: &str, iur: &str, cents: i64) -> Row {
    Row {
        index: 1,
        iuv: iuv.into(),
        iur: iur.into(),
        transfer_index: Some(1),
        amount: Cents(cents),
        outcome: Outcome::Executed,
        paid_on: NaiveDate::from_ymd_opt(2027, 1, 11).unwrap(),
    }
}

fn transfer(iuv: &str, iur: &str, cents: i64, position: Option<DebtPositionId>) -> Transfer {
    Transfer {
        iuv: iuv.into(),
        iur: iur.into(),
        index: 1,
        amount: Cents(cents),
        position,
        is_first: true,
        payer_name: String::new(),
        paid_at: DateTime::UNIX_EPOCH,
    }
}

fn shares(iuv: &str, position: DebtPositionId, amounts: &[i64]) -> Vec<Share> {
    let share = |(cents, share_index): (&i64, i16)| Share {
        position,
        iuv: iuv.into(),
        transfer_index: 1,
        share_index,
        line: BudgetLine {
            year: 2027,
            chapter: share_index.to_string(),
            article: String::new(),
            assessment_year: None,
            assessment_number: None,
            pdc: String::new(),
            siope: String::new(),
            is_third_party: false,
        },
        description: String::new(),
        amount: Cents(*cents),
    };
    amounts.iter().zip(1..).map(share).collect()
}

/// A position of 16.79 + 5.42 with one receipt.
fn known() -> Knowledge {
    let position = DebtPositionId::new();
    Knowledge {
        transfers: vec![transfer(IUV, "r1", 2221, Some(position))],
        shares: shares(IUV, position, &[1679, 542]),
        segregations: vec![1],
    }
}

fn one(row: &Row, known: &Knowledge) -> Explained {
    explain(&[row], known).remove(0)
}

fn differences(explained: &Explained) -> Vec<(Label, i64)> {
    let difference = |part: &Part| match part.content {
        Content::Difference(label) => Some((label, part.amount.0)),
        Content::Share(_) => None,
    };
    explained.parts.iter().filter_map(difference).collect()
}

#[test]
fn a_row_with_its_receipt_pays_the_shares() {
    let found = one(&row(IUV, "r1", 2221), &known());
    assert_eq!(found.parts.iter().map(|part| part.amount.0).collect::<Vec<_>>(), [1679, 542]);
    assert_eq!((found.labels, found.subject.as_str()), (vec![], "01000000000000012/r1/1"));
}

#[test]
fn another_amount_is_a_difference_beside_the_shares() {
    let found = one(&row(IUV, "r1", 2000), &known());
    assert_eq!(differences(&found), [(Label::RtIufDivImp, -221)]);
    assert_eq!(found.labels, [Label::RtIufDivImp]);
    let mut known = known();
    known.transfers[0].amount = Cents(2000);
    let found = one(&row(IUV, "r1", 2000), &known);
    assert_eq!(differences(&found), [(Label::RtPosDivImp, -221)]);
}

#[test]
fn another_iur_is_accepted_where_there_is_no_doubt() {
    let found = one(&row(IUV, "other", 2221), &known());
    assert_eq!((found.labels.as_slice(), found.transfer), (&[Label::IurDiffers][..], Some(0)));
    let two = [row(IUV, "other", 2221), row(IUV, "another", 2221)];
    for found in explain(&[&two[0], &two[1]], &known()) {
        assert_eq!(found.labels, [Label::Doppi]);
    }
}

#[test]
fn a_notice_paid_or_reported_twice() {
    let reported_twice = [row(IUV, "r1", 2221), row(IUV, "r1", 2221)];
    let found = explain(&[&reported_twice[0], &reported_twice[1]], &known());
    assert_eq!(differences(&found[1]), [(Label::Doppi, 2221)]);
    assert!(!found[1].in_transit());

    let mut known = known();
    let position = known.transfers[0].position;
    known.transfers.push(Transfer { is_first: false, ..transfer(IUV, "r2", 2221, position) });
    let paid_twice = [row(IUV, "r2", 2221), row(IUV, "r1", 2221)];
    let found = explain(&[&paid_twice[0], &paid_twice[1]], &known);
    assert_eq!(differences(&found[0]), [(Label::Doppi, 2221)]);
    assert!(found[0].in_transit());
    assert_eq!(differences(&found[1]), []);
}

#[test]
fn a_row_without_receipt() {
    let mut known = known();
    known.transfers.clear();
    let found = one(&row(IUV, "r9", 2221), &known);
    assert_eq!((found.labels.as_slice(), differences(&found)), (&[Label::IuvNoRt][..], vec![]));
    assert!(!found.in_transit());
    known.shares.clear();
    assert_eq!(differences(&one(&row(IUV, "r9", 2221), &known)), [(Label::IuvNoRt, 2221)]);
    let foreign = row("02000000000000013", "r9", 100);
    assert_eq!(differences(&one(&foreign, &known)), [(Label::OtherIntermediary, 100)]);
    let old = row("RF23567483937849450550875", "r9", 100);
    assert_eq!(differences(&one(&old, &known)), [(Label::OtherIntermediary, 100)]);
    known.segregations.clear();
    assert_eq!(differences(&one(&foreign, &known)), [(Label::IuvNoRt, 100)]);
}

#[test]
fn a_receipt_of_another_intermediary_is_theirs_to_explain() {
    let foreign = "47000000000000013";
    let mut known = Knowledge { transfers: vec![transfer(foreign, "r9", 100, None)], ..known() };
    let found = one(&row(foreign, "r9", 100), &known);
    assert_eq!(
        (found.labels.as_slice(), found.account),
        (&[Label::OtherIntermediary][..], Account::Elsewhere)
    );
    known.transfers = vec![transfer(IUV, "r9", 100, None)];
    let found = one(&row(IUV, "r9", 100), &known);
    assert_eq!((found.labels.as_slice(), found.account), (&[Label::RtNoPosition][..], Account::InTransit));
}

#[test]
fn a_row_that_says_no_receipt_will_come() {
    let mut known = known();
    known.transfers.clear();
    for (outcome, label) in [
        (Outcome::Executed, Label::IuvNoRt),
        (Outcome::StandIn, Label::IuvNoRt),
        (Outcome::StandInNoRpt, Label::IuvNoRpt),
        (Outcome::NoRpt, Label::IuvNoRpt),
    ] {
        assert_eq!(one(&Row { outcome, ..row(IUV, "r9", 2221) }, &known).labels, [label]);
    }
}

#[test]
fn what_was_taken_back_is_negative_where_the_total_says_so() {
    let back = Row { outcome: Outcome::Revoked, ..row(IUV, "r1", 300) };
    let rows = signed(vec![row(IUV, "r1", 2221), back.clone()], Cents(1921));
    assert_eq!(rows[1].amount, Cents(-300));
    assert_eq!(signed(vec![row(IUV, "r1", 2221), back.clone()], Cents(2521))[1].amount, Cents(300));
    assert_eq!(signed(vec![back], Cents(7))[0].amount, Cents(300));
    assert_eq!(differences(&one(&rows[1], &known())), [(Label::Revoked, -300)]);
}

proptest! {
    #[test]
    fn the_parts_are_the_row_and_no_share_is_paid_twice(
        told in prop::collection::vec((0..3_usize, 0..4_usize, prop::option::of(1..3_i16), -3000..3000_i64, any::<bool>()), 0..12),
        paid in prop::collection::vec((0..3_usize, 0..4_usize, 1..3_i16, 1..3000_i64, any::<bool>(), any::<bool>()), 0..8),
        owed in prop::collection::vec((0..3_usize, 1..3_i16, 1..3000_i64), 0..8),
    ) {
        let iuvs = [IUV, "01000000000000113", "02000000000000013"];
        let positions = [DebtPositionId::new(), DebtPositionId::new(), DebtPositionId::new()];
        let rows: Vec<Row> = told.iter().map(|(iuv, iur, index, cents, is_revoked)| Row {
            transfer_index: *index,
            outcome: if *is_revoked { Outcome::Revoked } else { Outcome::Executed },
            ..row(iuvs[*iuv], &format!("r{iur}"), *cents)
        }).collect();
        let known = Knowledge {
            transfers: paid.iter().map(|(iuv, iur, index, cents, is_first, is_known)| Transfer {
                index: *index,
                is_first: *is_first,
                ..transfer(iuvs[*iuv], &format!("r{iur}"), *cents, is_known.then_some(positions[*iuv]))
            }).collect(),
            shares: owed.iter().flat_map(|(iuv, index, cents)| {
                let mut found = shares(iuvs[*iuv], positions[*iuv], &[*cents]);
                found[0].transfer_index = *index;
                found
            }).collect(),
            segregations: vec![1],
        };
        let explained = explain(&rows.iter().collect::<Vec<_>>(), &known);
        prop_assert_eq!(explained.len(), rows.len());
        let mut used = HashSet::new();
        for (row, found) in rows.iter().zip(&explained) {
            prop_assert_eq!(found.parts.iter().map(|part| part.amount).sum::<Cents>(), row.amount);
            for part in &found.parts {
                if let Content::Share(at) = part.content {
                    prop_assert!(used.insert(at));
                }
            }
            if let Some(at) = found.transfer {
                prop_assert_eq!(&known.transfers[at].iuv, &row.iuv);
            }
        }
        let mut behind: Vec<usize> = explained.iter().filter_map(|found| found.transfer).collect();
        let all = behind.len();
        behind.sort_unstable();
        behind.dedup();
        prop_assert_eq!(behind.len(), all);
    }
}
