use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::{Value, json};
use sportello::entity::{self, Kind, PagopaSettings};
use sportello::reconciliation::{self, Label};
use sportello::{App, Error};
use wiremock::matchers::{header, method, path, path_regex, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::world::{FISCAL_CODE, PSP, World};

const KEY: &str = "subscription-key";

async fn use_platform(world: &World, server: &MockServer) {
    let settings = PagopaSettings {
        gpd_url: server.uri(),
        checkout_url: server.uri(),
        fdr_url: server.uri(),
        broker: "99999999999".to_owned(),
        station: "99999999999_01".to_owned(),
        segregation: 1,
        iban: "IT60X0542811101000000123456".to_owned(),
        cbill: String::new(),
    };
    let (now, entity) = (world.now(), world.entity.id);
    let mut tx = world.db.app.db.begin(entity).await.unwrap();
    entity::store::put_integration(&mut tx, entity, Kind::Pagopa, true, &settings, now).await.unwrap();
    let key = SecretString::from(KEY);
    entity::store::put_secret(&mut tx, &world.db.app.keys, entity, "pagopa.fdr_key", &key, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn reference(world: &World, flow: &str) -> Value {
    json!({ "fdr": flow, "pspId": PSP, "revision": 1, "published": world.now(), "flowDate": world.now() })
}

fn page(total_pages: u32, data: &[Value]) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "metadata": { "pageSize": 1000, "pageNumber": 1, "totPage": total_pages }, "count": data.len(), "data": data,
    }))
}

async fn serve_list(server: &MockServer, number: u32, answer: ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(format!("/organizations/{FISCAL_CODE}/fdrs")))
        .and(query_param("page", number.to_string()))
        .and(header("Ocp-Apim-Subscription-Key", KEY))
        .respond_with(answer)
        .mount(server)
        .await;
}

async fn serve_flow(server: &MockServer, world: &World, flow: &str, iuv: &str) {
    let head = json!({
        "status": "PUBLISHED", "revision": 1, "created": world.now(), "updated": world.now(), "published": world.now(),
        "fdr": flow, "fdrDate": world.now(), "regulation": format!("TRN{flow}"), "regulationDate": world.today,
        "sender": { "type": "LEGAL_PERSON", "id": PSP, "pspId": PSP, "pspName": "Banca", "pspBrokerId": PSP, "channelId": "c" },
        "receiver": { "id": FISCAL_CODE, "organizationId": FISCAL_CODE, "organizationName": "Comune" },
        "totPayments": 1, "sumPayments": 22.21, "computedTotPayments": 1, "computedSumPayments": 22.21,
    });
    let row = json!({
        "index": 1, "iuv": iuv, "iur": "r-a", "idTransfer": 1, "pay": 22.21, "payStatus": "EXECUTED", "payDate": world.now(),
    });
    let base = format!("/organizations/{FISCAL_CODE}/fdrs/{flow}/revisions/1/psps/{PSP}");
    Mock::given(path(base.clone()))
        .respond_with(ResponseTemplate::new(200).set_body_json(head))
        .mount(server)
        .await;
    Mock::given(path(format!("{base}/payments"))).respond_with(page(1, &[row])).mount(server).await;
}

async fn flows(app: &App, world: &World) -> Vec<String> {
    let mut tx = app.db.begin(world.entity.id).await.unwrap();
    sqlx::query_scalar("select flow from remittance_flow order by flow").fetch_all(&mut *tx).await.unwrap()
}

#[tokio::test]
async fn new_flows_are_fetched_page_by_page_and_once() {
    let mut world = World::new().await;
    let app = world.db.app.clone();
    reconciliation::fetch_flows(&app, world.entity.id).await.expect("nothing to do without the platform");
    let a = world.paid_card("r-a").await;
    let server = MockServer::start().await;
    use_platform(&world, &server).await;
    serve_list(&server, 1, page(2, &[reference(&world, "2027-01-11A-1")])).await;
    serve_list(&server, 2, page(2, &[reference(&world, "2027-01-11B-1")])).await;
    serve_flow(&server, &world, "2027-01-11A-1", &a.iuv).await;
    serve_flow(&server, &world, "2027-01-11B-1", "01000000000099900").await;

    reconciliation::fetch_flows(&app, world.entity.id).await.unwrap();
    assert_eq!(flows(&app, &world).await, ["2027-01-11A-1", "2027-01-11B-1"]);
    assert_eq!(world.worklist().await.totals.flows_without_entry, 2);
    let asked = server.received_requests().await.unwrap().len();
    world.db.advance(TimeDelta::days(40));
    reconciliation::fetch_flows(&app, world.entity.id).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), asked + 2, "the lists alone: both flows are there");
    let since =
        requests[asked].url.query_pairs().find(|(name, _)| name == "publishedGt").unwrap().1.into_owned();
    let since: chrono::DateTime<chrono::Utc> = since.parse().unwrap();
    assert!(world.now() - since < TimeDelta::days(30), "the platform refuses an older instant");
    let mut tx = app.db.begin(world.entity.id).await.unwrap();
    let trail = reconciliation::payment(&mut tx, &world.entity, &a.iuv, world.now()).await.unwrap();
    assert_eq!(trail.reports[0].rows[0].labels, [Label::RtIuf]);
}

#[tokio::test]
async fn one_flow_that_fails_does_not_hold_back_the_others_and_is_tried_again() {
    let world = World::new().await;
    let app = world.db.app.clone();
    let server = MockServer::start().await;
    use_platform(&world, &server).await;
    serve_list(
        &server,
        1,
        page(1, &[reference(&world, "2027-01-11A-1"), reference(&world, "2027-01-11B-1")]),
    )
    .await;
    let failing = Mock::given(path_regex("/fdrs/2027-01-11A-1/.*"))
        .respond_with(ResponseTemplate::new(503))
        .mount_as_scoped(&server)
        .await;
    serve_flow(&server, &world, "2027-01-11B-1", "01000000000099900").await;
    let failed = reconciliation::fetch_flows(&app, world.entity.id).await;
    assert!(matches!(failed, Err(Error::Peer { peer: "pagopa", code: "unavailable", .. })));
    assert_eq!(flows(&app, &world).await, ["2027-01-11B-1"]);
    drop(failing);
    serve_flow(&server, &world, "2027-01-11A-1", "01000000000099800").await;
    reconciliation::fetch_flows(&app, world.entity.id).await.unwrap();
    assert_eq!(flows(&app, &world).await, ["2027-01-11A-1", "2027-01-11B-1"]);
}
