//! Pages: the citizens' choice of a time, the operators' day with forty appointments.

use std::time::Instant;

use sportello::identity::store::{self, LoggedIn};
use sportello::identity::{Role, RoleGrant, StaffMember, session};
use sportello::ids::StaffId;

use crate::http::{Connection, request};
use crate::office::Office;
use crate::peer::{Peer, Server};
use crate::{Bench, Report, median_ms};

const VIEWS: usize = 200;

/// Measures both.
pub async fn measure(bench: &mut Bench, report: &mut Report) {
    let office = bench.office(4, 12, |_| {}).await;
    let server = Server::start(&office.db.app).await;
    let peer = Peer::register(&office, &server.base).await;
    for (n, (start, _)) in office.offered("2027-01-12", "2027-01-12").await.iter().take(10).enumerate() {
        for counter in 0..4 {
            let booked = peer.book(&format!("{n}/{counter}"), n * 4 + counter, *start).await.unwrap();
            assert_eq!(booked.status, 201);
        }
    }
    let address = server.base.strip_prefix("http://").unwrap();
    let (citizen, operator) = (cookie(&office, None).await, cookie(&office, Some(operator())).await);
    for (name, path, cookie) in [
        ("page_choose_time", "/borgo/prenota/carta-identita/data-e-orario?sede=municipio", citizen),
        ("page_desk_day_40", "/borgo/sportello/municipio/2027-01-12", operator),
    ] {
        let mut connection = Connection::open(address).await;
        let request = request(path, &format!("Cookie: {cookie}\r\n"));
        let mut latencies = Vec::new();
        let mut bytes = 0;
        for _ in 0..VIEWS {
            let sent = Instant::now();
            bytes = connection.get(&request).await;
            latencies.push(sent.elapsed());
        }
        report.add(&format!("{name}_p50"), median_ms(latencies), "ms");
        report.add(&format!("{name}_size"), bytes as f64, "bytes");
    }
}

fn operator() -> StaffMember {
    StaffMember {
        id: StaffId::new(),
        given_name: "Marco".into(),
        family_name: "Bianchi".into(),
        email: "marco@example.it".into(),
        fiscal_code: None,
        active: true,
        roles: vec![RoleGrant { role: Role::Operator, site: None }],
    }
}

/// The cookie of a new session.
async fn cookie(office: &Office, staff: Option<StaffMember>) -> String {
    let mut tx = office.begin().await;
    if let Some(member) = &staff {
        store::insert_staff(&mut tx, office.entity.id, member, office.now()).await.unwrap();
    }
    let who = LoggedIn { person: None, staff, level: 2 };
    let made = store::create_session(&mut tx, office.entity.id, who, "it", office.now()).await.unwrap();
    tx.commit().await.unwrap();
    format!("{}={}", session::cookie_name("borgo", false), made.token)
}
