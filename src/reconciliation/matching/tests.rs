use proptest::prelude::*;

use super::*;

fn one(trace: &Trace, flows: &[FlowCandidate], payments: &[PaymentCandidate]) -> Finding {
    find(std::slice::from_ref(trace), flows, payments).remove(0)
}

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 1, d).unwrap()
}

fn trace(text: &str, cents: i64) -> Trace {
    Trace {
        amount: Cents(cents),
        booked_on: day(12),
        remittance: remittance::parse(text),
        operation_reference: String::new(),
    }
}

fn flow(psp: &str, id: &str, cents: i64) -> FlowCandidate {
    FlowCandidate {
        psp_id: psp.into(),
        flow: id.into(),
        total: Cents(cents),
        regulation: format!("TRN-{id}"),
        regulation_on: Some(day(12)),
    }
}

fn is_flow(psp: &str, id: &str, certainty: Certainty) -> Finding {
    Finding::Match(Target::Flow { psp_id: psp.into(), flow: id.into() }, certainty)
}

const ID: &str = "2027-01-12PSPIT-S001";

#[test]
fn a_whole_id_is_the_flow_whatever_the_amount() {
    let text = format!("/PUR/LGPE-RIVERSAMENTO/TXT/1/URI/{ID}");
    let flows = [flow("PSPIT", ID, 100), flow("PSPIT", "2027-01-12PSPIT-S002", 60)];
    assert_eq!(one(&trace(&text, 60), &flows, &[]), is_flow("PSPIT", ID, Certainty::Exact));
    assert_eq!(one(&trace(&text, 60), &flows[1..], &[]), Finding::Missing);
}

#[test]
fn the_same_id_of_two_providers_is_told_apart_by_the_amount() {
    let text = format!("/PUR/LGPE-RIVERSAMENTO/URI/{ID}");
    let flows = [flow("A", ID, 100), flow("B", ID, 60)];
    assert_eq!(one(&trace(&text, 60), &flows, &[]), is_flow("B", ID, Certainty::Exact));
    assert_eq!(one(&trace(&text, 61), &flows, &[]), Finding::Ambiguous);
}

#[test]
fn a_cut_id_needs_amount_and_days_and_no_rival() {
    let cut = "/PUR/LGPE-RIVERSAMENTO/URI/2027-01-12PS";
    let flows = [flow("PSPIT", ID, 100), flow("PSPIT", "2027-01-12PSPIT-S002", 60)];
    assert_eq!(one(&trace(cut, 100), &flows, &[]), is_flow("PSPIT", ID, Certainty::Inferred));
    assert_eq!(one(&trace(cut, 99), &flows, &[]), Finding::Missing);
    let rivals = [flow("PSPIT", ID, 100), flow("PSPIT", "2027-01-12PSPIT-S002", 100)];
    assert_eq!(one(&trace(cut, 100), &rivals, &[]), Finding::Ambiguous);
    let mut old = flow("PSPIT", ID, 100);
    old.regulation_on = Some(day(4));
    assert_eq!(one(&trace(cut, 100), &[old], &[]), Finding::Missing);
}

#[test]
fn a_former_revision_has_the_amount_too() {
    let cut = "/PUR/LGPE-RIVERSAMENTO/URI/2027-01-12PS";
    let revisions = [flow("PSPIT", ID, 100), flow("PSPIT", ID, 80)];
    assert_eq!(one(&trace(cut, 100), &revisions, &[]), is_flow("PSPIT", ID, Certainty::Inferred));
}

#[test]
fn the_number_of_the_transfer_helps_where_the_text_does_not() {
    let flows = [flow("PSPIT", ID, 100)];
    let mut silent = trace("BONIFICO A VOSTRO FAVORE", 100);
    assert_eq!(one(&silent, &flows, &[]), Finding::NoReference);
    silent.operation_reference = format!("TRN-{ID}");
    assert_eq!(one(&silent, &flows, &[]), is_flow("PSPIT", ID, Certainty::Inferred));
    silent.amount = Cents(99);
    assert_eq!(one(&silent, &flows, &[]), Finding::NoReference);
}

#[test]
fn one_payment_is_found_by_its_iuv() {
    let payments = [
        PaymentCandidate { iuv: "01000000000000012".into(), amount: Cents(30) },
        PaymentCandidate { iuv: "01000000000000113".into(), amount: Cents(30) },
    ];
    let target = Target::Payment { iuv: "01000000000000012".into() };
    let whole = trace("/RFB/01000000000000012/30.00", 30);
    assert_eq!(one(&whole, &[], &payments), Finding::Match(target, Certainty::Exact));
    let other = trace("/RFB/01000000000000999/30.00", 30);
    assert_eq!(one(&other, &[], &payments), Finding::Missing);
}

const CUT: &str = ".PUR.LGPE-RIVERSAMENTO.URI.2027-01-";
const OTHER: &str = "2027-01-13PSPIT-S001";

