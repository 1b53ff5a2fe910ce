//! OpenAI's list of models. It knows nothing of the other operations: any model may be called,
//! whether it is listed or not.

use crate::failures::Failure;
use crate::json::Object;
use crate::reply::Reply;
use crate::route::Api;

/// Ids, and when they were made.
const MODELS: &[(&str, u64)] = &[
    ("gpt-4o-mini", 1_721_172_741),
    ("gpt-4.1", 1_744_316_542),
    ("o4-mini", 1_744_225_351),
    ("gpt-5", 1_754_425_777),
    ("gpt-5-mini", 1_754_425_928),
    ("text-embedding-3-small", 1_705_948_997),
    ("text-embedding-3-large", 1_705_953_180),
];
const CREATED: u64 = 1_754_000_000;

/// GET /models.
pub(super) fn list() -> Reply {
    Reply::object(|body| {
        body.text("object", "list").array("data", |data| {
            for (id, created) in MODELS {
                data.object(|model| write(model, id, *created));
            }
        });
    })
}

/// GET /models/{id}.
pub(super) fn one(id: &str) -> Result<Reply, Failure> {
    if id.contains("missing") {
        return Err(Failure::unknown_model(Api::OpenAi, id));
    }
    let listed = MODELS.iter().find(|(listed, _)| *listed == id);
    let created = listed.map_or(CREATED, |(_, created)| *created);
    Ok(Reply::object(|model| write(model, id, created)))
}

fn write(model: &mut Object<'_>, id: &str, created: u64) {
    model
        .text("id", id)
        .text("object", "model")
        .number("created", created)
        .text("owned_by", "system")
        .null("shutdown_date");
}
