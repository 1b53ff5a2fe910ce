//! Calls that somebody might have made.

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
use store::transcripts::{Heard, Link, NewTranscript, PackedBody};
use uuid::Uuid;
use weir_store as store;

/// The calls are of a month; the last one began at this time.
pub(super) const NEWEST_MS: u64 = 1_763_600_000_000;
pub(super) const MONTH_MS: u64 = 30 * 24 * 60 * 60 * 1_000;
/// Words that there are. The first ones are said most.
const WORDS: u64 = 60_000;

/// Call `n` of so many: one of a conversation of eight, by its name or by its messages.
pub(super) fn nth(calls: u64, n: u64) -> NewTranscript {
    let mut dice = Dice(n.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1);
    // Forty conversations at a time take turns.
    let (block, within) = (n / 320, n % 320);
    let (turn, conversation) = (within / 40, block * 40 + within % 40);
    let at_ms = NEWEST_MS - MONTH_MS + n * (MONTH_MS / calls.max(1));
    let name = format!("conversation {conversation}");
    let mut new = said(&mut dice, at_ms, call_id(calls, n).0, &name);
    if conversation % 2 == 0 {
        new.names = vec![link(&name)];
    }
    hear(&mut new, &name, 2 * turn + 1);
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
                attempt_of: None,
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

/// A call with so many messages before the one that is new, of which an earlier call had all but two.
pub(super) fn with_history(dice: &mut Dice, name: &str, messages: u64) -> NewTranscript {
    let mut new = said(dice, NEWEST_MS, Uuid::now_v7(), name);
    hear(&mut new, name, messages + 1);
    new
}

/// Makes what a call was asked the last of so many messages.
fn hear(new: &mut NewTranscript, name: &str, messages: u64) {
    let chain = |messages: u64| link(&format!("{name}, {messages} messages"));
    let text = new.asked.pop().map(|heard| heard.text);
    new.asked = (1..=messages)
        .map(|message| Heard {
            link: chain(message),
            text: String::new(),
        })
        .collect();
    if let (Some(last), Some(text)) = (new.asked.last_mut(), text) {
        last.text = text;
    }
    new.continued_by = vec![chain(messages + 1)];
}

pub(super) fn call_id(calls: u64, n: u64) -> CallId {
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
pub(super) fn word(nth: u64) -> String {
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

pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below.max(1)
    }
}
