//! Every type has joined the suite of streams.

mod support;

use domain::{call::Operation, provider::ProviderType};
use support::{ANTHROPIC, GOOGLE, OPENAI, cases};
use weir_wire::meter::Shape;

/// How the streams of a type are tested. A type is not added without saying so here.
enum Joins {
    /// With fixtures of its own.
    Itself(&'static [(Operation, Shape)]),
    /// By reading the fixtures of another type to the same end.
    As(ProviderType, &'static [Operation]),
}

const EVENTS: Shape = Shape::Stream;

fn joins(provider_type: ProviderType) -> Vec<Joins> {
    match provider_type {
        ProviderType::OpenAi => vec![Joins::Itself(&[
            (Operation::Chat, EVENTS),
            (Operation::Completions, EVENTS),
            (Operation::Responses, EVENTS),
        ])],
        ProviderType::Anthropic => vec![Joins::Itself(&[(Operation::Messages, EVENTS)])],
        ProviderType::GoogleAi => vec![
            Joins::Itself(&[
                (Operation::Generate, EVENTS),
                (Operation::Generate, Shape::JsonArray),
                (Operation::Chat, EVENTS),
            ]),
            Joins::As(OPENAI, &[Operation::Chat]),
        ],
        ProviderType::Bedrock => vec![
            Joins::Itself(&[
                (Operation::Converse, Shape::EventStream),
                (Operation::Invoke, Shape::EventStream),
            ]),
            Joins::As(
                OPENAI,
                &[
                    Operation::Chat,
                    Operation::Completions,
                    Operation::Responses,
                ],
            ),
            Joins::As(ANTHROPIC, &[Operation::Messages]),
        ],
        ProviderType::VertexAi => vec![
            Joins::As(GOOGLE, &[Operation::Generate, Operation::Chat]),
            Joins::As(OPENAI, &[Operation::Chat]),
            Joins::As(ANTHROPIC, &[Operation::Messages]),
        ],
        ProviderType::AzureOpenAi => vec![
            Joins::Itself(&[(Operation::Chat, EVENTS)]),
            Joins::As(OPENAI, &[Operation::Completions, Operation::Responses]),
        ],
        ProviderType::OpenAiCompatible => vec![
            Joins::Itself(&[(Operation::Chat, EVENTS)]),
            Joins::As(OPENAI, &[Operation::Completions, Operation::Responses]),
        ],
        ProviderType::Cohere => vec![
            Joins::Itself(&[(Operation::CohereChat, EVENTS)]),
            Joins::As(OPENAI, &[Operation::Chat]),
        ],
    }
}

#[test]
fn every_type_joins() {
    for provider_type in ProviderType::ALL.iter().copied() {
        for joined in joins(provider_type) {
            match joined {
                Joins::Itself(kinds) => {
                    for kind in kinds {
                        let mut own =
                            cases::all().filter(|case| case.provider_type == provider_type);
                        assert!(
                            own.any(|case| (case.operation, case.shape) == *kind),
                            "{provider_type:?} has no stream for {kind:?}"
                        );
                    }
                }
                Joins::As(other, operations) => {
                    for case in cases::all().filter(|case| {
                        case.provider_type == other && operations.contains(&case.operation)
                    }) {
                        let mut meter = case.meter_as(provider_type);
                        let settled = meter.push(&case.bytes()).settled;
                        // Google's events just end.
                        let settles = (case.operation, case.shape) != (Operation::Generate, EVENTS);
                        assert_eq!(
                            (meter.finish(), settled),
                            (case.whole(), settles),
                            "{} at {provider_type:?}",
                            case.name
                        );
                    }
                }
            }
        }
    }
}
