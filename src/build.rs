//! Prepares the assets: takes from the npm packages the few files the pages use, gives every file a name with its hash
//! (so that browsers may keep it for ever) and writes the table that `web::assets` includes.
//!
//! It reads what `make assets` installed under `src/web/assets/node_modules`; it never downloads anything.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

const ASSETS: &str = "src/web/assets";
const LIBRARY: &str = "src/web/assets/node_modules/bootstrap-italia";
const FONT: &str = "dist/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-";

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    println!("cargo:rerun-if-changed=.askama.toml");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=config/locales");
    println!("cargo:rerun-if-changed={ASSETS}/own");
    println!("cargo:rerun-if-changed={LIBRARY}/package.json");
    assert!(
        Path::new(LIBRARY).join("package.json").is_file(),
        "the stylesheet library is not installed: run `make assets` (that is `npm ci` in {ASSETS})",
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("assets");
    if out.exists() {
        fs::remove_dir_all(&out).expect("the build directory is writable");
    }
    fs::create_dir_all(&out).expect("the build directory is writable");
    let mut table = Table { out, entries: String::new(), names: Vec::new() };
    for (name, weight) in
        [("300", "300"), ("400", "regular"), ("400-italic", "italic"), ("600", "600"), ("700", "700")]
    {
        table.add(
            &format!("fonts/titillium-web-{name}.woff2"),
            read(LIBRARY, &format!("{FONT}{weight}.woff2")),
        );
    }
    table.add("fonts/OFL.txt", read(LIBRARY, "dist/fonts/Titillium_Web/OFL.txt"));
    table.add("css/bootstrap-italia.min.css", in_green(&read(LIBRARY, "dist/css/bootstrap-italia.min.css")));
    table.add("css/bootstrap-italia.LICENSE.txt", read(LIBRARY, "LICENSE"));
    table.add("svg/sprites.svg", read(LIBRARY, "dist/svg/sprites.svg"));
    let mut own: Vec<_> = fs::read_dir(Path::new(ASSETS).join("own"))
        .expect("it is in the repository")
        .map(|entry| entry.expect("it can be listed").file_name().into_string().expect("names are ASCII"))
        .collect();
    own.sort();
    for name in own {
        let bytes = read(ASSETS, &format!("own/{name}"));
        let bytes = if name.ends_with(".css") { table.with_hashed_addresses(bytes) } else { bytes };
        table.add(&format!("own/{name}"), bytes);
    }
    table.write();
}

