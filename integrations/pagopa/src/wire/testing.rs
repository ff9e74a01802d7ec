//! The published contracts and samples, and the schema validator, where the machine has them.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// A file or folder of the shared specifications of pagoPA; `None`, with a message, where they are not checked out.
pub(crate) fn spec(path: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("SPORTELLO_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let file = shared.join("specs/pagopa").join(path);
    if !file.exists() {
        println!("skipped: {path} is not among the shared specifications");
        return None;
    }
    Some(file)
}

/// A schema of one of the platform's REST contracts, read strictly: a field the contract does not name is refused, and
/// so is one that only the platform may write.
pub(crate) fn contract(file: &str, schema: &str) -> Option<jsonschema::Validator> {
    let file = spec(&format!("openapi/{file}"))?;
    let mut contract: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let schemas = contract["components"]["schemas"].as_object_mut().unwrap();
    schemas.values_mut().for_each(close);
    let schema = json!({
        "$ref": format!("#/components/schemas/{schema}"),
        "components": contract["components"],
    });
    Some(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
}

fn close(schema: &mut Value) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    properties.retain(|_, property| property.get("readOnly") != Some(&Value::Bool(true)));
    properties.values_mut().for_each(close);
    schema["additionalProperties"] = Value::Bool(false);
}

/// Validates messages against the SOAP 1.1 envelope and `paForNode.xsd` together.
pub(crate) struct Schema {
    driver: PathBuf,
}

impl Schema {
    /// `name` keeps the tests' files apart.
    pub(crate) fn pa_for_node(name: &str) -> Option<Self> {
        let envelope = spec("node/xsd-common/envelope.xsd")?;
        let common = spec("node/xsd-common/sac-common-types-1.0.xsd")?;
        let pa_for_node = spec("node/xsd/paForNode.xsd")?;
        if Command::new("xmllint").arg("--version").output().is_err() {
            println!("skipped: xmllint is not installed");
            return None;
        }
        let driver = std::env::temp_dir().join(format!("sportello-{name}-{}.xsd", std::process::id()));
        // The common types come first: paForNode.xsd looks for them where they stood in their own repository.
        let imports: String = [
            ("http://schemas.xmlsoap.org/soap/envelope/", envelope),
            ("http://pagopa-api.pagopa.gov.it/xsd/common-types/v1.0.0/", common),
            ("http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd", pa_for_node),
        ]
        .iter()
        .map(|(namespace, file)| {
            let file = file.canonicalize().unwrap();
            format!(r#"<xs:import namespace="{namespace}" schemaLocation="{}"/>"#, file.display())
        })
        .collect();
        let xsd = format!(r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>"#);
        std::fs::write(&driver, xsd).unwrap();
        Some(Self { driver })
    }

    /// The validator's complaints.
    pub(crate) fn validate(&self, xml: &str) -> Result<(), String> {
        let mut xmllint = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .args([self.driver.as_os_str(), "-".as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        xmllint.stdin.take().unwrap().write_all(xml.as_bytes()).unwrap();
        let output = xmllint.wait_with_output().unwrap();
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // A leftover in the temporary folder harms nobody.
        let _ = std::fs::remove_file(&self.driver);
    }
}
