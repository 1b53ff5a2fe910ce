//! How an answer comes, as what was asked for and its `content-type` tell.

use domain::call::Operation;
use weir_wire::meter::Shape;

#[test]
fn the_content_type_tells_before_what_was_asked_for() {
    let cases = [
        (
            Operation::Chat,
            true,
            Some("text/event-stream"),
            Shape::Stream,
        ),
        (
            Operation::Chat,
            false,
            Some("Text/Event-Stream ; charset=utf-8"),
            Shape::Stream,
        ),
        (
            Operation::Generate,
            true,
            Some("text/event-stream"),
            Shape::Stream,
        ),
        (
            Operation::Invoke,
            true,
            Some("application/vnd.amazon.eventstream"),
            Shape::EventStream,
        ),
        (
            Operation::Generate,
            true,
            Some("application/json; charset=UTF-8"),
            Shape::JsonArray,
        ),
        (
            Operation::Generate,
            false,
            Some("application/json"),
            Shape::Plain,
        ),
        (
            Operation::Chat,
            true,
            Some("application/json"),
            Shape::Unsaid,
        ),
        (Operation::Chat, true, None, Shape::Unsaid),
        (Operation::Chat, false, None, Shape::Plain),
        (
            Operation::Messages,
            false,
            Some("text/event-stream-like"),
            Shape::Plain,
        ),
    ];
    for (operation, streamed, content_type, shape) in cases {
        assert_eq!(
            Shape::of(operation, streamed, content_type),
            shape,
            "{operation:?} {streamed} {content_type:?}"
        );
    }
}
