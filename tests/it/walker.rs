//! A person with a browser, over real HTTP: follows links and redirects from one server to another, fills the forms it
//! finds on the pages, keeps cookies.

use std::collections::BTreeMap;

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Method, Request, StatusCode, Url};

const REDIRECTS_MAX: usize = 12;

/// One person's browser.
pub struct Walker {
    http: reqwest::Client,
    /// By server: each has its own.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Where the browser is.
    pub here: Url,
    /// How it was answered.
    pub status: StatusCode,
    /// The page.
    pub page: String,
}

/// A form of a page, with what its fields hold.
#[derive(Clone, Debug)]
pub struct Form {
    action: Url,
    is_post: bool,
    /// Names and values, in order.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Fills a field: what it held is replaced.
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends it elsewhere, as another button of the page would.
    pub fn to(mut self, address: &str) -> Self {
        self.action = Url::parse(address).unwrap();
        self
    }
}

impl Walker {
    /// A browser without cookies.
    pub fn new() -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let here = Url::parse("http://127.0.0.1/").unwrap();
        Self { http, cookies: BTreeMap::new(), here, status: StatusCode::OK, page: String::new() }
    }

    /// Opens an address, full or relative to where the browser is.
    pub async fn open(&mut self, address: &str) -> &mut Self {
        let url = self.here.join(address).unwrap();
        self.send(Request::new(Method::GET, url)).await;
        self
    }

    /// Follows the first link whose address contains this.
    pub async fn follow(&mut self, part: &str) -> &mut Self {
        let links = tags(&self.page).into_iter().filter(|tag| tag.name == "a");
        let href =
            links.filter_map(|tag| tag.attributes.get("href").cloned()).find(|href| href.contains(part));
        let href = href.unwrap_or_else(|| panic!("no link to {part} on {}:\n{}", self.here, self.page));
        self.open(&href).await
    }

    /// The first form whose address contains this; a form without one goes to the page's own.
    pub fn form(&self, part: &str) -> Form {
        let all = forms(&self.page, &self.here);
        let found = all.iter().find(|form| form.is_post && form.action.as_str().contains(part));
        found.cloned().unwrap_or_else(|| panic!("no form to {part} on {}:\n{}", self.here, self.page))
    }

    /// Sends a form.
    pub async fn submit(&mut self, form: Form) -> &mut Self {
        let encoded =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
        let mut request = Request::new(Method::POST, form.action);
        request.headers_mut().insert(CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
        *request.body_mut() = Some(encoded.into());
        self.send(request).await;
        self
    }

    /// Sends a form with a file.
    pub async fn upload(&mut self, form: Form, field: &str, name: &str, file: &str) -> &mut Self {
        const BOUNDARY: &str = "the-next-part";
        let part = |head: &str, body: &str| {
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
        };
        let fields = form.fields.iter().filter(|(known, _)| known != field);
        let mut body: String = fields.map(|(name, value)| part(&format!("name=\"{name}\""), value)).collect();
        let head = format!("name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/xml");
        body += &part(&head, file);
        body += &format!("--{BOUNDARY}--\r\n");
        let mut request = Request::new(Method::POST, form.action);
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        request.headers_mut().insert(CONTENT_TYPE, kind.parse().unwrap());
        *request.body_mut() = Some(body.into());
        self.send(request).await;
        self
    }

    /// The values of the radio buttons or boxes of a name, in order.
    pub fn choices(&self, name: &str) -> Vec<String> {
        let inputs = tags(&self.page).into_iter().filter(|tag| tag.name == "input");
        inputs
            .filter(|tag| tag.attributes.get("name").is_some_and(|known| known == name))
            .filter_map(|tag| tag.attributes.get("value").cloned())
            .collect()
    }

    /// The values of a select's options that stand for something.
    pub fn options(&self, select: &str) -> Vec<String> {
        let all = tags(&self.page);
        let begins =
            |tag: &Tag| tag.name == "select" && tag.attributes.get("name").is_some_and(|n| n == select);
        let inside = all.iter().skip_while(|tag| !begins(tag)).take_while(|tag| tag.name != "/select");
        inside
            .filter(|tag| tag.name == "option")
            .filter_map(|tag| tag.attributes.get("value").cloned())
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// That the page says this.
    pub fn sees(&self, text: &str) -> &Self {
        let page = decoded(&self.page);
        assert!(page.contains(text), "`{text}` is not on {}:\n{page}", self.here);
        self
    }

    async fn send(&mut self, mut request: Request) {
        for _ in 0..REDIRECTS_MAX {
            let origin = request.url().origin().ascii_serialization();
            let url = request.url().clone();
            let jar = self.cookies.entry(origin).or_default();
            let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if !cookies.is_empty() {
                request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
            }
            request.headers_mut().insert("accept-language", "it".parse().unwrap());
            let response = self.http.execute(request).await.unwrap();
            for cookie in response.headers().get_all(SET_COOKIE) {
                let cookie = cookie.to_str().unwrap();
                let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
                if cookie.contains("Max-Age=0") {
                    jar.remove(name);
                } else {
                    jar.insert(name.to_owned(), value.to_owned());
                }
            }
            self.status = response.status();
            if let Some(to) = response.headers().get(LOCATION) {
                request = Request::new(Method::GET, url.join(to.to_str().unwrap()).unwrap());
                continue;
            }
            self.here = url;
            self.page = response.text().await.unwrap();
            return;
        }
        panic!("redirected for ever at {}", request.url());
    }
}

/// A tag of a page: `name` begins with a slash where it ends an element.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
    /// Where the text after it begins.
    end: usize,
}

