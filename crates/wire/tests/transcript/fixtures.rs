//! The recorded streams that the meters are tested with: read, cut everywhere, and compared with the plain
//! answers to the same calls.

use domain::call::Operation;
use weir_wire::{
    meter::Shape,
    transcript::{Api, Part, Said, answer},
};

use crate::support::{
    cases::{self, Case},
    fixture,
};

fn api(case: &Case) -> Api<'static> {
    Api {
        operation: case.operation,
        provider_type: case.provider_type,
        model: case.asked,
    }
}

fn whole(case: &Case) -> Said {
    answer(api(case), case.shape, &case.bytes()).unwrap_or_else(|| panic!("{}", case.name))
}

/// All that is said, as text.
fn text(said: &Said) -> String {
    let parts = said.messages.iter().flat_map(|message| &message.parts);
    let texts = parts.map(|part| match part {
        Part::Text(text) | Part::Reasoning(Some(text)) => text.clone(),
        Part::ToolCall {
            name, arguments, ..
        } => format!("{name}{arguments}"),
        _ => String::new(),
    });
    texts.collect()
}

#[test]
fn every_stream_says_what_its_meter_sees() {
    for case in cases::all() {
        // Code that was run gave something, which is no text of the model.
        let said = whole(case);
        assert_eq!(said.error.is_some(), case.error, "{} {said:?}", case.name);
        if case.operation == Operation::Generate {
            continue;
        }
        // Its pieces do not name the function; its last event, which the meter does not need, does.
        let names_late = case.name == "openai_responses";
        let text = text(&said).replace(if names_late { "f{" } else { "\0" }, "{");
        assert_eq!(text, case.text, "{}", case.name);
        assert_eq!(said.cut, !case.ended && !case.error, "{}", case.name);
    }
}

#[test]
fn streamed_and_plain_say_the_same() {
    let both = cases::all().filter(|case| case.has_plain);
    let mut seen = 0;
    for case in both {
        let plain = fixture(&format!("plain/{}.json", case.name));
        let plain = answer(api(case), Shape::Plain, &plain).unwrap();
        assert_eq!(whole(case), plain, "{}", case.name);
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn a_stream_cut_anywhere_says_the_beginning() {
    for case in cases::all() {
        let bytes = case.bytes();
        let whole = whole(case);
        let mut longest = 0;
        for end in 0..bytes.len() {
            let Some(said) = answer(api(case), case.shape, &bytes[..end]) else {
                continue;
            };
            let told = said.messages.iter().zip(&whole.messages);
            for (cut, whole) in told {
                assert!(cut.parts.len() <= whole.parts.len(), "{} {end}", case.name);
                for (at, (part, of)) in cut.parts.iter().zip(&whole.parts).enumerate() {
                    let is_last = at + 1 == cut.parts.len();
                    assert!(
                        part == of || (is_last && begins(part, of)),
                        "{} {end}: {part:?} {of:?}",
                        case.name
                    );
                }
            }
            let length = text(&said).len();
            assert!(
                length >= longest || case.operation == Operation::Messages,
                "{} {end}",
                case.name
            );
            longest = length;
        }
    }
}

/// Whether a part is the beginning of another.
fn begins(part: &Part, whole: &Part) -> bool {
    match (part, whole) {
        (Part::Text(part), Part::Text(whole))
        | (Part::Reasoning(Some(part)), Part::Reasoning(Some(whole))) => whole.starts_with(&**part),
        (Part::Reasoning(None), Part::Reasoning(_)) => true,
        // Names and ids of items come with their last event.
        (Part::ToolCall { name: part, .. }, Part::ToolCall { name: whole, .. }) => {
            part.is_empty() || part == whole
        }
        _ => false,
    }
}
