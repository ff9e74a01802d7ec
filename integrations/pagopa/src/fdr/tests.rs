//! Flows as files against the published samples, flows by the API against a server.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use wiremock::matchers::{header, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::wire::Moment;
use crate::wire::testing::spec;

const LIMIT: usize = 1024 * 1024;

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

fn reason(file: &[u8]) -> String {
    let error = parse_xml(file, LIMIT).unwrap_err();
    match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// The node's own tests: all but one are templates, to be refused as they stand and to be read once filled in.
/// File, then rows and outcome once filled.
const SAMPLES: [(&str, usize, RowOutcome); 15] = [
    ("decoded_xmlrendicontazione_semantic_ko_c3d109bc.xml", 1, RowOutcome::Executed),
    ("template_NIFRFTP_02_dba2fa49.xml", 1, RowOutcome::Executed),
    ("template_PAG-1879_69bb16e4.xml", 1, RowOutcome::Executed),
    ("template_T206_InviaFlussoRendicontazione_esito-0_20fc1ef4.xml", 1, RowOutcome::Executed),
    ("template_T207_InviaFlussoRendicontazione_esito-3_661e40eb.xml", 1, RowOutcome::Revoked),
    ("template_nodoInviaFlussoRendicontazione_semantic__035eb0c8.xml", 1, RowOutcome::Executed),
    ("template_nodoInviaFlussoRendicontazione_semantic__0469e775.xml", 1, RowOutcome::Executed),
    ("template_nodoInviaFlussoRendicontazione_semantic__1eb9f9ac.xml", 1, RowOutcome::Executed),
    ("template_xmlrendicontazione_semantic_ok_111a5e5e.xml", 1, RowOutcome::Executed),
    ("template_xmlrendicontazione_semantic_ok_3de68916.xml", 1, RowOutcome::Executed),
    ("template_xmlrendicontazione_semantic_ok_8425df46.xml", 1, RowOutcome::NoRpt),
    ("template_xmlrendicontazione_semantic_ok_94c8d852.xml", 2, RowOutcome::Executed),
    ("template_xmlrendicontazione_semantic_ok_98bd2c2f.xml", 2, RowOutcome::Executed),
    ("template_xmlrendicontazione_semantic_ok_aea9c67f.xml", 2, RowOutcome::Executed),
    ("template_xmlrendicontazione_semantic_ok_d5bebe17.xml", 1, RowOutcome::Executed),
];

#[test]
fn every_published_file_is_expected() {
    let Some(folder) = spec("samples/fdr") else { return };
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, SAMPLES.map(|(file, ..)| file.to_owned()));
}

#[test]
fn templates_are_refused_as_they_stand() {
    for (file, ..) in &SAMPLES[1..] {
        let Some(at) = spec(&format!("samples/fdr/{file}")) else { return };
        let placeholder =
            if file.contains("0469e775") { "$identificativoFlusso" } else { "#identificativoFlusso#" };
        assert_eq!(
            reason(&std::fs::read(at).unwrap()),
            format!(
                "the flow holds an invalid value: identificativoFlusso: `{placeholder}` is not a flow identifier"
            ),
            "{file}"
        );
    }
}

#[test]
fn filled_templates_are_read_and_their_faults_are_named() {
    for (file, rows, outcome) in &SAMPLES[1..] {
        let Some(at) = spec(&format!("samples/fdr/{file}")) else { return };
        let mut xml = std::fs::read_to_string(at).unwrap();
        for (placeholder, value) in [
            ("#identificativoFlusso#", "2025-01-02PSP-01"),
            ("$identificativoFlusso", "2025-01-02PSP-01"),
            ("#timedate#", "2025-01-03T10:20:30.123"),
            ("#timedate+1#", "2025-01-04T10:20:30.123"),
            ("#date#", "2025-01-02"),
            ("#iuv#", "00000000000000001"),
            ("$iuv", "00000000000000001"),
            ("#psp#", "PSP"),
        ] {
            xml = xml.replace(placeholder, value);
        }
        let flow = parse_xml(xml.as_bytes(), LIMIT).unwrap_or_else(|error| panic!("{file}: {error:?}"));
        assert_eq!(
            (flow.flow.as_str(), flow.count, flow.total_cents),
            ("2025-01-02PSP-01", 1, 1_000),
            "{file}"
        );
        assert_eq!(flow.receiver_fiscal_code, "codIdUniv_2", "{file}");
        assert_eq!(flow.rows.len(), *rows, "{file}");
        for row in &flow.rows {
            assert_eq!(
                (row.amount_cents, row.transfer_index, &row.outcome),
                (1_000, Some(1), outcome),
                "{file}"
            );
        }
        let expected = match rows {
            1 => vec![],
            _ => vec![
                Finding::CountDiffers { declared: 1, found: 2 },
                Finding::TotalDiffers { declared_cents: 1_000, found_cents: 2_000 },
                Finding::DuplicateRow { index: 2, first_index: 1 },
            ],
        };
        assert_eq!(flow.findings(), expected, "{file}");
    }
}

