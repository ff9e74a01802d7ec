use proptest::prelude::*;

use super::flow::is_complete as is_flow_id;
use super::*;

/// The example of SANP, longer than SANP allows.
const FLOW_38: &str = "2021-11-2188888888888-AABB648200001295";
const FLOW_35: &str = "2021-11-2188888888888-AABB648200001";

fn exact_flow(causale: &str) -> Option<String> {
    let found = parse(causale);
    (found.certainty == Certainty::Exact).then(|| found.flow_id().map(str::to_owned))?
}

#[test]
fn published_forms_of_a_flow() {
    let id = FLOW_35;
    for (causale, txt, supplementary) in [
        (format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{id}"), Some(0), false),
        (format!("/PUR/LGPE-RIVERSAMENTO/TXT/3/URI/{id}"), Some(3), true),
        (format!("/PUR/LGPE-RIVERSAMENTO/URI/{id}"), None, false),
        (format!("/PUR/LGPE-INTEGRAZIONE/URI/{id}"), None, true),
        (format!(".PUR.LGPE-RIVERSAMENTO.TXT.0.URI.{id}"), Some(0), false),
        (format!("PUR LGPE- RIVERSAMENTO URI {id}"), None, false),
        (format!("accredito /pur/l gpe-riversamento/txt/1/uri/{id} COMUNE DI PROVA"), Some(1), true),
        (format!("RI1/PUR/LGPE-RIVERSAMENTO/URI/{id}/ALTRO"), None, false),
    ] {
        let found = parse(&causale);
        assert_eq!(found.reference, Reference::Flow(id.to_owned()), "{causale}");
        assert_eq!(found.certainty, Certainty::Exact, "{causale}");
        assert_eq!(
            (found.txt, found.supplementary, found.truncated),
            (txt, supplementary, false),
            "{causale}"
        );
    }
}

#[test]
fn a_cut_id_is_a_prefix_and_never_an_id() {
    for (causale, prefix) in [
        (".PUR.LGPE-RIVERSAMENTO.URI.2025-05-", Reference::FlowPrefix("2025-05-".into())),
        ("/PUR/LGPE-RIVERSAMENTO/URI/2", Reference::FlowPrefix("2".into())),
        ("/PUR/LGPE-RIVERSAMENTO/URI/2025-05-12CIPBIT", Reference::FlowPrefix("2025-05-12CIPBIT".into())),
        (
            "/PUR/LGPE-RIVERSAMENTO/URI/2025-05-12CIPBITMM-",
            Reference::FlowPrefix("2025-05-12CIPBITMM-".into()),
        ),
        ("/PUR/LGPE-RIVERSAMENTO/URI/", Reference::None),
        ("/PUR/LGPE-RIVERSAMENTO/TX", Reference::None),
        ("/PUR/LGPE-RIVER", Reference::None),
        ("/RFB/34010545", Reference::IuvPrefix("34010545".into())),
    ] {
        let found = parse(causale);
        assert_eq!(found.reference, prefix, "{causale}");
        assert!(found.truncated, "{causale}");
        assert_ne!(found.certainty, Certainty::Exact, "{causale}");
    }
}

#[test]
fn a_blank_after_an_id_may_end_or_break_it() {
    let broken = parse("/PUR/LGPE-RIVERSAMENTO/URI/2025-05-12CIPBITMM-AB12 345678");
    assert_eq!(broken.flow_id(), Some("2025-05-12CIPBITMM-AB12345678"));
    assert_eq!(broken.certainty, Certainty::Inferred);
    assert_eq!(broken.alternatives, ["2025-05-12CIPBITMM-AB12"]);

    let ended = parse("/PUR/LGPE-RIVERSAMENTO/URI/2025-05-12CIPBITMM-12 MARIO");
    assert_eq!(ended.flow_id(), Some("2025-05-12CIPBITMM-12"));
    assert_eq!(ended.certainty, Certainty::Inferred);
    assert_eq!(ended.alternatives, ["2025-05-12CIPBITMM-12MARIO"]);

    assert_eq!(
        exact_flow("/PUR/LGPE-RIVERSAMENTO/URI/2025-05-12CIPBITMM-12 ACCREDITO").as_deref(),
        Some("2025-05-12CIPBITMM-12")
    );
}

#[test]
fn an_id_glued_to_what_follows_gives_its_sure_part() {
    let found = parse("/PUR/LGPE-RIVERSAMENTO/URI/2025-05-12CIPBITMM-0123456789ACCREDITOBOLLETTINO");
    assert_eq!(found.reference, Reference::FlowPrefix("2025-05-12CIPBITMM-".into()));
    assert_eq!(found.certainty, Certainty::Inferred);
}

#[test]
fn an_id_longer_than_allowed_is_not_exact() {
    let found = parse(&format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{FLOW_38}"));
    let read = Remittance::inferred(Reference::Flow(FLOW_38.into()));
    assert_eq!(found, Remittance { txt: Some(0), ends_text: true, ..read });
}

#[test]
fn an_id_that_ends_the_text_may_have_been_cut() {
    for (after, ends_text) in [
        ("2027-01-11PSPITXX1-S0", true),
        ("2027-01-11PSPITXX1-S0 ", true),
        ("2027-01-11PSPITXX1-S0 12", true),
        ("2027-01-11PSPITXX1-S0 MARIO", false),
        ("2027-01-11PSPITXX1-S0/ALTRO", false),
        ("2027-01-11PSPITXX1-S0 BONIFICO", false),
    ] {
        let found = parse(&format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{after}"));
        assert_eq!((found.ends_text, found.truncated), (ends_text, false), "{after}");
    }
}

#[test]
fn an_id_of_another_form_may_begin_with_a_digit() {
    for words in ["", " BONIFICO A VOSTRO FAVORE"] {
        let found = parse(&format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/20270112PSPIT-0001{words}"));
        assert_eq!(found.flow_id(), Some("20270112PSPIT-0001"), "{words}");
        assert_eq!(found.certainty, Certainty::Inferred, "{words}");
    }
}

#[test]
fn single_payments() {
    for (causale, iuv, certainty) in [
        ("/RFB/340105455507221/100.99/TXT/Diritti e segreteria", "340105455507221", Certainty::Exact),
        ("/RFB/01234567890123456", "01234567890123456", Certainty::Exact),
        (".RFB.340105455507221.100.99", "340105455507221", Certainty::Exact),
        ("/RFB/340105455507221 ACCREDITO", "340105455507221", Certainty::Exact),
        ("/RFB/3401054 55507221", "340105455507221", Certainty::Inferred),
        ("/RFB/340105455507221 24", "340105455507221", Certainty::Inferred),
        ("/RFS/RF18 5390 0754 7034/12.50/TXT/x", "RF18539007547034", Certainty::Exact),
        ("BONIFICO /RFS/RF18539007547034/12.50", "RF18539007547034", Certainty::Exact),
        ("/RFS/RF19 5390 0754 7034/12.50", "RF19539007547034", Certainty::Inferred),
        ("/RFS/RF19 5390 0754 7034 ACCREDITO", "RF19539007547034", Certainty::Inferred),
    ] {
        let found = parse(causale);
        assert_eq!(found.iuv(), Some(iuv), "{causale}");
        assert_eq!(found.certainty, certainty, "{causale}");
    }
}

#[test]
fn other_texts_name_nothing() {
    for causale in [
        "",
        "MUTUO 620184257 CUP H94G19030460029 TRXID: 0122492727202545 VIA MILANO 4",
        "ACCREDITI VARI",
        "SURFBOARD SRL/123456789012345",
        "RFB 123456789012345",
    ] {
        assert_eq!(parse(causale), Remittance::NONE, "{causale}");
    }
}

#[test]
fn the_form_of_a_flow_id() {
    assert!(is_flow_id(FLOW_35));
    assert!(is_flow_id("2024-02-29A-1"));
    for id in [
        "2023-02-29A-1",
        "2024-02-29A",
        "2024-02-29-1",
        "2024-02-29A-",
        "2024-02-29A-1 ",
        "2024-02-2",
        FLOW_38,
    ] {
        assert!(!is_flow_id(id), "{id}");
    }
}

/// The vectors collected from the peers' own tests and from the specifications.
#[test]
fn collected_vectors() {
    #[derive(serde::Deserialize)]
    struct Vector {
        causale: String,
        expected: Option<String>,
    }
    let Some(shared) = crate::simulator::shared_specs() else {
        eprintln!("skipped: the shared specifications are not here");
        return;
    };
    let path = shared.join("pagopa/samples/remittance-information.json");
    let vectors: Vec<Vector> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(vectors.len() >= 9);
    for vector in vectors {
        let found = parse(&vector.causale);
        assert_eq!(found.flow_id().or(found.iuv()), vector.expected.as_deref(), "{}", vector.causale);
    }
}

/// A text with blanks at the chosen places.
fn with_blanks(text: &str, places: &[usize]) -> String {
    let mut noisy: Vec<char> = text.chars().collect();
    for place in places {
        noisy.insert(place % (noisy.len() + 1), if place % 3 == 0 { '\n' } else { ' ' });
    }
    noisy.into_iter().collect()
}

fn flow_id() -> impl Strategy<Value = String> {
    (2016..2030_i32, 1..=12_u32, 1..=28_u32, "[A-Z0-9_]{3,11}", "[A-Za-z0-9]{1,13}").prop_map(
        |(year, month, day, provider, suffix)| format!("{year}-{month:02}-{day:02}{provider}-{suffix}"),
    )
}

proptest! {
    #[test]
    fn an_id_written_whole_is_exact(id in flow_id(), txt in 0..=9_u8, dots: bool) {
        let causale = format!("/PUR/LGPE-RIVERSAMENTO/TXT/{txt}/URI/{id}");
        let causale = if dots { causale.replace('/', ".") } else { causale };
        let found = parse(&causale);
        prop_assert_eq!(found.flow_id(), Some(id.as_str()));
        prop_assert_eq!(found.certainty, Certainty::Exact);
        prop_assert_eq!(found.txt, Some(txt));
    }

    #[test]
    fn an_id_survives_blanks(id in flow_id(), places in prop::collection::vec(0..200_usize, 0..8), dots: bool) {
        let causale = format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{id}");
        let causale = if dots { causale.replace('/', ".") } else { causale };
        let found = parse(&with_blanks(&causale, &places));
        let readings: Vec<&str> = found.flow_id().into_iter().chain(found.alternatives.iter().map(String::as_str)).collect();
        prop_assert!(readings.contains(&id.as_str()), "{:?}", found);
        prop_assert!(found.certainty != Certainty::Exact || found.flow_id() == Some(id.as_str()));
    }

    #[test]
    fn a_cut_text_gives_the_id_a_prefix_or_nothing(id in flow_id(), keep in 0..70_usize) {
        let causale = format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{id}");
        match parse(&causale[..keep.min(causale.len())]).reference {
            Reference::Flow(found) => prop_assert!(is_flow_id(&found) && id.starts_with(&found)),
            Reference::FlowPrefix(found) => prop_assert!(id.starts_with(&found)),
            Reference::None => {}
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn junk_is_never_exact(junk in "\\PC{0,140}") {
        prop_assert_ne!(parse(&junk).certainty, Certainty::Exact);
    }

    #[test]
    fn junk_after_the_marker_is_exact_only_in_form(junk in "[ ./A-Z0-9-]{0,60}") {
        let found = parse(&format!("/PUR/LGPE-RIVERSAMENTO/URI/{junk}"));
        if found.certainty == Certainty::Exact {
            prop_assert!(found.flow_id().is_some_and(is_flow_id));
        }
    }
}
