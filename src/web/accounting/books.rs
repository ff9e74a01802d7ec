//! The books: what each account stands at, and what is still in transit.

use askama::Template;

use super::office::Office;
use super::words::{self, Links};
use crate::reconciliation::ledger::{self, Account, Balance};
use crate::reconciliation::{AccountTotal, Entry, lists};
use crate::web::frame::{Answer, render};
use crate::web::page::Page;

/// How many open sub-accounts the page lists of each account.
const SHOWN_MAX: usize = 200;

#[derive(Template)]
#[template(path = "accounting/books.html", config = ".askama.toml")]
struct BooksPage {
    page: Page,
    links: Links,
    accounts: Vec<AccountTotal>,
    open: Vec<Open>,
    entries: Vec<Entry>,
}

impl BooksPage {
    /// The provisional entry that a sub-account is of.
    fn entry_of(&self, subject: &str) -> Option<&Entry> {
        let id = subject.parse().ok()?;
        self.entries.iter().find(|entry| entry.id == id)
    }
}

/// The sub-accounts of an account that should come back to zero.
struct Open {
    account: Account,
    balances: Vec<Balance>,
    is_cut: bool,
}

/// `GET …/conti`.
pub async fn show(office: Office) -> Answer {
    let mut tx = office.begin().await?;
    let accounts = lists::accounts(&mut tx, &office.entity).await?;
    let mut open = Vec::new();
    for account in [Account::InTransit, Account::Unidentified] {
        let mut balances = ledger::balances(&mut tx, office.entity.id, account).await?;
        let is_cut = balances.len() > SHOWN_MAX;
        balances.truncate(SHOWN_MAX);
        open.push(Open { account, balances, is_cut });
    }
    let ids: Vec<_> =
        open.iter().flat_map(|group| &group.balances).filter_map(|b| b.subject.parse().ok()).collect();
    let entries = lists::entries(&mut tx, &office.entity, &ids).await?;
    let title = office.t.get("accounting-books-title");
    let page = office.page(&title).lead(office.t.get("accounting-books-lead")).crumb(title, "");
    render(&BooksPage { page, links: office.links(), accounts, open, entries })
}
