//! The stream of Converse: binary frames, of which the last holds the usage. It knows nothing of
//! requests.

use super::converse::{Block, Conversation};
use super::usage::LATENCY;
use crate::event_stream;
use crate::frames::Frames;
use crate::json::{self, Object};
use crate::reply::{Dialect, Reply};

const FRAME_ROOM: usize = 230;
const HEAD_ROOM: usize = 1024;
/// So that the length of a frame does not tell what is in it.
const PADDING: &str = "abcdefghijklmnopqrstuv";

/// All frames of a conversation.
pub(super) fn stream(conversation: &Conversation<'_>) -> Reply {
    let blocks = &conversation.blocks;
    let count = blocks.iter().map(Block::frames).sum::<usize>() + 4;
    let mut frames = Frames::with_room(count * FRAME_ROOM + HEAD_ROOM, count);
    event(&mut frames, "messageStart", |body| {
        body.text("role", "assistant");
    });
    for (index, block) in (0..).zip(blocks) {
        write_block(&mut frames, index, block);
    }
    event(&mut frames, "messageStop", |body| {
        body.text("stopReason", conversation.stop_reason);
        conversation.write_more_fields(body);
    });
    event(&mut frames, "metadata", |body| {
        body.object("metrics", |metrics| {
            metrics.number("latencyMs", LATENCY);
        });
        conversation.write_terms(body);
    });
    Reply::events(Dialect::Binary, frames)
}

fn write_block(frames: &mut Frames, index: u64, block: &Block) {
    match block {
        Block::Text(prose) => {
            for piece in prose.pieces() {
                delta(frames, index, |delta| {
                    delta.pieces("text", std::iter::once(piece));
                });
            }
        }
        Block::Reasoning(prose, signature) => {
            for piece in prose.pieces() {
                delta(frames, index, |delta| {
                    delta.object("reasoningContent", |reasoning| {
                        reasoning.pieces("text", std::iter::once(piece));
                    });
                });
            }
            delta(frames, index, |delta| {
                delta.object("reasoningContent", |reasoning| {
                    reasoning.text("signature", signature);
                });
            });
        }
        Block::Call(id, call) => {
            event(frames, "contentBlockStart", |body| {
                body.number("contentBlockIndex", index)
                    .object("start", |start| {
                        start.object("toolUse", |tool| {
                            tool.text("name", &call.name).text("toolUseId", id);
                        });
                    });
            });
            for piece in call.pieces() {
                delta(frames, index, |delta| {
                    delta.object("toolUse", |tool| {
                        tool.text("input", &piece);
                    });
                });
            }
        }
    }
    event(frames, "contentBlockStop", |body| {
        body.number("contentBlockIndex", index);
    });
}

fn delta(frames: &mut Frames, index: u64, fill: impl FnOnce(&mut Object<'_>)) {
    event(frames, "contentBlockDelta", |body| {
        body.number("contentBlockIndex", index)
            .object("delta", fill);
    });
}

fn event(frames: &mut Frames, kind: &str, fill: impl FnOnce(&mut Object<'_>)) {
    let payload = json::object_text(|body| {
        fill(body);
        body.text("p", PADDING);
    });
    event_stream::event(frames, kind, &payload);
}