fn decoded() -> Option<String> {
    let at = spec(&format!("samples/fdr/{}", SAMPLES[0].0))?;
    Some(std::fs::read_to_string(at).unwrap())
}

fn decoded_flow() -> Flow {
    Flow {
        flow: "2017-09-11IDPSPFNZrend01".into(),
        revision: None,
        psp_id: "IDPSPFNZ".into(),
        psp_name: Some("Simulatore PSP nuovo nodo".into()),
        flow_date: Moment::Local(day(2017, 9, 12).and_hms_opt(12, 0, 0).unwrap()),
        regulation: "RENDSEM01".into(),
        regulation_date: day(2017, 9, 11),
        bic: Some("BICIDPSP".into()),
        receiver_fiscal_code: "90000000001".into(),
        total_cents: 1_000,
        count: 1,
        rows: vec![FlowRow {
            index: 1,
            iuv: "RRIUV011".into(),
            iur: "CCD01".into(),
            transfer_index: Some(1),
            amount_cents: 1_000,
            outcome: RowOutcome::Executed,
            paid_on: day(2017, 9, 1),
        }],
    }
}

#[test]
fn a_whole_file_is_read_whatever_its_prefix_and_encoding() {
    let Some(xml) = decoded() else { return };
    let flow = decoded_flow();
    assert_eq!(parse_xml(xml.as_bytes(), LIMIT).unwrap(), flow);
    assert_eq!(flow.findings(), []);

    for prefix in ["", "ns2:"] {
        assert_eq!(parse_xml(xml.replace("pay_i:", prefix).as_bytes(), LIMIT).unwrap(), flow, "{prefix}");
    }

    let latin: Vec<u8> = xml
        .replace("UTF-8", "ISO-8859-1")
        .replace("Simulatore PSP", "Società PSP")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let name = parse_xml(&latin, LIMIT).unwrap().psp_name;
    assert_eq!(name.as_deref(), Some("Società PSP nuovo nodo"));

    let old = xml.replace("\t<pay_i:indiceDatiSingoloPagamento>1</pay_i:indiceDatiSingoloPagamento>", "");
    assert_eq!(parse_xml(old.as_bytes(), LIMIT).unwrap().rows[0].transfer_index, None);
    let extended = xml.replace(
        "<pay_i:dataOraFlusso>",
        "<pay_i:revisioneFlusso>2</pay_i:revisioneFlusso><pay_i:dataOraFlusso>",
    );
    assert_eq!(parse_xml(extended.as_bytes(), LIMIT).unwrap(), flow);
}

#[test]
fn what_is_not_a_flow_is_refused_with_the_exact_reason() {
    assert_eq!(reason(b"<a/>"), "the file is a `a`, not a FlussoRiversamento");
    assert_eq!(
        reason(b"<FlussoRiversamento/>"),
        "the flow does not follow its schema: missing field `identificativoFlusso`"
    );
    assert_eq!(
        reason(b"a;b;c"),
        "the file is not readable XML: the document is not XML: it does not start with an element"
    );
    assert_eq!(
        reason(b"<!DOCTYPE x><FlussoRiversamento/>"),
        "the file is not readable XML: the document has a document type definition, which is refused"
    );
    let Some(xml) = decoded() else { return };
    for (from, to, expected) in [
        (
            ">10.00</pay_i:singoloImportoPagato>",
            ">-10.00</pay_i:singoloImportoPagato>",
            "singoloImportoPagato: `-10.00` is not an amount with two decimals up to 999999999.99",
        ),
        ("2017-09-12T12:00:00", "12/09/2017", "dataOraFlusso: `12/09/2017` is not a date and time"),
        (">2017-09-01<", "><", "dataEsitoSingoloPagamento: `` is not a date"),
        (
            ">1</pay_i:numeroTotalePagamenti>",
            ">0</pay_i:numeroTotalePagamenti>",
            "numeroTotalePagamenti: `0` is not a positive whole number",
        ),
        (
            ">1</pay_i:indiceDati",
            ">7</pay_i:indiceDati",
            "indiceDatiSingoloPagamento: `7` is not a number from 1 to 5",
        ),
        (">CCD01<", "><", "identificativoUnivocoRiscossione: `` is not a code of 1 to 35 characters"),
    ] {
        assert!(xml.contains(from), "{from}");
        let broken = xml.replace(from, to);
        assert_eq!(reason(broken.as_bytes()), format!("the flow holds an invalid value: {expected}"));
    }
    let row = xml.find("<pay_i:datiSingoliPagamenti>").unwrap();
    let headless = format!("{}</pay_i:FlussoRiversamento>", &xml[..row]);
    assert_eq!(
        reason(headless.as_bytes()),
        "the flow does not follow its schema: missing field `datiSingoliPagamenti`"
    );
    assert_eq!(
        reason(&xml.as_bytes()[..row]),
        "the file is not readable XML: the document ends inside an element"
    );
}

