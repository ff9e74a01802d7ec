//! What the pages of the console are made of: sentences, tables, forms. Most pages are nothing else.

use askama::Template;

use super::values::Values;
use crate::web::frame::{Answer, render};
use crate::web::i18n::T;
use crate::web::page::Page;

/// A page made of blocks.
#[derive(Template)]
#[template(path = "admin/console.html", config = ".askama.toml")]
pub(super) struct Console {
    page: Page,
    blocks: Vec<Block>,
}

/// A part of a page.
pub(super) enum Block {
    /// A heading of the second level.
    Heading(String),
    /// A sentence.
    Text(String),
    /// Something to notice; the kind is one of the library's alerts.
    Alert(&'static str, String),
    /// Where one can go from here: address and text.
    Links(Vec<(String, String)>),
    /// A table.
    Table(Table),
    /// A form.
    Form(Form),
    /// Lines of a document, as they are.
    Code(String),
}

impl Console {
    /// A page without anything yet.
    pub(super) fn new(page: Page) -> Self {
        Self { page, blocks: Vec::new() }
    }

    /// One more block.
    #[must_use]
    pub(super) fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// A heading.
    #[must_use]
    pub(super) fn heading(self, key: &str) -> Self {
        let text = self.page.t.get(key);
        self.with(Block::Heading(text))
    }

    /// A sentence.
    #[must_use]
    pub(super) fn text(self, key: &str) -> Self {
        let text = self.page.t.get(key);
        self.with(Block::Text(text))
    }

    /// A link that looks like a button.
    #[must_use]
    pub(super) fn link(self, url: String, key: &str) -> Self {
        let text = self.page.t.get(key);
        self.with(Block::Links(vec![(url, text)]))
    }

    /// A table.
    #[must_use]
    pub(super) fn table(self, table: Table) -> Self {
        self.with(Block::Table(table))
    }

    /// A form. The summary of errors names its fields.
    #[must_use]
    pub(super) fn form(mut self, form: Form) -> Self {
        let fields = form.fields.iter().filter(|field| !field.name.is_empty());
        self.page.labels.extend(fields.map(|field| (field.name.clone(), field.label.clone())));
        self.with(Block::Form(form))
    }

    /// Draws it.
    pub(super) fn answer(self) -> Answer {
        render(&self)
    }
}

/// A table; without rows it says what would be here.
pub(super) struct Table {
    /// What the table shows, for who does not see it.
    pub(super) caption: String,
    /// The headings.
    pub(super) columns: Vec<String>,
    /// The rows.
    pub(super) rows: Vec<Row>,
    /// Said instead of an empty table.
    pub(super) empty: String,
}

/// A row of a table.
#[derive(Default)]
pub(super) struct Row {
    /// One for each column.
    pub(super) cells: Vec<Cell>,
    /// What can be done with it.
    pub(super) actions: Vec<Action>,
}

/// A cell of a table.
#[derive(Default)]
pub(super) struct Cell {
    /// What it says.
    pub(super) text: String,
    /// Where it leads; empty: nowhere.
    pub(super) url: String,
    /// The kind of badge it is; empty: none.
    pub(super) badge: &'static str,
    /// Whether it is an amount or a number.
    pub(super) is_number: bool,
}

/// Something that can be done with a row: a link, or a button that changes something.
pub(super) struct Action {
    /// Where it leads.
    pub(super) url: String,
    /// What it does.
    pub(super) label: String,
    /// Whether it changes something, and so is posted.
    pub(super) is_posted: bool,
}

impl Table {
    /// A table whose texts are under `admin-{prefix}-caption`, `…-empty` and `…-column-{name}`.
    pub(super) fn new(t: T, prefix: &str, columns: &[&str]) -> Self {
        Self {
            caption: t.get(&format!("admin-{prefix}-caption")),
            columns: columns.iter().map(|name| t.get(&format!("admin-{prefix}-column-{name}"))).collect(),
            rows: Vec::new(),
            empty: t.get(&format!("admin-{prefix}-empty")),
        }
    }

    /// Its rows.
    #[must_use]
    pub(super) fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// Whether any row can be acted on.
    pub(super) fn has_actions(&self) -> bool {
        self.rows.iter().any(|row| !row.actions.is_empty())
    }
}

impl Row {
    /// One more cell.
    #[must_use]
    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.cells.push(Cell { text: text.into(), ..Cell::default() });
        self
    }

    /// One more cell that leads somewhere.
    #[must_use]
    pub(super) fn link(mut self, text: impl Into<String>, url: impl Into<String>) -> Self {
        self.cells.push(Cell { text: text.into(), url: url.into(), ..Cell::default() });
        self
    }

    /// One more cell with a badge.
    #[must_use]
    pub(super) fn badge(mut self, kind: &'static str, text: impl Into<String>) -> Self {
        self.cells.push(Cell { text: text.into(), badge: kind, ..Cell::default() });
        self
    }

    /// One more cell with an amount.
    #[must_use]
    pub(super) fn number(mut self, text: impl ToString) -> Self {
        self.cells.push(Cell { text: text.to_string(), is_number: true, ..Cell::default() });
        self
    }

    /// One more cell: used or not.
    #[must_use]
    pub(super) fn active(self, t: T, active: bool) -> Self {
        if active {
            self.badge("success", t.get("admin-state-active"))
        } else {
            self.badge("secondary", t.get("admin-state-inactive"))
        }
    }

    /// A link at its end.
    #[must_use]
    pub(super) fn go(mut self, label: String, url: impl Into<String>) -> Self {
        self.actions.push(Action { url: url.into(), label, is_posted: false });
        self
    }