fn read(folder: &str, name: &str) -> Vec<u8> {
    let path = Path::new(folder).join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// The stylesheet in the Comuni's green: the library's own blue "dovrebbe essere riservato alle amministrazioni centrali
/// dello Stato" (bootstrap-italia, documentation of its colours), and its variables exist only before it is compiled.
/// Every saturated colour of the blue's hue gets the hue of the Comuni's templates, darker, so that contrast grows.
fn in_green(css: &[u8]) -> Vec<u8> {
    let css = std::str::from_utf8(css).expect("stylesheets are UTF-8");
    let mut green = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = rest.find(['#', '%', 'r', 'h']) {
        green.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match colour(rest) {
            Some((length, colour)) => {
                green.push_str(&colour);
                length
            }
            None => {
                let first = rest.chars().next().map_or(0, char::len_utf8);
                green.push_str(&rest[..first]);
                first
            }
        };
        rest = &rest[taken..];
    }
    green.push_str(rest);
    green.into_bytes()
}

/// A blue at the beginning of the text: its length there, and its green.
fn colour(text: &str) -> Option<(usize, String)> {
    let hash = ["#", "%23"].into_iter().find(|hash| text.starts_with(hash));
    if let Some(hash) = hash {
        let digits: String = text[hash.len()..].chars().take_while(char::is_ascii_hexdigit).collect();
        let doubled: String = digits.chars().flat_map(|digit| [digit, digit]).collect();
        let full = match digits.len() {
            3 => doubled,
            6 => digits.clone(),
            _ => return None,
        };
        let channel = |i: usize| u8::from_str_radix(&full[i..i + 2], 16).ok().map(f64::from);
        let (r, g, b) = green_of(to_hsl(channel(0)?, channel(2)?, channel(4)?))?;
        return Some((hash.len() + digits.len(), format!("{hash}{r:02x}{g:02x}{b:02x}")));
    }
    let function = ["rgba(", "rgb(", "hsla(", "hsl("].into_iter().find(|name| text.starts_with(name))?;
    let end = text.find(')')?;
    let mut parts = text[function.len()..end].splitn(4, ',').map(str::trim);
    let mut number = || parts.next()?.trim_end_matches('%').parse::<f64>().ok();
    let (a, b, c) = (number()?, number()?, number()?);
    let hsl = if function.starts_with("rgb") { to_hsl(a, b, c) } else { (a, b / 100.0, c / 100.0) };
    let (r, g, b) = green_of(hsl)?;
    let alpha = parts.next().map_or_else(String::new, |alpha| format!(",{alpha}"));
    let name = if alpha.is_empty() { "rgb" } else { "rgba" };
    Some((end + 1, format!("{name}({r},{g},{b}{alpha})")))
}

/// Hue in degrees, saturation and lightness from 0 to 1, of channels from 0 to 255.
fn to_hsl(r: f64, g: f64, b: f64) -> (f64, f64, f64) {
    let (r, g, b) = (r / 255.0, g / 255.0, b / 255.0);
    let (max, min) = (r.max(g).max(b), r.min(g).min(b));
    let (lightness, spread) = (f64::midpoint(max, min), max - min);
    if spread < 1e-9 {
        return (0.0, 0.0, lightness);
    }
    let hue = if max <= r {
        60.0 * ((g - b) / spread).rem_euclid(6.0)
    } else if max <= g {
        60.0 * ((b - r) / spread + 2.0)
    } else {
        60.0 * ((r - g) / spread + 4.0)
    };
    (hue, spread / (1.0 - (2.0 * lightness - 1.0).abs()), lightness)
}

/// The green for a saturated blue; nothing for any other colour. Blue at 40 % lightness becomes green at 24 %; near white,
/// where backgrounds are, lightness stays.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "channels are rounded into 0 to 255"
)]
fn green_of((hue, saturation, lightness): (f64, f64, f64)) -> Option<(u8, u8, u8)> {
    if !(205.0..=215.0).contains(&hue) || saturation < 0.5 {
        return None;
    }
    let lightness = if lightness <= 0.4 { lightness * 0.6 } else { 1.0 - (1.0 - lightness) * 0.76 / 0.6 };
    let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
    let floor = lightness - chroma / 2.0;
    let byte = |part: f64| ((chroma * part + floor) * 255.0).round().clamp(0.0, 255.0) as u8;
    // Hue 160: no red, all green, two thirds of the way to cyan.
    Some((byte(0.0), byte(1.0), byte(2.0 / 3.0)))
}

struct Table {
    out: PathBuf,
    entries: String,
    names: Vec<(String, String)>,
}

impl Table {
    /// Copies a file under its hashed name and adds it to the table.
    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let mut hasher = DefaultHasher::new();
        hasher.write(&bytes);
        let file = name.rsplit('/').next().expect("split gives one part at least");
        let (stem, extension) = file.rsplit_once('.').expect("assets have an extension");
        let hashed = format!("{stem}.{:016x}.{extension}", hasher.finish());
        let path = self.out.join(&hashed);
        fs::write(&path, bytes).expect("the build directory is writable");
        let mime = match extension {
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "woff2" => "font/woff2",
            "js" => "text/javascript; charset=utf-8",
            "txt" => "text/plain; charset=utf-8",
            other => panic!("no media type is known for .{other}"),
        };
        writeln!(
            self.entries,
            "    Asset {{ name: {name:?}, file: {hashed:?}, mime: {mime:?}, bytes: include_bytes!({path:?}) }},",
        )
        .expect("writing to a string cannot fail");
        self.names.push((file.to_owned(), hashed));
    }

    /// Our stylesheet names fonts and pictures by their plain names: `url("titillium-web-400.woff2")`.
    fn with_hashed_addresses(&self, css: Vec<u8>) -> Vec<u8> {
        let css = String::from_utf8(css).expect("stylesheets are UTF-8");
        self.names
            .iter()
            .fold(css, |css, (name, hashed)| {
                css.replace(&format!("url(\"{name}\")"), &format!("url(\"{hashed}\")"))
            })
            .into_bytes()
    }

    fn write(self) {
        let text = format!("static ASSETS: &[Asset] = &[\n{}];\n", self.entries);
        fs::write(self.out.with_file_name("assets.rs"), text).expect("the build directory is writable");
    }
}