fn client(base: &str) -> Client {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
    Client::new(base.parse().unwrap(), "the-key".into(), http)
}

const FLOW_PATH: &str =
    "/fdr-org/service/v1/organizations/77777777777/fdrs/2025-01-01PSP-1/revisions/2/psps/PSP";

async fn serve(server: &MockServer, at: &str, page: Option<&str>, answer: ResponseTemplate) {
    let mock = Mock::given(method("GET")).and(path(at)).and(header("Ocp-Apim-Subscription-Key", "the-key"));
    let mock = match page {
        Some(page) => mock.and(query_param("page", page)).and(query_param("size", "1000")),
        None => mock,
    };
    mock.respond_with(answer).expect(1..).mount(server).await;
}

fn ok(json: serde_json::Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json)
}

fn head() -> serde_json::Value {
    json!({
        "status": "PUBLISHED", "revision": 2, "created": "2025-01-02T12:00:30.900000Z", "updated": "2025-01-02T12:10:30.900000Z",
        "fdr": "2025-01-01PSP-1", "fdrDate": "2025-01-02T12:20:30.800000Z", "regulation": "TRN0001", "regulationDate": "2025-01-02",
        "bicCodePouringBank": "UNCRITMMXXX",
        "sender": {"type": "BIC_CODE", "id": "SELBIT2B", "pspId": "PSP", "pspName": "PSP Name", "pspBrokerId": "B", "channelId": "C"},
        "receiver": {"id": "APPBIT2B", "organizationId": "77777777777", "organizationName": "Comune di Prova"},
        "published": "2025-01-02T12:20:30.900000Z",
        "computedTotPayments": 3, "computedSumPayments": 0.30000000000000004, "totPayments": 3, "sumPayments": 1_000_000.37
    })
}

fn payment(index: i64, pay: f64, status: &str, date: &str) -> serde_json::Value {
    json!({"index": index, "iuv": "17854456582215", "iur": format!("iur{index}"), "idTransfer": 1, "pay": pay, "payStatus": status, "payDate": date})
}

fn page(total: u32, data: &[serde_json::Value]) -> ResponseTemplate {
    ok(
        json!({"metadata": {"pageSize": 1000, "pageNumber": 1, "totPage": total}, "count": data.len(), "data": data}),
    )
}

#[tokio::test]
async fn a_flow_is_put_together_from_all_its_pages() {
    let server = MockServer::start().await;
    serve(&server, FLOW_PATH, None, ok(head())).await;
    let payments = format!("{FLOW_PATH}/payments");
    let first = [
        payment(1, 0.1, "EXECUTED", "2025-01-01T00:00:00Z"),
        payment(2, 0.27, "REVOKED", "2024-12-31T23:00:00Z"),
    ];
    serve(&server, &payments, Some("1"), page(2, &first)).await;
    serve(
        &server,
        &payments,
        Some("2"),
        page(2, &[payment(3, 1_000_000.0, "LATER", "2025-01-01T12:30:50.900000Z")]),
    )
    .await;

    let flow = client(&format!("{}/fdr-org/service/v1/", server.uri()))
        .flow("77777777777", "2025-01-01PSP-1", 2, "PSP")
        .await
        .unwrap();

    assert_eq!(
        (flow.revision, flow.psp_id.as_str(), flow.psp_name.as_deref()),
        (Some(2), "PSP", Some("PSP Name"))
    );
    assert_eq!((flow.total_cents, flow.count, flow.regulation_date), (100_000_037, 3, day(2025, 1, 2)));
    assert_eq!((flow.regulation.as_str(), flow.bic.as_deref()), ("TRN0001", Some("UNCRITMMXXX")));
    assert_eq!(flow.receiver_fiscal_code, "77777777777");
    assert_eq!(flow.flow_date.to_string(), "2025-01-02T12:20:30.800+00:00");
    let rows: Vec<_> =
        flow.rows.iter().map(|row| (row.index, row.amount_cents, row.outcome.clone(), row.paid_on)).collect();
    assert_eq!(
        rows,
        [
            (1, 10, RowOutcome::Executed, day(2025, 1, 1)),
            (2, 27, RowOutcome::Revoked, day(2025, 1, 1)),
            (3, 100_000_000, RowOutcome::Unknown("LATER".into()), day(2025, 1, 1)),
        ]
    );
    assert_eq!(flow.findings(), [Finding::UnknownOutcome { index: 3, outcome: "LATER".into() }]);
}