    /// A button at its end.
    #[must_use]
    pub(super) fn act(mut self, label: String, url: impl Into<String>) -> Self {
        self.actions.push(Action { url: url.into(), label, is_posted: true });
        self
    }

    /// What the row is called, for who does not see the row around a button.
    pub(super) fn name(&self) -> &str {
        self.cells.first().map_or("", |cell| cell.text.as_str())
    }
}

/// A form.
pub(super) struct Form {
    t: T,
    prefix: &'static str,
    values: Values,
    /// Where it is posted; empty: to this page.
    pub(super) action: String,
    /// Its fields.
    pub(super) fields: Vec<Field>,
    /// What its button says.
    pub(super) submit: String,
    /// Where one goes instead; empty: nowhere.
    pub(super) back: String,
    /// Whether it only asks, and so changes nothing.
    pub(super) is_search: bool,
}

/// A field of a form.
pub(super) struct Field {
    /// Its name, and its identifier on the page.
    pub(super) name: String,
    /// What it asks.
    pub(super) label: String,
    /// How to answer; empty: nothing to say.
    pub(super) help: String,
    /// Whether it must be filled.
    pub(super) required: bool,
    /// What it holds.
    pub(super) value: String,
    /// How it is asked.
    pub(super) control: Control,
}

/// How a field is asked.
pub(super) enum Control {
    /// A heading between fields: no field at all.
    Part,
    /// One line, of this type of HTML's input.
    Line(&'static str),
    /// Several lines.
    Area,
    /// One of some: value and text; then the text of no choice.
    Select(Vec<(String, String)>, String),
    /// One of a few, all in sight: value and text.
    Radios(Vec<(String, String)>),
    /// Any of some: value, text, whether it is ticked.
    Ticks(Vec<(String, String, bool)>),
    /// One box.
    Tick(bool),
}

impl Form {
    /// A form whose texts are under `admin-{prefix}-{field}`, `…-{field}-help` and `…-submit`.
    pub(super) fn new(t: T, prefix: &'static str, values: &Values) -> Self {
        let submit = format!("admin-{prefix}-submit");
        Self {
            t,
            prefix,
            values: values.clone(),
            action: String::new(),
            fields: Vec::new(),
            submit: t.get(if t.has(&submit) { &submit } else { "admin-save" }),
            back: String::new(),
            is_search: false,
        }
    }

    /// Where it is posted.
    #[must_use]
    pub(super) fn to(self, action: String) -> Self {
        Self { action, ..self }
    }

    /// Where one goes instead.
    #[must_use]
    pub(super) fn back(self, back: String) -> Self {
        Self { back, ..self }
    }

    /// It only asks.
    #[must_use]
    pub(super) fn search(self) -> Self {
        Self { is_search: true, ..self }
    }

    /// One more field, with the texts of `key`.
    #[must_use]
    pub(super) fn field(mut self, name: &str, key: &str, required: bool, control: Control) -> Self {
        let key = format!("admin-{}-{}", self.prefix, key.replace('.', "-"));
        let help = format!("{key}-help");
        self.fields.push(Field {
            name: name.to_owned(),
            label: self.t.get(&key),
            help: if self.t.has(&help) { self.t.get(&help) } else { String::new() },
            required,
            value: self.values.get(name).to_owned(),
            control,
        });
        self
    }

    /// A heading between fields.
    #[must_use]
    pub(super) fn part(self, key: &str) -> Self {
        self.field("", key, false, Control::Part)
    }

    /// A line that must be filled.
    #[must_use]
    pub(super) fn required(self, name: &str) -> Self {
        self.field(name, name, true, Control::Line("text"))
    }

    /// A line that may be empty, of some type of HTML's input.
    #[must_use]
    pub(super) fn line(self, name: &str, kind: &'static str) -> Self {
        self.field(name, name, false, Control::Line(kind))
    }

    /// A line that must be filled, of some type of HTML's input.
    #[must_use]
    pub(super) fn input(self, name: &str, kind: &'static str) -> Self {
        self.field(name, name, true, Control::Line(kind))
    }

    /// Several lines.
    #[must_use]
    pub(super) fn area(self, name: &str) -> Self {
        self.field(name, name, false, Control::Area)
    }

    /// One of some; `empty` is the text of no choice.
    #[must_use]
    pub(super) fn select(
        self,
        name: &str,
        required: bool,
        options: Vec<(String, String)>,
        empty: &str,
    ) -> Self {
        self.field(name, name, required, Control::Select(options, empty.to_owned()))
    }

    /// Any of some.
    #[must_use]
    pub(super) fn ticks(self, name: &str, options: Vec<(String, String)>) -> Self {
        let options = self.ticked(name, options);
        self.field(name, name, false, Control::Ticks(options))
    }

    /// Options with those that are held.
    pub(super) fn ticked(&self, name: &str, options: Vec<(String, String)>) -> Vec<(String, String, bool)> {
        let held = |value: &str| self.values.holds(name, value);
        options.into_iter().map(|(value, text)| (value.clone(), text, held(&value))).collect()
    }

    /// One box.
    #[must_use]
    pub(super) fn tick(self, name: &str) -> Self {
        let ticked = self.values.is_ticked(name);
        self.field(name, name, false, Control::Tick(ticked))
    }

    /// A secret: never shown; its help says since when one is kept.
    #[must_use]
    pub(super) fn secret(mut self, name: &str, kept: Option<String>) -> Self {
        self = self.field(name, name, false, Control::Line("password"));
        if let Some(field) = self.fields.last_mut() {
            field.value.clear();
            field.help = match kept {
                Some(at) => self.t.with("admin-secret-kept", &[("at", &at)]),
                None => self.t.get("admin-secret-missing"),
            };
        }
        self
    }
}