fn whole(id: &str, cents: i64) -> Trace {
    trace(&format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{id}"), cents)
}

#[test]
fn a_flow_that_is_covered_has_no_room_for_a_cut_id() {
    let entries = [whole(ID, 2221), trace(CUT, 2221)];
    let first = flow("PSPIT", ID, 2221);
    let found = find(&entries, std::slice::from_ref(&first), &[]);
    assert_eq!(found, [is_flow("PSPIT", ID, Certainty::Exact), Finding::Missing]);
    let found = find(&entries, &[first, flow("PSPIT", OTHER, 2221)], &[]);
    let other = is_flow("PSPIT", OTHER, Certainty::Inferred);
    assert_eq!(found, [is_flow("PSPIT", ID, Certainty::Exact), other]);
}

#[test]
fn a_part_that_is_covered_leaves_room_only_in_a_larger_revision() {
    let entries = [whole(ID, 60), trace(CUT, 100)];
    let mut flows = vec![flow("PSPIT", ID, 100)];
    assert_eq!(find(&entries, &flows, &[])[1], Finding::Missing);
    flows.push(flow("PSPIT", ID, 160));
    assert_eq!(find(&entries, &flows, &[])[1], is_flow("PSPIT", ID, Certainty::Inferred));
}

#[test]
fn a_flow_that_two_cut_ids_could_be_of_is_neithers() {
    let entries = [trace(CUT, 2221), trace(CUT, 2221)];
    let found = find(&entries, &[flow("PSPIT", ID, 2221)], &[]);
    assert_eq!(found, [Finding::Ambiguous, Finding::Ambiguous]);
    let mut by_number = entries.clone();
    by_number.iter_mut().for_each(|entry| entry.operation_reference = format!("TRN-{ID}"));
    assert_eq!(find(&by_number, &[flow("PSPIT", ID, 2221)], &[]), found);
    by_number[1].operation_reference.clear();
    let other = flow("PSPIT", OTHER, 2221);
    let found = find(&by_number, &[flow("PSPIT", ID, 2221), other], &[]);
    let first = is_flow("PSPIT", ID, Certainty::Inferred);
    assert_eq!(found, [first, is_flow("PSPIT", OTHER, Certainty::Inferred)]);
}

#[test]
fn an_id_cut_inside_its_suffix_is_a_beginning() {
    let cut = whole("2027-01-12PSPIT-S0", 100);
    assert_eq!(one(&cut, &[flow("PSPIT", ID, 100)], &[]), is_flow("PSPIT", ID, Certainty::Inferred));
    assert_eq!(one(&cut, &[flow("PSPIT", ID, 99)], &[]), Finding::Missing);
    let mut ended = cut;
    ended.remittance.ends_text = false;
    assert_eq!(one(&ended, &[flow("PSPIT", ID, 100)], &[]), Finding::Missing);
}

#[test]
fn an_id_that_may_go_on_is_believed_unless_the_amount_is_of_a_longer_one() {
    const SHORT: &str = "2027-01-12PSPIT-1";
    const LONG: &str = "2027-01-12PSPIT-12";
    let flows = [flow("PSPIT", SHORT, 100), flow("PSPIT", LONG, 60)];
    let short = is_flow("PSPIT", SHORT, Certainty::Exact);
    assert_eq!(one(&whole(SHORT, 100), &flows, &[]), short);
    assert_eq!(one(&whole(SHORT, 99), &flows, &[]), short);
    assert_eq!(one(&whole(SHORT, 60), &flows, &[]), Finding::Ambiguous);
    assert_eq!(one(&whole(&format!("{SHORT}/ALTRO"), 60), &flows, &[]), short);
    // The longer one has its credit: this is the shorter one's.
    let both = [whole(SHORT, 60), whole(&format!("{LONG}/ALTRO"), 60)];
    assert_eq!(find(&both, &flows, &[])[0], short);
}

#[test]
fn a_flow_of_two_revisions_is_covered_by_one_inferred_credit() {
    let revisions = [flow("PSPIT", OTHER, 100), flow("PSPIT", OTHER, 50)];
    let numbered = Trace { operation_reference: format!("TRN-{OTHER}"), ..trace(CUT, 50) };
    let found = find(&[numbered, trace(CUT, 50)], &revisions, &[]);
    assert_eq!(found, [is_flow("PSPIT", OTHER, Certainty::Inferred), Finding::Missing]);
}

proptest! {
    #[test]
    fn inferred_credits_never_share_and_order_does_not_matter(
        told in prop::collection::vec((0..5_usize, 0..3_i64, any::<bool>()), 0..8),
        there in prop::collection::vec((0..4_usize, 0..3_i64), 0..6),
        keys in prop::collection::vec(any::<u32>(), 8),
    ) {
        let ids = ["2027-01-12PSPIT-1", "2027-01-12PSPIT-12", "2027-01-12PSPIT-123", OTHER];
        let flows: Vec<FlowCandidate> =
            there.iter().map(|(id, cents)| flow("PSPIT", ids[*id], 50 * (1 + cents))).collect();
        let mut entries: Vec<(u32, Trace)> = Vec::new();
        for ((id, cents, has_number), key) in told.iter().zip(keys) {
            let cents = 50 * (1 + cents);
            let mut entry = ids.get(*id).map_or_else(|| trace(CUT, cents), |id| whole(id, cents));
            if *has_number {
                entry.operation_reference = format!("TRN-{OTHER}");
            }
            entries.push((key, entry));
        }
        let traces = |entries: &[(u32, Trace)]| entries.iter().map(|(_, t)| t.clone()).collect::<Vec<_>>();
        let by_key = |found: Vec<Finding>, entries: &[(u32, Trace)]| {
            found.into_iter().zip(entries).map(|(found, (key, _))| (*key, found)).collect::<HashMap<_, _>>()
        };
        let found = find(&traces(&entries), &flows, &[]);
        let mut inferred = BTreeSet::new();
        for (found, (_, entry)) in found.iter().zip(&entries) {
            if let Finding::Match(target, certainty) = found {
                prop_assert!(could_be(entry, &flows, &[]).contains(target));
                prop_assert!(*certainty == Certainty::Exact || inferred.insert(target.clone()));
            }
        }
        let found = by_key(found, &entries);
        entries.sort_by_key(|(key, _)| *key);
        let shuffled = by_key(find(&traces(&entries), &flows, &[]), &entries);
        prop_assert_eq!(found, shuffled);
    }
}