fn tags(page: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(open) = page[rest..].find('<').map(|at| at + rest) {
        let Some((attributes, name, end)) = tag_at(page, open) else {
            rest = open + 1;
            continue;
        };
        rest = end;
        found.push(Tag { name, attributes, end });
    }
    found
}

fn tag_at(page: &str, open: usize) -> Option<(BTreeMap<String, String>, String, usize)> {
    let bytes = page.as_bytes();
    let mut at = open + 1;
    let name_end = page[at..].find(|c: char| c.is_whitespace() || c == '>')? + at;
    let name = page[at..name_end].trim_end_matches('/').to_ascii_lowercase();
    at = name_end;
    let mut attributes = BTreeMap::new();
    loop {
        at += page[at..].find(|c: char| !c.is_whitespace() && c != '/')?;
        if bytes[at] == b'>' {
            return Some((attributes, name, at + 1));
        }
        let key_end = page[at..].find(|c: char| c.is_whitespace() || c == '=' || c == '>')? + at;
        let key = page[at..key_end].to_owned();
        at = key_end;
        let mut value = String::new();
        if bytes[at] == b'=' {
            let quote = char::from(bytes[at + 1]);
            let (begin, end) = if quote == '"' || quote == '\'' {
                (at + 2, page[at + 2..].find(quote)? + at + 2)
            } else {
                (at + 1, page[at + 1..].find(|c: char| c.is_whitespace() || c == '>')? + at + 1)
            };
            value = decoded(&page[begin..end]);
            at = if quote == '"' || quote == '\'' { end + 1 } else { end };
        }
        attributes.insert(key, value);
    }
}

fn forms(page: &str, here: &Url) -> Vec<Form> {
    let mut found: Vec<Form> = Vec::new();
    let (mut is_open, mut select): (bool, Option<(String, Option<String>)>) = (false, None);
    for tag in tags(page) {
        let attribute = |name: &str| tag.attributes.get(name).cloned();
        match tag.name.as_str() {
            "form" => {
                let action = attribute("action").map_or_else(|| here.clone(), |to| here.join(&to).unwrap());
                let is_post = attribute("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
                found.push(Form { action, is_post, fields: Vec::new() });
                is_open = true;
            }
            "/form" => is_open = false,
            _ => {}
        }
        let Some(form) = found.last_mut().filter(|_| is_open) else { continue };
        match (tag.name.as_str(), attribute("name")) {
            ("input", Some(name)) => {
                let kind = attribute("type").unwrap_or_default();
                let is_ticked = tag.attributes.contains_key("checked");
                if !["radio", "checkbox"].contains(&kind.as_str()) || is_ticked {
                    form.fields.push((name, attribute("value").unwrap_or_default()));
                }
            }
            ("textarea", Some(name)) => {
                let text = page[tag.end..].split("</textarea").next().unwrap_or_default();
                form.fields.push((name, decoded(text)));
            }
            ("select", Some(name)) => select = Some((name, None)),
            ("option", _) => {
                if let Some((_, chosen)) = &mut select
                    && (chosen.is_none() || tag.attributes.contains_key("selected"))
                {
                    *chosen = attribute("value");
                }
            }
            ("/select", _) => {
                if let Some((name, value)) = select.take() {
                    form.fields.push((name, value.unwrap_or_default()));
                }
            }
            _ => {}
        }
    }
    found
}

/// Character references, as the templates write them.
fn decoded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let reference = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        let character = reference.and_then(|(name, _)| match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some('\u{a0}'),
            number => number.strip_prefix('#').and_then(|n| n.parse().ok()).and_then(char::from_u32),
        });
        match (character, reference) {
            (Some(character), Some((_, after))) => {
                plain.push(character);
                rest = after;
            }
            _ => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain + rest
}
