//! The stream of a message: named events, the input's usage in the first, the output's near the
//! end. It knows nothing of requests.

use super::blocks::Block;
use super::messages::Message;
use super::usage::Sides;
use crate::frames::Frames;
use crate::json::{self, Object};
use crate::prose::Prose;
use crate::reply::{Dialect, Reply};

const EVENT_ROOM: usize = 150;
const HEAD_ROOM: usize = 1024;

/// All events of a message.
pub(super) fn stream(message: &Message<'_>, sides: &Sides) -> Reply {
    let count = message.blocks.iter().map(Block::frames).sum::<usize>() + 4;
    let mut frames = Frames::with_room(count * EVENT_ROOM + HEAD_ROOM, count);
    event(&mut frames, "message_start", |body| {
        body.object("message", |start| {
            message.write(start, false, sides.first.as_deref());
        });
    });
    event(&mut frames, "ping", |_| {});
    for (index, block) in (0..).zip(&message.blocks) {
        write_block(&mut frames, index, block);
    }
    event(&mut frames, "message_delta", |body| {
        body.object("delta", |delta| message.write_stop(delta, true))
            .raw_if_any("usage", sides.last.as_deref());
    });
    event(&mut frames, "message_stop", |_| {});
    Reply::events(Dialect::Messages, frames)
}

fn write_block(frames: &mut Frames, index: u64, block: &Block) {
    event(frames, "content_block_start", |body| {
        body.number("index", index)
            .object("content_block", |start| block.write(start, false));
    });
    match block {
        Block::Thinking(prose, signature) => {
            text_deltas(frames, index, "thinking_delta", "thinking", *prose);
            delta(frames, index, "signature_delta", "signature", signature);
        }
        Block::Text(prose) => text_deltas(frames, index, "text_delta", "text", *prose),
        Block::Search(_) => {
            input_delta(frames, index, "");
            input_delta(frames, index, &Block::search_input());
        }
        Block::Call(_, call) => {
            input_delta(frames, index, "");
            for piece in call.pieces() {
                input_delta(frames, index, &piece);
            }
        }
        Block::Found(_) => {}
    }
    event(frames, "content_block_stop", |body| {
        body.number("index", index);
    });
}

/// The most frequent event; what is the same in all of them is made once.
fn text_deltas(frames: &mut Frames, index: u64, kind: &str, member: &str, prose: Prose) {
    let head = format!(
        "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":{index},\
         \"delta\":{{\"type\":\"{kind}\",\"{member}\":\""
    );
    for piece in prose.pieces() {
        let out = frames.next();
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(piece.as_bytes());
        out.extend_from_slice(b"\"}}\n\n");
        frames.end();
    }
}

fn input_delta(frames: &mut Frames, index: u64, piece: &str) {
    delta(frames, index, "input_json_delta", "partial_json", piece);
}

fn delta(frames: &mut Frames, index: u64, kind: &str, member: &str, text: &str) {
    event(frames, "content_block_delta", |body| {
        body.number("index", index).object("delta", |delta| {
            delta.text("type", kind).text(member, text);
        });
    });
}

fn event(frames: &mut Frames, kind: &str, fill: impl FnOnce(&mut Object<'_>)) {
    let out = frames.next();
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    json::object(out, |body| {
        body.text("type", kind);
        fill(body);
    });
    out.extend_from_slice(b"\n\n");
    frames.end();
}
