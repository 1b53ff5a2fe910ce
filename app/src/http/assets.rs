//! Style sheet, script and wasm: inside the binary when it is built for release, from the disk else.
//!
//! Each has a hash of its content in its address and may be kept for a year. The wasm half may be
//! missing (`cargo xtask wasm` makes it); pages then come without it and work all the same.

use std::{borrow::Cow, io::Write as _, sync::OnceLock};

use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

use super::Console;

/// The parts of the style sheet, in the order in which they are joined.
const STYLE: &[&str] = &[
    "tokens.css",
    "base.css",
    "shell.css",
    "controls.css",
    "marks.css",
    "cards.css",
    "fields.css",
    "choices.css",
    "table.css",
    "overlay.css",
    "palette.css",
    "stages.css",
    "form.css",
    "layout.css",
    "ledger.css",
    "report.css",
    "usage.css",
    "audit.css",
    "catalog.css",
    "repricing.css",
    "transcripts.css",
    "gate.css",
    "utilities.css",
    "print.css",
];

const START_JS: &str = include_str!("start.js");
const FAVICON: &str = include_str!("favicon.svg");
/// Notices and licences of what the script for charts has in it, which go where the binary goes.
const THIRD_PARTY: &str = concat!(
    include_str!("../../../THIRD-PARTY.md"),
    "\n---\n\n",
    include_str!("../../../LICENSE")
);

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../style"]
struct StyleFolder;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
#[allow_missing = true]
struct SiteFolder;

/// One file that the browser fetches.
#[derive(Debug)]
struct Asset {
    content_type: &'static str,
    hash: String,
    plain: Cow<'static, [u8]>,
    brotli: OnceLock<Cow<'static, [u8]>>,
    gzip: OnceLock<Cow<'static, [u8]>>,
}

