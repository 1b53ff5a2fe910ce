//! What is on the disk, what was deleted, and whether the books balance.

use admin::{
    storage::{CheckedView, DeletionView, StorageView},
    system::SystemView,
};
use domain::Timestamp;
use leptos::prelude::*;

use super::CHECK;
use crate::{
    format::{count::grouped, size, time, zone::Zone},
    kit::{
        figures::When,
        kv::Fact,
        marks::{Standing, Status},
        note::{NoteBox, Tone},
    },
    pages::settings::transcripts,
};

/// Sizes on the disk.
#[component]
pub(super) fn Sizes(system: SystemView) -> impl IntoView {
    let is_server = system.database.kind == "postgres";
    let storage = system.storage.clone();
    let log = storage.as_ref().and_then(|storage| storage.log_bytes);
    let free = storage.as_ref().and_then(|storage| storage.free_bytes);
    let file = system
        .database
        .bytes
        .map(|bytes| bytes.saturating_sub(log.unwrap_or(0)));
    let of_file = (!is_server).then(|| {
        html! {
            <Fact name="Write-ahead log">{told(log)}</Fact>
            <Fact name="Free in the file"><span>{told(free)}</span></Fact>
        }
    });
    let note = match storage.as_ref().and_then(|storage| storage.shrinks) {
        _ if is_server => Some(html! {
            <p class="soft">"Postgres fills what is deleted anew by itself (autovacuum), and Weir leaves that to it: the size seldom falls."</p>
        }),
        Some(true) => Some(html! {
            <p class="soft">"What is free is filled by the next calls. Where it is much, the file gives it back by itself."</p>
        }),
        Some(false) => Some(html! {
            <NoteBox tone=Tone::Info>
                "This file was made by an early version and does not shrink by itself: what is free in it is only filled anew. Stop Weir and run "
                <code>"weir ledger compact"</code>" once; it takes as much room again while it runs."
            </NoteBox>
        }),
        None => None,
    };
    // With Postgres they are a part of its size.
    let transcripts = (!is_server).then(|| {
        let bytes = told(system.transcripts.bytes);
        html! { <Fact name="Transcripts">{bytes}<a class="aside" href=transcripts::PATH>"How long they are kept"</a></Fact> }
    });
    html! {
        <section class="card" aria-labelledby="sizes-title">
            <div class="card-head"><h2 id="sizes-title">"On the disk"</h2></div>
            <div class="card-body">
                <dl class="kv">
                    <Fact name=if is_server { "Postgres" } else { "SQLite’s file" }>{told(file)}</Fact>
                    {of_file}
                    <Fact name="Journal">{told(system.journal.bytes)}</Fact>
                    {transcripts}
                </dl>
                {note}
            </div>
        </section>
    }
}

fn told(bytes: Option<u64>) -> AnyView {
    match bytes {
        Some(bytes) => html! { <span class="tnum">{size::of(bytes)}</span> },
        None => html! { <span class="muted">"not known"</span> },
    }
}

/// What there is, what was deleted, and what is next.
#[component]
pub(super) fn Deleted(system: SystemView, now: Timestamp) -> impl IntoView {
    let Some(storage) = system.storage else {
        return nothing_known("calls-title", "Calls and sums");
    };
    let calls = format!("{} in the ledger", grouped(storage.calls));
    let oldest = storage.oldest_call_at.map(|at| {
        html! { <Fact name="Oldest call"><When moment=at now=now/></Fact> }
    });
    let from = |name: &'static str, from: Option<Timestamp>| {
        from.map(|from| {
            html! { <Fact name=name><span class="tnum">{Zone::here().exact(from)}</span></Fact> }
        })
    };
    let deleted = from("Calls deleted before", storage.calls_from);
    let figures = from("Figures begin", storage.figures_from);
    let last = |name: &'static str, last: Option<DeletionView>| {
        last.map(|last| html! { <Fact name=name><Deletion of=last now=now/></Fact> })
    };
    let next = next(&storage, now);
    html! {
        <section class="card" aria-labelledby="calls-title">
            <div class="card-head"><h2 id="calls-title">"Calls and sums"</h2></div>
            <div class="card-body">
                <dl class="kv">
                    <Fact name="Calls"><span class="tnum">{calls}</span></Fact>
                    {oldest}{deleted}{figures}
                    {last("Last deleted, calls", storage.last_calls)}
                    {last("Last deleted, sums", storage.last_sums)}
                    <Fact name="Deleted next"><span>{next}</span></Fact>
                </dl>
            </div>
        </section>
    }
}