#[tokio::test]
async fn the_list_asks_for_what_is_new() {
    let server = MockServer::start().await;
    let data = [json!({
        "fdr": "2025-01-01PSP-1", "pspId": "PSP", "revision": 2,
        "published": "2025-01-02T12:20:30.900123Z", "flowDate": "2025-01-02T12:00:30.900000Z"
    })];
    Mock::given(path("/organizations/77777777777/fdrs"))
        .and(query_param("page", "3"))
        .and(query_param("publishedGt", "2025-01-02T12:20:30.900Z"))
        .respond_with(page(7, &data))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/organizations/77777777777/fdrs"))
        .and(query_param_is_missing("publishedGt"))
        .respond_with(page(0, &[]))
        .expect(1)
        .mount(&server)
        .await;

    let client = client(&server.uri());
    let published: DateTime<Utc> = "2025-01-02T12:20:30.900123Z".parse().unwrap();
    let list = client.list("77777777777", Some(published), 3).await.unwrap();
    assert_eq!(list.total_pages, 7);
    assert_eq!(
        list.flows,
        [FlowRef {
            flow: "2025-01-01PSP-1".into(),
            psp_id: "PSP".into(),
            revision: 2,
            published,
            flow_date: "2025-01-02T12:00:30.900Z".parse().unwrap(),
        }]
    );
    let empty = client.list("77777777777", None, 1).await.unwrap();
    assert_eq!(empty, FlowPage { flows: vec![], total_pages: 0 });
}

#[tokio::test]
async fn failures_are_told_apart() {
    let refusal = |status: u16, code: &str| {
        ResponseTemplate::new(status).set_body_json(
            json!({"httpStatusCode": status, "appErrorCode": code, "errors": [{"message": "m"}]}),
        )
    };
    for (answer, expected, temporary) in [
        (refusal(404, "FDR-3001"), "the flow was not found (FDR-3001)", false),
        (refusal(400, "FDR-2008"), "the service refused the request with status 400 (FDR-2008)", false),
        (
            ResponseTemplate::new(404).set_body_string("<html>"),
            "the service refused the request with status 404 (-)",
            false,
        ),
        (ResponseTemplate::new(401), "the service refused the request with status 401 (-)", false),
        (ResponseTemplate::new(429), "the service answered with status 429", true),
        (refusal(500, "FDR-0500"), "the service answered with status 500", true),
        (
            ResponseTemplate::new(200).set_body_string("<html>"),
            "the answer does not follow the contract",
            false,
        ),
        (
            page(1, &[payment(1, 0.105, "EXECUTED", "2025-01-01T00:00:00Z")]),
            "the answer does not follow the contract",
            false,
        ),
    ] {
        let server = MockServer::start().await;
        serve(&server, &format!("{FLOW_PATH}/payments"), Some("1"), answer).await;
        let error = client(&format!("{}/fdr-org/service/v1", server.uri()))
            .payments("77777777777", "2025-01-01PSP-1", 2, "PSP")
            .await
            .unwrap_err();
        assert_eq!((error.to_string().as_str(), error.is_temporary()), (expected, temporary));
    }
}

#[tokio::test]
async fn a_busy_or_absent_service_is_temporary() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("Retry-After", "12");
    Mock::given(path("/organizations/77777777777/fdrs")).respond_with(busy).mount(&server).await;
    let error = client(&server.uri()).list("77777777777", None, 1).await.unwrap_err();
    assert!(
        matches!(error, FdrError::Unavailable { status: 429, retry_after: Some(wait) } if wait == Duration::from_secs(12)),
        "{error:?}"
    );

    let nobody = client("http://127.0.0.1:9/").list("77777777777", None, 1).await.unwrap_err();
    assert!(nobody.is_temporary(), "{nobody:?}");
    assert!(!format!("{nobody:?}").contains("77777777777"), "the address stays out of errors: {nobody:?}");
}

#[tokio::test]
async fn identifiers_cannot_leave_their_place_in_the_address() {
    let server = MockServer::start().await;
    Mock::given(path("/organizations/77777777777/fdrs/a%2Fb%3Fc/revisions/1/psps/P%23S/payments"))
        .respond_with(page(1, &[]))
        .expect(1)
        .mount(&server)
        .await;
    let rows = client(&server.uri()).payments("77777777777", "a/b?c", 1, "P#S").await.unwrap();
    assert_eq!(rows, []);
}