impl Asset {
    fn new(content_type: &'static str, plain: Cow<'static, [u8]>) -> Self {
        let hash = Sha256::digest(&plain)
            .iter()
            .take(8)
            .fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
        Self {
            content_type,
            hash,
            plain,
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// A file of the wasm build, with its compressed forms where they lie beside it.
    fn of_site(content_type: &'static str, path: &str) -> Option<Self> {
        let asset = Self::new(content_type, SiteFolder::get(path)?.data);
        if let Some(file) = SiteFolder::get(&format!("{path}.br")) {
            let _ = asset.brotli.set(file.data);
        }
        if let Some(file) = SiteFolder::get(&format!("{path}.gz")) {
            let _ = asset.gzip.set(file.data);
        }
        Some(asset)
    }

    fn brotli(&self) -> &[u8] {
        self.brotli.get_or_init(|| {
            let mut packed = Vec::new();
            let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 9, 22);
            let written = writer.write_all(&self.plain).and_then(|()| writer.flush());
            drop(writer);
            if written.is_ok() {
                Cow::Owned(packed)
            } else {
                Cow::Borrowed(&[])
            }
        })
    }

    fn gzip(&self) -> &[u8] {
        self.gzip.get_or_init(|| {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            let written = writer.write_all(&self.plain);
            match written.and_then(|()| writer.finish()) {
                Ok(packed) => Cow::Owned(packed),
                Err(_) => Cow::Borrowed(&[]),
            }
        })
    }

    fn answer(&self, request: &HeaderMap) -> Response {
        let accepted = request
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (encoding, bytes) = match () {
            () if accepts(accepted, "br") && !self.brotli().is_empty() => {
                (Some("br"), self.brotli())
            }
            () if accepts(accepted, "gzip") && !self.gzip().is_empty() => {
                (Some("gzip"), self.gzip())
            }
            () => (None, self.plain.as_ref()),
        };
        let mut response = Response::new(Body::from(bytes.to_vec()));
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

/// While one works on the console its files change under their addresses.
const CACHE: &str = if cfg!(debug_assertions) {
    "no-cache"
} else {
    "public, max-age=31536000, immutable"
};

fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|offer| {
        let (name, weight) = offer.split_once(';').unwrap_or((offer, ""));
        name.trim().eq_ignore_ascii_case(encoding)
            && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// All files of the console.
#[derive(Debug)]
pub(crate) struct Assets {
    style: Asset,
    start: Asset,
    favicon: Asset,
    wasm: Option<Wasm>,
    charts: Option<Asset>,
    third_party: Asset,
}

#[derive(Debug)]
struct Wasm {
    script: Asset,
    program: Asset,
}

/// Where the page finds its files.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// The style sheet.
    pub(crate) style: String,
    /// The icon.
    pub(crate) favicon: String,
    /// Script, glue and wasm of the islands. `None`: they were not built.
    pub(crate) islands: Option<[String; 3]>,
    /// The script that draws charts, for the pages that have some. `None`: it was not built.
    pub(crate) charts: Option<String>,
}

impl Assets {
    /// Reads all of them. Says so where the wasm half is missing.
    pub(crate) fn load() -> Self {
        let script = Asset::of_site("text/javascript; charset=utf-8", "pkg/weir.js");
        // cargo-leptos writes the file under the second name.
        let program = ["pkg/weir_bg.wasm", "pkg/weir.wasm"]
            .iter()
            .find_map(|path| Asset::of_site("application/wasm", path));
        let wasm = script
            .zip(program)
            .map(|(script, program)| Wasm { script, program });
        if wasm.is_none() {
            tracing::warn!(
                "The console runs without its WebAssembly, so copying, live search and live checks are off; `cargo xtask wasm` builds it"
            );
        }
        Self {
            style: Asset::new(
                "text/css; charset=utf-8",
                Cow::Owned(style_sheet().into_bytes()),
            ),
            start: Asset::new(
                "text/javascript; charset=utf-8",
                Cow::Borrowed(START_JS.as_bytes()),
            ),
            favicon: Asset::new("image/svg+xml", Cow::Borrowed(FAVICON.as_bytes())),
            wasm,
            charts: Asset::of_site("text/javascript; charset=utf-8", "pkg/charts.js"),
            third_party: Asset::new(
                "text/plain; charset=utf-8",
                Cow::Borrowed(THIRD_PARTY.as_bytes()),
            ),
        }
    }

    /// Their addresses.
    pub(crate) fn addresses(&self) -> Addresses {
        let at = |path: &str, asset: &Asset| format!("{path}?v={}", asset.hash);
        Addresses {
            charts: self
                .charts
                .as_ref()
                .map(|charts| at("/pkg/charts.js", charts)),
            style: at("/style/console.css", &self.style),
            favicon: at("/style/favicon.svg", &self.favicon),
            islands: self.wasm.as_ref().map(|wasm| {
                [
                    at("/pkg/start.js", &self.start),
                    at("/pkg/weir.js", &wasm.script),
                    at("/pkg/weir_bg.wasm", &wasm.program),
                ]
            }),
        }
    }
}

/// The whole style sheet, without comments and without the spaces that only people need.
fn style_sheet() -> String {
    let mut sheet = String::new();
    for name in STYLE {
        match StyleFolder::get(name) {
            Some(file) => sheet.push_str(&smaller(&String::from_utf8_lossy(&file.data))),
            None => tracing::error!("The style sheet {name} is missing"),
        }
    }
    sheet
}

/// Takes comments, indentation and line breaks out of a style sheet. It has no strings that hold either.
fn smaller(css: &str) -> String {
    let mut rest = css;
    let mut bare = String::with_capacity(css.len());
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    let mut small = String::with_capacity(bare.len());
    for line in bare.lines().map(str::trim).filter(|line| !line.is_empty()) {
        small.push_str(line);
        // Only after these can no space be needed; else two selectors or values would run together.
        if !line.ends_with([';', '{', '}', ',']) {
            small.push(' ');
        }
    }
    small
}

/// `GET /style/{file}`
pub(crate) async fn style(
    State(console): State<Console>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let assets = console.assets();
    match file.as_str() {
        "console.css" if cfg!(debug_assertions) => Asset::new(
            "text/css; charset=utf-8",
            Cow::Owned(style_sheet().into_bytes()),
        )
        .answer(&headers),
        "console.css" => assets.style.answer(&headers),
        "favicon.svg" => assets.favicon.answer(&headers),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /pkg/{file}`
pub(crate) async fn package(
    State(console): State<Console>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let assets = console.assets();
    let asset = match (file.as_str(), &assets.wasm) {
        ("start.js", _) => Some(&assets.start),
        ("charts.js", _) => assets.charts.as_ref(),
        ("third-party.txt", _) => Some(&assets.third_party),
        ("weir.js", Some(wasm)) => Some(&wasm.script),
        ("weir_bg.wasm", Some(wasm)) => Some(&wasm.program),
        _ => None,
    };
    asset.map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |asset| asset.answer(&headers),
    )
}

#[cfg(test)]
mod tests {
    use super::{STYLE, StyleFolder, accepts, smaller};

    #[test]
    fn every_style_sheet_is_in_the_list() {
        let mut files: Vec<String> = StyleFolder::iter().map(|name| name.to_string()).collect();
        let mut listed: Vec<String> = STYLE.iter().map(|name| (*name).to_owned()).collect();
        files.sort();
        listed.sort();
        assert_eq!(files, listed);
    }

    #[test]
    fn a_smaller_style_sheet_means_the_same() {
        let css = "/* head */\n.a,\n.b {\n  margin: 0 1px;\n  &:not(\n    .c\n  ) .d {\n    color: red;\n  }\n}\n";
        assert_eq!(
            smaller(css),
            ".a,.b {margin: 0 1px;&:not( .c ) .d {color: red;}}"
        );
    }

    #[test]
    fn an_encoding_with_weight_zero_is_refused() {
        assert!(accepts("gzip, deflate, br", "br") && accepts("BR;q=0.5", "br"));
        assert!(!accepts("gzip;q=0, br", "gzip") && !accepts("gzip", "br"));
    }
}