#[component]
fn Deletion(of: DeletionView, now: Timestamp) -> impl IntoView {
    let rows = match of.rows {
        1 => "1 row".to_owned(),
        rows => format!("{} rows", grouped(rows)),
    };
    let until = format!(" from before {}", Zone::here().day(of.until, now));
    match of.ended_at {
        Some(at) => html! { <span>{rows}{until}", "<When moment=at now=now/></span> },
        None => {
            html! { <Status standing=Standing::Off label="Under way"/><span>{rows}{until}" so far"</span> }
        }
    }
}

/// What the settings as they are have deleted next.
fn next(storage: &StorageView, now: Timestamp) -> String {
    let Some(next) = storage.next else {
        return "nothing at the moment".to_owned();
    };
    let day = |until| Zone::here().day(until, now);
    let calls = next.calls_until.map(|until| match next.calls {
        1 => format!("1 call from before {}", day(until)),
        calls => format!("{} calls from before {}", grouped(calls), day(until)),
    });
    let sums = next
        .sums_until
        .map(|until| format!("figures from before {}", day(until)));
    let all: Vec<String> = calls.into_iter().chain(sums).collect();
    all.join(", and ")
}

/// Whether the books balance.
#[component]
pub(super) fn Books(system: SystemView, now: Timestamp) -> impl IntoView {
    let Some(storage) = system.storage else {
        return nothing_known("books-title", "The books");
    };
    let result = match &storage.checked {
        None if storage.check_failed_at.is_some() => ().into_any(),
        None => html! { <p class="soft">"They have not been checked yet."</p> },
        Some(checked) => html! { <Checked of=checked.clone() now=now/> },
    };
    let failed = storage.check_failed_at.filter(|_| !storage.checking).map(|at| {
        html! {
            <NoteBox tone=Tone::Bad>
                "The check that broke off "<When moment=at now=now/>" has no result: whether the books balance is not known. What stood in its way is in Weir’s log. Check them again."
            </NoteBox>
        }
    });
    let act = if storage.checking {
        html! {
            <Status standing=Standing::Off label="They are being checked"/>
            <a class="btn" href=super::PATH>"Look again"</a>
        }
    } else {
        html! {
            <form method="post" action=CHECK><button class="btn" type="submit">"Check the books"</button></form>
            <span class="help">"In the background; calls do not wait."</span>
        }
    };
    html! {
        <section class="card" aria-labelledby="books-title">
            <div class="card-head"><h2 id="books-title">"The books"</h2></div>
            <div class="card-body">
                <p class="soft">
                    "Checking compares every sum with the calls that it is of, and with its checksum where these are deleted. "
                    <code>"weir ledger verify"</code>" does the same and prints each difference."
                </p>
                {result}
                {failed}
            </div>
            <div class="card-foot">{act}</div>
        </section>
    }
}

#[component]
fn Checked(of: CheckedView, now: Timestamp) -> impl IntoView {
    let standing = match of.differences {
        0 => html! { <Status standing=Standing::Good label="They balance"/> },
        1 => html! { <Status standing=Standing::Bad label="1 sum differs"/> },
        sums => {
            html! { <Status standing=Standing::Bad label=format!("{} sums differ", grouped(sums))/> }
        }
    };
    let sealed = of.calls_from.map(|from| {
        let words = format!(
            "sums from before {} are as they were sealed",
            Zone::here().day(from, now)
        );
        let words = if of.differences == 0 {
            words
        } else {
            format!(
                "sums from before {} were held to their checksums",
                Zone::here().day(from, now)
            )
        };
        html! { <Fact name="Deleted calls"><span>{words}</span></Fact> }
    });
    html! {
        <dl class="kv">
            <Fact name="Result">{standing}</Fact>
            <Fact name="Checked"><span><When moment=of.at now=now/>{format!(", in {}", time::millis(of.took_ms))}</span></Fact>
            <Fact name="Compared"><span class="tnum">{format!("{} sums with {} calls", grouped(of.sums), grouped(of.calls))}</span></Fact>
            {sealed}
        </dl>
    }
}

fn nothing_known(id: &'static str, title: &'static str) -> AnyView {
    html! {
        <section class="card" aria-labelledby=id>
            <div class="card-head"><h2 id=id>{title}</h2></div>
            <div class="card-body"><p class="soft">"The database does not answer at the moment."</p></div>
        </section>
    }
}
