//! What a model can do, in a few words.

use admin::catalog::CatalogModelView;

use super::count;

/// The catalog's names that are worth a word in a list, in the order in which one looks for them. What
/// goes without saying is left out.
const WORDS: &[(&str, &str)] = &[
    ("tools", "tools"),
    ("vision", "vision"),
    ("reasoning", "reasoning"),
    ("prompt_caching", "caching"),
    ("json_schema", "JSON"),
    ("pdf", "PDF"),
    ("web_search", "web search"),
    ("computer_use", "computer use"),
    ("audio_input", "hears"),
    ("audio_output", "speaks"),
    ("video", "video"),
    ("image_embedding", "images"),
];

/// In words: `tools · vision · caching`; of a model that embeds first how long its vectors are.
pub(crate) fn of(model: &CatalogModelView) -> String {
    let dimensions = model.embedding_dimensions.map(dimensions);
    let can = Some(in_words(&model.capabilities)).filter(|can| !can.is_empty());
    let both: Vec<String> = dimensions.into_iter().chain(can).collect();
    both.join(" · ")
}

/// How long vectors are: `1,536 dimensions`.
pub(crate) fn dimensions(count: u64) -> String {
    format!("{} dimensions", count::grouped(count))
}

/// In words: `tools · vision · caching`.
pub(crate) fn in_words(capabilities: &[String]) -> String {
    let known = WORDS
        .iter()
        .filter(|(name, _)| capabilities.iter().any(|given| given == name))
        .map(|(_, word)| *word);
    known.collect::<Vec<_>>().join(" · ")
}
