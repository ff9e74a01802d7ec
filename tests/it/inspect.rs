//! `sportello inspect`: what it says of real samples, and how it refuses what cannot be read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// Runs it; the JSON it prints and exit code 0, or the reason and exit code 1.
fn inspect(arguments: &[&str]) -> Result<Value, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_sportello"))
        .arg("inspect")
        .args(arguments)
        .env_clear()
        .env("SPORTELLO_LOG_FILTER", "off")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    match output.status.code().unwrap() {
        0 => Ok(serde_json::from_str(&said).unwrap()),
        1 => {
            assert_eq!(said, "", "what cannot be read prints nothing on standard output");
            Err(String::from_utf8(output.stderr).unwrap())
        }
        code => panic!("exit code {code}"),
    }
}

/// A folder of the contracts and samples of the outside systems: beside the repository, or where `SPORTELLO_SHARED`
/// says. `None`, with a message, where it is absent.
fn samples(folder: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("SPORTELLO_SHARED").map_or_else(beside, PathBuf::from);
    let folder = shared.join("specs").join(folder);
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("skipped: there are no samples at {}", folder.display());
    None
}

fn in_file(name: &str, content: impl AsRef<[u8]>) -> (PathBuf, String) {
    let folder = std::env::temp_dir().join(format!("sportello-inspect-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    std::fs::write(&file, content).unwrap();
    let path = file.to_str().unwrap().to_owned();
    (folder, path)
}

/// What it says of a file with this content.
fn of_content(kind: &str, name: &str, content: impl AsRef<[u8]>) -> Result<Value, String> {
    let (folder, path) = in_file(name, content);
    let said = inspect(&[kind, &path]);
    std::fs::remove_dir_all(folder).unwrap();
    said
}

#[test]
fn a_notice_number() {
    let said = inspect(&["notice", "347164993070184562"]).unwrap();
    assert_eq!(said["iuv"], "47164993070184562");
    assert_eq!(said["segregation"], "47");
    assert_eq!(said["check_digits_ok"], true);
    assert_eq!(inspect(&["notice", "302000100000009424"]).unwrap()["check_digits_ok"], false);
    assert_eq!(inspect(&["notice", "3471 6499 3070 1845 62"]).unwrap()["iuv"], "47164993070184562");
    assert!(inspect(&["notice", "34716499307018456"]).unwrap_err().contains("eighteen digits"));
    assert!(inspect(&["notice", "34716499307018456O"]).is_err());
}

#[test]
fn every_sample_notice_number() {
    let Some(folder) = samples("pagopa/samples") else { return };
    let text = std::fs::read_to_string(folder.join("notice-numbers.json")).unwrap();
    let known: Value = serde_json::from_str(&text).unwrap();
    for vector in known["vectors"].as_array().unwrap() {
        let said = inspect(&["notice", vector["nav"].as_str().unwrap()]).unwrap();
        assert_eq!(
            (&said["iuv"], &said["check_digits_ok"]),
            (&vector["iuv"], &vector["check_ok"]),
            "{vector}"
        );
    }
}

#[test]
fn the_text_of_a_transfer() {
    let flow = "2023-03-08GovPAYPsp1-15442458845";
    let said = inspect(&["remittance", &format!("/PUR/LGPE-RIVERSAMENTO/URI/{flow}")]).unwrap();
    assert_eq!((&said["flow"], &said["certainty"]), (&json!(flow), &json!("exact")));
    assert!(said.get("iuv").is_none());
    let said = inspect(&["remittance", "/RFB/340105455507221/100.99/TXT/Diritti e segreteria"]).unwrap();
    assert_eq!((&said["iuv"], &said["certainty"]), (&json!("340105455507221"), &json!("exact")));
    for (text, beginning) in
        [(".PUR.LGPE-RIVERSAMENTO.URI.2025-05-", "2025-05-"), ("/PUR/LGPE-RIVERSAMENTO/URI/2", "2")]
    {
        let said = inspect(&["remittance", text]).unwrap();
        assert_eq!((&said["flow"], &said["certainty"]), (&Value::Null, &json!("none")), "{text}");
        assert_eq!((&said["flow_prefix"], &said["truncated"]), (&json!(beginning), &json!(true)), "{text}");
    }
    let said = inspect(&["remittance", "/RFB/34010545"]).unwrap();
    assert_eq!((&said["iuv"], &said["iuv_prefix"]), (&Value::Null, &json!("34010545")));
    let said = inspect(&["remittance", "MUTUO 620184257 CUP H94G19030460029 VIA MILANO 4"]).unwrap();
    assert_eq!(said["certainty"], "none");
    assert!(said.get("flow").is_none() && said.get("iuv").is_none());
}

#[test]
fn every_sample_text_of_a_transfer() {
    let Some(folder) = samples("pagopa/samples") else { return };
    let text = std::fs::read_to_string(folder.join("remittance-information.json")).unwrap();
    let known: Vec<Value> = serde_json::from_str(&text).unwrap();
    for row in &known {
        let said = inspect(&["remittance", row["causale"].as_str().unwrap()]).unwrap();
        let found = said.get("flow").or(said.get("iuv")).unwrap_or(&Value::Null);
        assert_eq!(found, &row["expected"], "{row}");
        assert_eq!(said["certainty"] == "none", row["expected"].is_null(), "{row}");
    }
}

#[test]
fn a_remittance_flow() {
    let Some(folder) = samples("pagopa/samples/fdr") else { return };
    let file = folder.join("decoded_xmlrendicontazione_semantic_ko_c3d109bc.xml");
    let said = inspect(&["flow", file.to_str().unwrap()]).unwrap();
    assert_eq!(said["flow"], "2017-09-11IDPSPFNZrend01");
    assert_eq!((&said["total_cents"], &said["count"]), (&json!(1000), &json!(1)));
    let row = &said["rows"][0];
    assert_eq!((&row["iuv"], &row["iur"]), (&json!("RRIUV011"), &json!("CCD01")));
    assert_eq!((&row["amount_cents"], &row["outcome"]), (&json!(1000), &json!("executed")));
}

/// The node's own templates, with their blanks filled in.
#[test]
fn flows_as_the_node_tests_them() {
    let Some(folder) = samples("pagopa/samples/fdr") else { return };
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.contains("semantic_ok") {
            continue;
        }
        let template = std::fs::read_to_string(&path).unwrap();
        let unfilled = inspect(&["flow", path.to_str().unwrap()]).unwrap_err();
        assert!(unfilled.contains("is not a flow identifier"), "{name}: {unfilled}");
        let filled = template
            .replace("#identificativoFlusso#", "2019-11-11AGID_01-1")
            .replace("#timedate#", "2019-11-11T12:00:00")
            .replace("#date#", "2019-11-11")
            .replace("#psp#", "AGID_01")
            .replace("#iuv#", "123456789012345");
        let said = of_content("flow", &name, &filled).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(said["flow"], "2019-11-11AGID_01-1", "{name}");
        assert_eq!(
            said["rows"].as_array().unwrap().len(),
            filled.matches("<pay_i:datiSingoliPagamenti>").count()
        );
        read += 1;
    }
    assert!(read > 0);
}

#[test]
fn a_treasurers_journal() {
    let Some(folder) = samples("treasury/samples") else { return };
    for version in ["1_6_1", "1_8"] {
        let file = |kind: &str| {
            let path = folder.join(format!("OPI_GIORNALE_DI_CASSA_V_{version}.{kind}.xml"));
            path.to_str().unwrap().to_owned()
        };
        let said = inspect(&["journal", &file("VALID")]).unwrap();
        assert_eq!(said["abi"], "03069");
        assert_eq!(said["balance"]["final_cents"], 18_251_898_442_i64);
        let reason = inspect(&["journal", &file("INVALID")]).unwrap_err();
        assert!(reason.contains("line "), "where it cannot be read: {reason}");
    }
}

#[test]
fn a_taxonomy_code() {
    let said = inspect(&["taxonomy", "9/0104100TS/"]).unwrap();
    assert_eq!((&said["known"], &said["reason"]), (&json!(true), &json!("TS")));
    assert_eq!(said["entry"]["service"], "Emissione carta d'identità Elettronica");
    assert_eq!(inspect(&["taxonomy", "9/0104199TS/"]).unwrap()["known"], false);
    assert!(inspect(&["taxonomy", "9/01"]).unwrap_err().contains("9/0104100TS/"), "the form is shown");
    let Some(table) = samples("pagopa/taxonomy/tassonomia-v47.csv") else { return };
    let said = inspect(&["taxonomy", "9/0101100IM/", "--table", table.to_str().unwrap()]).unwrap();
    assert_eq!(said["known"], true);
}

#[test]
fn files_that_mean_harm() {
    let entities = r#"<?xml version="1.0"?>
        <!DOCTYPE f [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
        <FlussoRiversamento><identificativoFlusso>&b;</identificativoFlusso></FlussoRiversamento>"#;
    let external = r#"<?xml version="1.0"?>
        <!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/hostname">]>
        <flusso_giornale_di_cassa>&x;</flusso_giornale_di_cassa>"#;
    for (kind, root) in [("flow", "FlussoRiversamento"), ("journal", "flusso_giornale_di_cassa")] {
        let deep = format!("<{root}>{}", "<a>".repeat(200_000));
        let reason = of_content(kind, "deep.xml", &deep).unwrap_err();
        assert!(reason.contains("nested deeper than 32 elements"), "{kind}: {reason}");
        let twice = format!("<{root}></{root}>").repeat(2);
        let reason = of_content(kind, "twice.xml", &twice).unwrap_err();
        assert!(reason.contains("goes on after"), "{kind}: {reason}");
        let hostile: [(&str, &[u8]); 5] = [
            ("entities.xml", entities.as_bytes()),
            ("external.xml", external.as_bytes()),
            ("text.txt", b"this is no XML"),
            ("empty.xml", b""),
            ("binary.xml", &[0, 159, 146, 150, 255, 254]),
        ];
        for (name, content) in hostile {
            let reason = of_content(kind, name, content).unwrap_err();
            assert!(
                reason.starts_with("sportello: ") && !reason.contains("panicked"),
                "{kind} {name}: {reason}"
            );
        }
        assert!(
            inspect(&[kind, "/nowhere/at/all.xml"]).unwrap_err().contains("cannot read /nowhere/at/all.xml")
        );
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let (folder, path) = in_file("large.xml", "");
    // Sparse: it takes no room.
    std::fs::File::options().write(true).open(&path).unwrap().set_len(51 * 1024 * 1024).unwrap();
    for kind in ["flow", "journal"] {
        let reason = inspect(&[kind, &path]).unwrap_err();
        assert!(reason.contains("53477376 bytes"), "{reason}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
