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
    table.add("css/bootstrap-italia.min.css", read(LIBRARY, "dist/css/bootstrap-italia.min.css"));
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
