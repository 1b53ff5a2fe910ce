//! A recorded call, read: its bodies as they are kept, what the search finds, and its links.

use domain::call::{CallStart, Operation, Outcome};
use store::transcripts::{Heard, Link, NewTranscript};
use wire::{
    meter::Shape,
    transcript::{self, Api, Message, Role, Said, Talk},
};
use zstd::bulk::Compressor;

use crate::{
    Keeping, Recorded,
    links::{self, Chain},
    pack,
    recorder::length,
    texts,
};

/// How hard it is tried to make bodies small: what zstd does unless it is told otherwise.
const LEVEL: i32 = 3;
/// Of an answer with more choices than this only so many can be gone on from.
const CHOICES: usize = 16;
/// Of a request with more messages than this the last ones are looked at. Those before are counted, and are
/// taken to be known where one of the last ones is; by them alone no other call is found.
const HEARD: usize = 2_000;

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
            secrets,
        } = recorded;
        let secrets = pack::Secrets::new(secrets);
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
        let inputs_are_kept = request.is_some();
        if let Some(body) = request {
            let plain = pack::plain(&body, &secrets);
            talk = transcript::request(api, &plain.bytes);
            named = transcript::named(start.operation, &plain.bytes);
            let kind = body.content_type.as_deref();
            packed_request = Some(self.pack(kind, &plain)?);
        }
        let mut said = None;
        let mut is_whole = call.outcome == Outcome::Ok;
        let mut packed_response = None;
        if let Some(body) = response {
            is_whole &= body.bytes == length(body.kept.len());
            let mut plain = pack::plain(&body, &secrets);
            if !inputs_are_kept {
                plain = plain.without_input(start.operation);
            }
            let kind = body.content_type.as_deref();
            let shape = Shape::of(start.operation, start.streamed, kind);
            said = transcript::answer(api, shape, &plain.bytes);
            packed_response = Some(self.pack(kind, &plain)?);
        }

        let spoken = talk.as_ref().map(spoken).unwrap_or_default();
        let earlier_messages = spoken.len().saturating_sub(HEARD);
        let chain: Vec<Chain> = chain(start, &spoken).skip(earlier_messages).collect();
        let last = spoken.get(earlier_messages..).unwrap_or_default();
        let heard = chain.iter().zip(texts::asked(last));
        let heard = heard.map(|(chain, text)| Heard {
            link: chain.link(),
            text: secrets.blanked_text(text),
        });
        let answer = texts::answer(said.as_ref().map_or(&[], |said| &said.messages));
        Ok(NewTranscript {
            names: all_names(start, &names, &named, said.as_ref()),
            is_placed: start.conversation.is_some(),
            earlier_messages,
            asked: heard.collect(),
            continued_by: continued_by(start, chain.last(), said.as_ref(), is_whole),
            answer: secrets.blanked_text(answer),
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
fn chain(start: &CallStart, messages: &[&Message]) -> impl Iterator<Item = Chain> {
    messages.iter().scan(Chain::of(start), |chain, message| {
        *chain = chain.then(message);
        Some(*chain)
    })
}

/// The conversation's names, the strongest first: the one that is meant for Weir, the one in the body,
/// those in headers; then the answer that the request goes on from, or the one that it asks for again.
fn all_names(
    start: &CallStart,
    headers: &[String],
    named: &transcript::Named,
    said: Option<&Said>,
) -> Vec<Link> {
    let own = start.conversation.as_deref().into_iter();
    let names = own
        .chain(named.conversation.as_deref())
        .chain(headers.iter().map(String::as_str));
    let previous = match start.operation {
        Operation::StoredResponse => said.and_then(|said| said.response_id.as_deref()),
        _ => named.previous_response.as_deref(),
    };
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
/// own id. Its messages alone only where the answer is not known, not whole, or one of too many: a later call that
/// has another answer in its place goes on with another conversation.
fn continued_by(
    start: &CallStart,
    last: Option<&Chain>,
    said: Option<&Said>,
    is_whole: bool,
) -> Vec<Link> {
    let messages = said.map_or(&[][..], |said| &said.messages);
    let is_known =
        is_whole && said.is_some_and(|said| !said.cut) && (1..=CHOICES).contains(&messages.len());
    let choices = messages.iter().take(CHOICES);
    let choices = choices.filter_map(|choice| Some(last?.then(choice).link()));
    let alone = last.filter(|_| !is_known).map(|last| last.link());
    // Whoever asks for an answer again has its id as a name.
    let id = said
        .filter(|_| start.operation != Operation::StoredResponse)
        .and_then(|said| said.response_id.as_deref());
    choices
        .chain(alone)
        .chain(id.map(|id| links::response(start.token, id)))
        .collect()
}

#[cfg(test)]
mod tests;
