use super::*;
use crate::checkout::{CartRequest, PaymentNotice, ReturnUrls};
use crate::fdr::RowOutcome;
use crate::gpd::PositionStatus;
use crate::station::Outcome;

pub(super) fn cart(navs: &[Nav]) -> CartRequest {
    let url = |path: &str| Url::parse("http://127.0.0.1/").unwrap().join(path).unwrap();
    let notice = |nav: &Nav| PaymentNotice {
        notice_number: *nav,
        fiscal_code: COMUNE.into(),
        amount_cents: 2225,
        company_name: "Comune di Esempio".into(),
        description: "Carta d'identità elettronica".into(),
    };
    CartRequest {
        email_notice: None,
        payment_notices: navs.iter().map(notice).collect(),
        return_urls: ReturnUrls {
            return_ok_url: url("ok"),
            return_cancel_url: url("cancel"),
            return_error_url: url("error"),
            return_waiting_url: url("wait"),
        },
        id_cart: Some("cart-1".into()),
        all_ccp: false,
    }
}

#[tokio::test]
async fn from_a_debt_to_the_money() {
    let world = World::new().await;

    let created = world.gpd.create(COMUNE, &world.position(1), true).await.unwrap();
    assert_eq!(created.status, Some(PositionStatus::Valid));
    let nav = created.payment_option[0].nav.unwrap();

    let page = world.checkout.open(&cart(&[nav])).await.unwrap();
    assert!(page.as_str().starts_with(&format!("{}checkout/pay/", world.base)), "{page}");
    let html = world.browser.get(page.clone()).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("Simulazione") && html.contains("22,25\u{a0}€") && html.contains(&nav.grouped()));

    let choice = [("action", "pay"), ("psp", PSPS[0].id)];
    let answer = world.browser.post(page).form(&choice).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], "http://127.0.0.1/ok");

    let delivered = world.station.received();
    assert_eq!(delivered.len(), 1);
    let receipt = &delivered[0].receipt;
    assert_eq!(receipt.outcome, Outcome::Ok);
    assert_eq!(
        (receipt.notice_number.as_str(), receipt.fiscal_code.as_str(), receipt.payment_amount_cents),
        (nav.to_string().as_str(), COMUNE, 2225)
    );
    assert_eq!(receipt.payment_note.as_deref(), Some("cart-1"));
    assert_eq!(receipt.transfers.iter().map(|transfer| transfer.amount_cents).sum::<i64>(), 2225);
    assert_eq!(world.status(1).await, PositionStatus::Paid);

    let transfers = world.simulator.settle("2026-11-23".parse().unwrap());
    assert_eq!(transfers.len(), 1);
    let transfer = &transfers[0];
    assert_eq!((transfer.amount_cents, transfer.iban.as_str()), (2225, IBAN));
    assert_eq!(transfer.flow, "2026-11-24ABI99901-S001");
    assert_eq!(transfer.remittance, "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-11-24ABI99901-S001");
    assert_eq!(world.status(1).await, PositionStatus::Reported);

    let page = world.fdr.list(COMUNE, None, 1).await.unwrap();
    assert_eq!(page.flows.len(), 1);
    let listed = &page.flows[0];
    let flow = world.fdr.flow(COMUNE, &listed.flow, listed.revision, &listed.psp_id).await.unwrap();
    assert_eq!(flow.flow, transfer.flow);
    assert_eq!((flow.total_cents, flow.count), (transfer.amount_cents, 2));
    assert_eq!(
        (flow.regulation.as_str(), flow.regulation_date),
        (transfer.trn.as_str(), transfer.value_date)
    );
    assert_eq!(flow.receiver_fiscal_code, COMUNE);
    assert_eq!(flow.findings(), []);
    assert_eq!(flow.rows.iter().map(|row| row.amount_cents).sum::<i64>(), transfer.amount_cents);
    for (row, share) in flow.rows.iter().zip(&receipt.transfers) {
        assert_eq!((&row.iur, &row.iuv), (&receipt.receipt_id, &receipt.creditor_reference_id));
        assert_eq!((row.transfer_index, row.amount_cents), (Some(share.index), share.amount_cents));
        assert_eq!(row.outcome, RowOutcome::Executed);
    }
}
