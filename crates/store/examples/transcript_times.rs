//! How long lists and searches of transcripts take: all conversations, by filters that are common and rare, by
//! words that are common and rare, by both, and by what nobody said.
//!
//! `cargo run --release -p weir-store --example transcript_times -- DIR [CALLS]`
//!
//! Fills `DIR/transcripts.db` with that many calls where it has fewer (a million unless said otherwise), then
//! asks each question many times, page after page. Fails where the 95th percentile of one is above the aim.
#![expect(
    clippy::print_stdout,
    reason = "it is a program that prints what it measures"
)]

use std::{
    error::Error,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use domain::{
    CallId, ProviderId, TokenId,
    call::{Call, CallStart, Operation, Outcome},
    money::NanoUsd,
    pricing::{Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use store::{
    Choice,
    transcripts::{
        ConversationFilter, Forget, Heard, Link, NewTranscript, PackedBody, Transcripts,
        TranscriptsOptions,
    },
};
use uuid::Uuid;
use weir_store as store;

type Done<T> = Result<T, Box<dyn Error>>;

/// Milliseconds that a list or a search may take.
const AIM_MS: f64 = 150.0;
/// How many calls are added at once while the database is filled, and while that is measured.
const FILLED_AT_ONCE: u64 = 4_000;
const ADDED_AT_ONCE: u64 = 100;
/// The calls are of a month; the last one began at this time.
const NEWEST_MS: u64 = 1_763_600_000_000;
const MONTH_MS: u64 = 30 * 24 * 60 * 60 * 1_000;
/// Rows of a page, and how many pages each question is asked for.
const ROWS: u64 = 50;
const PAGES: usize = 4;
const TIMES: usize = 12;
/// Words that there are. The first ones are said most.
const WORDS: u64 = 60_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("FAILED: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Done<bool> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("say in which folder")?;
    let calls: u64 = arguments
        .next()
        .map_or(Ok(1_000_000), |calls| calls.parse())?;
    let file = Path::new(&folder).join("transcripts.db");
    let transcripts = Transcripts::open(&TranscriptsOptions {
        database_url: format!("sqlite:{}", file.display()),
        readers: 4,
    })
    .await?;
    fill(&transcripts, calls).await?;
    let room = transcripts.room().await?;
    let mib = room.bytes.unwrap_or(0) >> 20;
    println!(
        "{} calls, {} conversations, {mib} MiB",
        room.transcripts, room.conversations
    );

    let mut all_are_quick = true;
    for (name, filter) in questions()? {
        let mut times = vec![];
        let (mut found, mut cut_short) = (0, 0);
        for _ in 0..TIMES {
            let mut cursor = None;
            for _ in 0..PAGES {
                let begun = Instant::now();
                let page = transcripts.conversations(&filter, ROWS, cursor).await?;
                times.push(begun.elapsed());
                found += page.items.len();
                cut_short += usize::from(page.searched_back_to.is_some());
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
        }
        let note = format!(
            "{found} found on {} pages, {cut_short} cut short",
            times.len()
        );
        all_are_quick &= tell(name, times, &note);
    }
    all_are_quick &= others(&transcripts, calls).await?;
    transcripts.close().await?;
    Ok(all_are_quick)
}

/// What else pages ask for, and what adding costs.
async fn others(transcripts: &Transcripts, calls: u64) -> Done<bool> {
    let mut all_are_quick = true;
    let ids: Vec<CallId> = (0..500).map(|n| call_id(calls, n * calls / 500)).collect();
    let provider = ProviderId::new("openai-main")?;
    let (mut room, mut has, mut count, mut read) = (vec![], vec![], vec![], vec![]);
    for n in 0..TIMES {
        let begun = Instant::now();
        transcripts.room().await?;
        room.push(begun.elapsed());
        let begun = Instant::now();
        transcripts.has(&ids).await?;
        has.push(begun.elapsed());
        let begun = Instant::now();
        transcripts
            .count(&Forget::Provider(provider.clone()), 100_000)
            .await?;
        count.push(begun.elapsed());
        let Some(id) = ids.get(n * 7) else { continue };
        let begun = Instant::now();
        let turn = transcripts.transcript(*id).await?;
        let conversation = turn.ok_or("a call is missing")?.turn.conversation;
        transcripts.turns(conversation, ROWS, None).await?;
        read.push(begun.elapsed());
    }
    all_are_quick &= tell("room", room, "");
    all_are_quick &= tell("has, of 500 calls", has, "");
    all_are_quick &= tell("count, up to 100,000", count, "");
    all_are_quick &= tell("a call and its conversation", read, "");

    // Calls of a hundred messages: what is written of them does not grow with the history.
    let mut dice = Dice(Uuid::now_v7().as_u64_pair().1 | 1);
    let history = history(&mut dice, 100);
    let mut added = vec![];
    for _ in 0..TIMES {
        let new: Vec<NewTranscript> = (0..ADDED_AT_ONCE)
            .map(|_| {
                let mut new = said(&mut dice, NEWEST_MS, Uuid::now_v7(), "a long history");
                new.asked.clone_from(&history);
                new
            })
            .collect();
        let begun = Instant::now();
        transcripts.add(&new).await?;
        added.push(begun.elapsed());
    }
    let first = added.first().copied();
    all_are_quick &= tell("add, 100 calls of 100 messages", added, "");
    let begun = Instant::now();
    let before = Timestamp::from_millisecond(i64::try_from(NEWEST_MS - MONTH_MS)? + 1_800_000)?;
    let forgotten = transcripts.forget(&Forget::Before(before), 100).await?;
    println!(
        "forget: {} calls in {:.0} ms (first batch added in {:.0} ms)",
        forgotten.transcripts,
        ms(begun.elapsed()),
        ms(first.unwrap_or_default())
    );
    let begun = Instant::now();
    let clean = transcripts.scrub().await?;
    println!("scrub: {clean} in {:.0} ms", ms(begun.elapsed()));
    Ok(all_are_quick)
}

fn questions() -> Done<Vec<(&'static str, ConversationFilter)>> {
    let all = ConversationFilter::default;
    let text = |text: &str| ConversationFilter {
        text: Some(text.to_owned()),
        ..all()
    };
    let some = |name: &str| Choice::only(Some(name.to_owned()));
    let at = |ms: u64| Timestamp::from_millisecond(i64::try_from(ms).unwrap_or(0));
    let month_ago = NEWEST_MS - MONTH_MS;
    let early = |filter: ConversationFilter| {
        Ok::<_, jiff::Error>(ConversationFilter {
            since: Some(at(month_ago)?),
            until: Some(at(month_ago + 3 * 86_400_000)?),
            ..filter
        })
    };
    let provider = Choice::only(ProviderId::new("anthropic-main")?);
    let common = word(3);
    let both = format!("{} {}", word(2), word(5));
    let rare = word(55_000);
    let short = rare.get(..4).unwrap_or_default().to_owned();
    let common_beginning = common.get(..3).unwrap_or_default().to_owned();
    Ok(vec![
        ("all", all()),
        (
            "common agent",
            ConversationFilter {
                agents: some("agent-1"),
                ..all()
            },
        ),
        (
            "rare user",
            ConversationFilter {
                users: some("rare-user"),
                ..all()
            },
        ),
        (
            "user that is not there",
            ConversationFilter {
                users: some("nobody"),
                ..all()
            },
        ),
        (
            "common provider",
            ConversationFilter {
                providers: provider.clone(),
                ..all()
            },
        ),
        (
            "failed",
            ConversationFilter {
                outcomes: Choice::only(Outcome::Truncated),
                ..all()
            },
        ),
        ("first days", early(all())?),
        (
            "first days, provider",
            early(ConversationFilter {
                providers: provider.clone(),
                ..all()
            })?,
        ),
        (
            "nobody's model of agents",
            ConversationFilter {
                agents: some("agent-1"),
                models: Choice::only(Some("not-there".to_owned())),
                ..all()
            },
        ),
        (
            "two common that never meet",
            ConversationFilter {
                agents: some("agent-1"),
                outcomes: Choice {
                    any_of: vec![],
                    none_of: vec![Outcome::Ok, Outcome::Truncated],
                },
                ..all()
            },
        ),
        ("common word", text(&format!("{common} "))),
        ("common word or beginning", text(&common)),
        ("common beginning", text(&common_beginning)),
        ("two common words", text(&format!("{both} "))),
        ("rare word", text(&format!("{rare} "))),
        ("rare word or beginning", text(&rare)),
        ("beginning of four letters", text(&short)),
        ("rare and common word", text(&format!("{rare} {common} "))),
        (
            "common and rare beginning",
            text(&format!("{common} {rare}")),
        ),
        ("word that nobody said", text("kanarienvogel")),
        (
            "words that never meet",
            text(&format!("{rare} {} ", word(54_999))),
        ),
        (
            "common word, rare user",
            ConversationFilter {
                users: some("rare-user"),
                ..text(&format!("{common} "))
            },
        ),
        (
            "common beginning, rare user",
            ConversationFilter {
                users: some("rare-user"),
                ..text(&common)
            },
        ),
        (
            "common word, provider",
            ConversationFilter {
                providers: provider,
                ..text(&format!("{common} "))
            },
        ),
        (
            "common word, first days",
            early(text(&format!("{common} ")))?,
        ),
        (
            "common word, nobody",
            ConversationFilter {
                users: some("nobody"),
                ..text(&format!("{common} "))
            },
        ),
    ])
}

/// Adds calls until there are so many.
async fn fill(transcripts: &Transcripts, calls: u64) -> Done<()> {
    let there = transcripts.room().await?.transcripts;
    let begun = Instant::now();
    let mut from = there;
    while from < calls {
        let to = Ord::min(from + FILLED_AT_ONCE, calls);
        let new: Vec<NewTranscript> = (from..to).map(|n| nth(calls, n)).collect();
        transcripts.add(&new).await?;
        if to % (FILLED_AT_ONCE * 25) == 0 || to == calls {
            println!("{to} calls after {:.0} s", begun.elapsed().as_secs_f64());
        }
        from = to;
    }
    Ok(())
}

/// Call `n` of so many: one of a conversation of eight, by its name or by its messages.
fn nth(calls: u64, n: u64) -> NewTranscript {
    let mut dice = Dice(n.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1);
    // Forty conversations at a time take turns.
    let (block, within) = (n / 320, n % 320);
    let (turn, conversation) = (within / 40, block * 40 + within % 40);
    let at_ms = NEWEST_MS - MONTH_MS + n * (MONTH_MS / calls.max(1));
    let name = format!("conversation {conversation}");
    let mut new = said(&mut dice, at_ms, call_id(calls, n).0, &name);
    let chain = |messages: u64| link(&format!("{name}, {messages} messages"));
    if conversation % 2 == 0 {
        new.names = vec![link(&name)];
    }
    let texts = std::mem::take(&mut new.asked);
    new.asked = (1..=2 * turn + 1)
        .map(|messages| Heard {
            link: chain(messages),
            text: String::new(),
        })
        .collect();
    if let (Some(last), Some(text)) = (new.asked.last_mut(), texts.into_iter().next()) {
        last.text = text.text;
    }
    new.continued_by = vec![chain(2 * turn + 2)];
    new
}

/// A call that was asked and answered something.
fn said(dice: &mut Dice, at_ms: u64, id: Uuid, name: &str) -> NewTranscript {
    let (asked, answer) = (text(dice, 50), text(dice, 110));
    let mut usage = Usage::default();
    usage.tokens.input = Some(dice.roll(20_000));
    usage.tokens.output = Some(dice.roll(2_000));
    let kind = dice.roll(3);
    let (provider, provider_type) = match kind {
        0 => ("anthropic-main", ProviderType::Anthropic),
        1 => ("azure-west", ProviderType::OpenAiCompatible),
        _ => ("openai-main", ProviderType::OpenAi),
    };
    let title = asked.chars().take(200).collect();
    let user = if dice.roll(20_000) == 0 {
        "rare-user".to_owned()
    } else {
        format!("user-{}", dice.roll(300))
    };
    let ok = dice.roll(50) > 0;
    NewTranscript {
        request: packed(&format!(
            "{{\"messages\":[{{\"role\":\"user\",\"content\":\"{asked}\"}}]}}"
        )),
        response: packed(&format!(
            "{{\"choices\":[{{\"message\":{{\"content\":\"{answer}\"}}}}]}}"
        )),
        names: vec![],
        is_placed: false,
        earlier_messages: 0,
        asked: vec![Heard {
            link: link(name),
            text: asked,
        }],
        continued_by: vec![link(&format!("{name}, {id}"))],
        answer,
        title: Some(title),
        call: Call {
            start: CallStart {
                id: CallId(id),
                started_at: Timestamp::from_millisecond(i64::try_from(at_ms).unwrap_or(0))
                    .unwrap_or_default(),
                provider: ProviderId::new(provider).unwrap_or_else(|_| unreachable!()),
                provider_type,
                model: Some(format!("model-{}", dice.roll(9))),
                requested_model: None,
                operation: Operation::Chat,
                streamed: true,
                agent: Some(format!("agent-{}", dice.roll(12))),
                user: Some(user),
                conversation: None,
                token: Some(TokenId(Uuid::from_u128(u128::from(dice.roll(20))))),
                endpoint: None,
                catalog_version: "1".to_owned(),
                estimated_input: None,
            },
            status: 200,
            outcome: if ok { Outcome::Ok } else { Outcome::Truncated },
            latency_us: dice.roll(9_000_000),
            ttfb_us: None,
            overhead_us: 40,
            replied_model: None,
            upstream_request_id: None,
            service_tier: None,
            geography: None,
            background_response: None,
            usage,
            usage_mismatch: false,
            price_state: PriceState::Priced,
            charge: Charge {
                total: Some(NanoUsd(3_500_000)),
                ..Charge::default()
            },
        },
    }
}

fn history(dice: &mut Dice, messages: u64) -> Vec<Heard> {
    (0..messages)
        .map(|n| Heard {
            link: link(&format!("{} {n}", dice.roll(u64::MAX))),
            text: text(dice, 50),
        })
        .collect()
}

fn call_id(calls: u64, n: u64) -> CallId {
    let at_ms = NEWEST_MS - MONTH_MS + n * (MONTH_MS / calls.max(1));
    CallId(Uuid::from_u128(
        (u128::from(at_ms) << 80) | (7 << 76) | (2 << 62) | u128::from(n),
    ))
}

fn link(of: &str) -> Link {
    let mut link = [0; 16];
    for (to, from) in link.iter_mut().zip(Sha256::digest(of)) {
        *to = from;
    }
    Link(link)
}

fn packed(text: &str) -> Option<PackedBody> {
    let bytes = u64::try_from(text.len()).ok()?;
    Some(PackedBody {
        content_type: Some("application/json".to_owned()),
        packed: zstd::bulk::compress(text.as_bytes(), 1).ok()?,
        bytes,
        kept_bytes: bytes,
    })
}

/// Words as they are said: few of them very often, most of them rarely.
fn text(dice: &mut Dice, words: u64) -> String {
    let mut text = String::new();
    for _ in 0..words / 2 + dice.roll(words) {
        // As often as its place among them is low.
        let bits = dice.roll(16);
        let nth = dice.roll((1 << bits) + 1);
        text.push_str(&word(Ord::min(nth + (1 << bits) - 1, WORDS)));
        text.push(' ');
    }
    text
}

/// The word of this place.
fn word(nth: u64) -> String {
    const SYLLABLES: [&str; 16] = [
        "ka", "lo", "mi", "ter", "san", "bu", "re", "win", "to", "das", "el", "qui", "po", "gra",
        "fe", "nu",
    ];
    let mut left = nth.wrapping_mul(7_919) % 65_521 + 1;
    let mut word = String::new();
    while left > 0 {
        let place = usize::try_from(left % 16).unwrap_or(0);
        word.push_str(SYLLABLES.get(place).copied().unwrap_or_default());
        left /= 16;
    }
    word
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below.max(1)
    }
}

/// Prints how long something took. Whether it is as quick as it should be.
fn tell(name: &str, mut times: Vec<Duration>, note: &str) -> bool {
    times.sort_unstable();
    let of = |percent: usize| {
        let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
        times.get(place).copied().map_or(0.0, ms)
    };
    let is_quick = of(95) <= AIM_MS;
    let mark = if is_quick { "" } else { "  TOO SLOW" };
    println!(
        "{name:32} p50 {:7.1} ms  p95 {:7.1} ms  {note}{mark}",
        of(50),
        of(95)
    );
    is_quick
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
