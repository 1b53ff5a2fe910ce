//! The catalog in use, the ways to a newer one, and its models.

use admin::catalog::{CatalogModelView, CatalogStatus, PendingCatalog};
use axum::response::Response;
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{CHANGES, PATH, models, words};
use crate::{
    format::{count, time},
    http::{failure::Failure, page::Page},
    kit::{
        field::Under,
        figures::When,
        icon::{Drawn, Icon},
        kv::Fact,
        note::{NoteBox, Tone},
        pager::Slice,
        words::Words,
    },
    pages::{
        audit,
        settings::{Head, Tab},
    },
    shell::nav::Place,
};

/// Why a form of this page was refused.
#[derive(Debug, Clone, Default)]
pub(super) struct Refused {
    status: StatusCode,
    /// What is wrong with the file that was chosen.
    file: String,
    /// What is wrong elsewhere.
    whole: String,
}

impl Refused {
    /// The file that was chosen is not taken.
    pub(super) fn file(status: StatusCode, words: String) -> Self {
        Self {
            status,
            file: words,
            whole: String::new(),
        }
    }

    /// Something else cannot be done.
    pub(super) fn whole(status: StatusCode, words: String) -> Self {
        Self {
            status,
            file: String::new(),
            whole: words,
        }
    }
}

/// The models that are looked at.
pub(super) struct Models {
    pub(super) kind: String,
    pub(super) found: Vec<CatalogModelView>,
    pub(super) slice: Slice,
    /// Every price of the one that is open.
    pub(super) open: Vec<CatalogModelView>,
}

/// `GET /settings/catalog`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    answer(&page, Refused::default()).await
}

/// The page, with whatever a form of it was answered.
///
/// # Errors
/// What admin says.
pub(super) async fn answer(page: &Page, refused: Refused) -> Result<Response, Failure> {
    let who = page.who()?;
    let catalog = page.admin().catalog();
    let status = catalog.status(who).await?;
    let query = page.query().clone();
    let kind = models::chosen(&status, query.text("kind"));
    let found = catalog.of_kind(who, &kind, query.text("q"));
    let slice = Slice::read(&query, found.len());
    let open = match query.text("open") {
        "" => vec![],
        id => catalog.regions(who, &kind, id),
    };
    let models = Models {
        found: slice.of(found),
        kind,
        slice,
        open,
    };
    let now = time::now();
    Ok(page
        .html(refused.status, "Catalog", Place::Settings, move || {
            html! {
                <Head tab=Tab::Catalog lede="The models that Weir knows, with their list prices. Calls are priced by them where no override holds. No model becomes callable through it: that is for each provider’s list to say."/>
                <Notes status=status.clone() whole=refused.whole/>
                <div class="cols-2">
                    <InUse status=status.clone() now=now/>
                    <Newer status=status.clone() error=refused.file/>
                </div>
                <models::Models status=status models=models query=query/>
            }
        })
        .await)
}

#[component]
fn Notes(status: CatalogStatus, whole: String) -> impl IntoView {
    let superseded = status.superseded_version.map(|version| {
        let words = format!(
            "Catalog {version} had been applied here. The one that is built into this release is newer and took its place."
        );
        html! { <NoteBox tone=Tone::Info>{words}</NoteBox> }
    });
    let waits = status.pending.map(|pending| {
        let words = format!("Version {} waits to be applied. ", pending.version);
        html! { <NoteBox tone=Tone::Info>{words}<a href=CHANGES>"See what it would change"</a></NoteBox> }
    });
    let wrong = (!whole.is_empty()).then(|| html! { <NoteBox tone=Tone::Bad>{whole}</NoteBox> });
    html! { {wrong}{waits}{superseded} }
}

#[component]
fn InUse(status: CatalogStatus, now: Timestamp) -> impl IntoView {
    let is_builtin = status.origin == "builtin";
    let models: usize = status.kinds.iter().map(|kind| kind.models).sum();
    let kinds = status.kinds.len();
    let applied = status.applied_at.map(|at| {
        let by = status.applied_by.clone().unwrap_or_default();
        let by = audit::actor(&by);
        html! { <Fact name="Applied"><span><When moment=at now=now/>{format!(" by {by}")}</span></Fact> }
    });
    let builtin = (!is_builtin).then(|| {
        let version = status.builtin_version.clone();
        html! { <Fact name="Built-in version"><span class="tnum">{version}</span></Fact> }
    });
    let back = (!is_builtin).then(|| {
        html! {
            <div class="card-foot">
                <form method="post" action="/settings/catalog/builtin">
                    <button class="btn" type="submit"><Drawn icon=Icon::Reset/>"Back to the built-in catalog…"</button>
                </form>
                <span class="help">"Shows first what that would change."</span>
            </div>
        }
    });
    let counted = format!(
        "{} of {kinds} hosts",
        count::plural(models, "model", "models")
    );
    html! {
        <section class="card" aria-labelledby="in-use-title">
            <div class="card-head">
                <h2 id="in-use-title">"In use"</h2>
                <div class="end"><a class="btn sm" href=audit::of_kind("catalog")>"Changes"</a></div>
            </div>
            <div class="card-body">
                <dl class="kv">
                    <Fact name="Version"><span class="strong tnum">{status.version}</span></Fact>
                    <Fact name="From">{words::origin(status.origin)}</Fact>
                    {applied}
                    {builtin}
                    <Fact name="Holds"><span class="tnum">{counted}</span></Fact>
                </dl>
            </div>
            {back}
        </section>
    }
}

#[component]
fn Newer(status: CatalogStatus, error: String) -> impl IntoView {
    let refresh = match status.refresh_address {
        Some(address) => html! {
            <form class="stack" method="post" action="/settings/catalog/refresh">
                <p class="soft">"Fetches the file at "<span class="break"><code>{address}</code></span>" and shows what it would change."</p>
                <div><button class="btn" type="submit"><Drawn icon=Icon::Fetch/>"Refresh"</button></div>
            </form>
        },
        None => html! {
            <p class="soft"><Words text="To fetch it from an address, start Weir with `--catalog-url` or `WEIR_CATALOG_URL`. Weir asks there only when somebody presses Refresh here."/></p>
        },
    };
    let wrong = !error.is_empty();
    html! {
        <section class="card" aria-labelledby="newer-title">
            <div class="card-head"><h2 id="newer-title">"Take a newer one"</h2></div>
            <div class="card-body">
                {refresh}
                <form class="stack" method="post" action=PATH enctype="multipart/form-data">
                    <div class="field">
                        <label for="file">"Upload a file"</label>
                        <input class="input" type="file" id="file" name="file" accept=".jsonl,.json,.txt" aria-describedby="file-about"
                            aria-invalid=wrong.then_some("true") autofocus=wrong/>
                        <Under id="file-about" error=error
                            help="A newer models.jsonl, 16 MiB at most. It is checked line by line; nothing changes before you have seen what would.".to_owned()/>
                    </div>
                    <div><button class="btn" type="submit"><Drawn icon=Icon::Up/>"Upload and compare"</button></div>
                </form>
            </div>
        </section>
    }
}

/// Until when a catalog waits, in words.
pub(super) fn waits_until(pending: &PendingCatalog, now: Timestamp) -> String {
    format!(
        "{} by {}; forgotten {} unless it is applied",
        words::origin(pending.origin),
        audit::actor(&pending.brought_by),
        time::relative(pending.expires_at, now),
    )
}
