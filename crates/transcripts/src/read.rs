//! A recorded call, read: its bodies as they are kept, what the search finds, and its links.

use domain::call::CallStart;
use store::transcripts::{Heard, Link, NewTranscript};
use wire::{
    meter::Shape,
    transcript::{self, Api, Message, Role, Said, Talk},
};
use zstd::bulk::Compressor;

use crate::{
    Keeping, Recorded,
    links::{self, Chain},
    pack, texts,
};

/// How hard it is tried to make bodies small: what zstd does unless it is told otherwise.
const LEVEL: i32 = 3;
/// Of an answer with more choices than this only so many can be gone on from.
const CHOICES: usize = 16;

/// Reads recorded calls.
pub(crate) struct Reader {
    compressor: Compressor<'static>,
    most_bytes: u64,
}

impl Reader {
    /// # Errors
    /// Where there is no memory to compress in.
    pub(crate) fn new(keeping: Keeping) -> std::io::Result<Self> {
        Ok(Self {
            compressor: Compressor::new(LEVEL)?,
            most_bytes: keeping.max_body_bytes,
        })
    }

    /// Reads a call.
    ///
    /// # Errors
    /// Where there is no memory to compress in.
    pub(crate) fn read(&mut self, recorded: Recorded) -> std::io::Result<NewTranscript> {
        let Recorded {
            mut call,
            names,
            request,
            response,
        } = recorded;
        call.clean_texts();
        let start = &call.start;
        let api = Api {
            operation: start.operation,
            provider_type: start.provider_type,
            model: start.model.as_deref(),
        };

        let mut talk = None;
        let mut named = transcript::Named::default();
        let mut packed_request = None;
        if let Some(body) = request {
            let plain = pack::plain(&body);
            talk = transcript::request(api, &plain.bytes);
            named = transcript::named(start.operation, &plain.bytes);
            let kind = body.content_type.as_deref();
            packed_request = Some(self.pack(kind, &plain)?);
        }
        let mut said = None;
        let mut packed_response = None;
        if let Some(body) = response {
            let plain = pack::plain(&body);
            let kind = body.content_type.as_deref();
            let shape = Shape::of(start.operation, start.streamed, kind);
            said = transcript::answer(api, shape, &plain.bytes);
            packed_response = Some(self.pack(kind, &plain)?);
        }

        let spoken = talk.as_ref().map(spoken).unwrap_or_default();
        let chain = chain(start, &spoken);
        let heard = chain.iter().zip(texts::asked(&spoken));
        let heard = heard.map(|(chain, text)| Heard {
            link: chain.link(),
            text,
        });
        Ok(NewTranscript {
            names: all_names(start, &names, &named),
            asked: heard.collect(),
            continued_by: continued_by(start, chain.last(), said.as_ref()),
            answer: texts::answer(said.as_ref().map_or(&[], |said| &said.messages)),
            title: texts::title(&spoken),
            request: packed_request,
            response: packed_response,
            call,
        })
    }

    fn pack(
        &mut self,
        content_type: Option<&str>,
        plain: &pack::Plain<'_>,
    ) -> std::io::Result<store::transcripts::PackedBody> {
        pack::pack(&mut self.compressor, content_type, plain, self.most_bytes)
    }
}

/// The messages that are not the system's.
fn spoken(talk: &Talk) -> Vec<&Message> {
    let messages = talk.messages.iter();
    messages.filter(|it| it.role != Role::System).collect()
}

/// One place in the chain for each message.
fn chain(start: &CallStart, messages: &[&Message]) -> Vec<Chain> {
    messages
        .iter()
        .scan(Chain::of(start), |chain, message| {
            *chain = chain.then(message);
            Some(*chain)
        })
        .collect()
}

/// The conversation's names, the strongest first: the one that is meant for Weir, the one in the body,
/// those in headers; then the answer that the request goes on from.
fn all_names(start: &CallStart, headers: &[String], named: &transcript::Named) -> Vec<Link> {
    let own = start.conversation.as_deref().into_iter();
    let names = own
        .chain(named.conversation.as_deref())
        .chain(headers.iter().map(String::as_str));
    let previous = named.previous_response.as_deref();
    let mut links: Vec<Link> = Vec::new();
    for link in names
        .map(|name| links::name(start.token, name))
        .chain(previous.map(|id| links::response(start.token, id)))
    {
        if !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

/// By what a later call finds this one: its messages with the answer, however it goes on, and the answer's
/// own id.
fn continued_by(start: &CallStart, last: Option<&Chain>, said: Option<&Said>) -> Vec<Link> {
    let Some(said) = said else {
        return Vec::new();
    };
    let choices = said.messages.iter().take(CHOICES);
    let choices = choices.filter_map(|choice| Some(last?.then(choice).link()));
    let id = said.response_id.as_deref();
    choices
        .chain(id.map(|id| links::response(start.token, id)))
        .collect()
}
