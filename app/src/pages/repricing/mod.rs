//! Re-pricing: what calls would cost by today's rates, and giving them that price.

mod act;
mod create;
mod difference;
mod list;
mod show;
mod words;

use axum::{
    Router,
    routing::{get, post},
};
use domain::Timestamp;

use crate::{
    format::zone::Zone,
    http::{
        Console,
        fields::{Fields, path_part},
    },
    kit::{filters::NOBODY, head::Crumb},
};

const PATH: &str = "/repricing";
const NEW: &str = "/repricing/new";
/// The field that says that calls without a model are wanted.
pub(crate) const NO_MODEL: &str = "model.none";
/// The fields that say what the list of calls was narrowed by that one came from, and the form is not.
const WIDER: &str = "wider";
/// Filters of the list of calls that a re-pricing has not, and what they are called. Of providers and models it
/// cannot leave any out.
const LEFT_OUT: [(&str, &str); 10] = [
    ("provider", "provider"),
    ("model", "model"),
    ("agent", "agent"),
    ("user", "user"),
    ("token", "gateway token"),
    ("outcome", "outcome"),
    ("status", "status"),
    ("operation", "operation"),
    ("cost_above", "cost"),
    ("latency_above", "latency"),
];

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(list::show))
        .route(NEW, get(create::show).post(create::submit))
        .route("/repricing/{id}", get(show::show))
        .route("/repricing/{id}/apply", post(act::apply))
        .route("/repricing/{id}/discard", post(act::discard))
}

/// The address of one.
pub(crate) fn address(id: &str) -> String {
    format!("{PATH}/{}", path_part(id))
}

/// The address of the form, filled in for calls without a price that are like this and began in this range.
/// For the page that is being made.
pub(crate) fn for_unpriced(
    like: &[(&str, &str)],
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> String {
    let mut query = Fields::default();
    for (name, value) in like {
        query.push(*name, *value);
    }
    let zone = Zone::here();
    for (name, moment) in [("from", from), ("to", to)] {
        if let Some(moment) = moment {
            query.push(name, zone.of_field(moment));
        }
    }
    query.push("only_unpriced", "on");
    query.address(NEW)
}

/// The address of the form for what a list of calls without a price is narrowed to, and what the list is narrowed
/// by that a re-pricing cannot be.
pub(crate) fn for_list(query: &Fields) -> (String, Vec<&'static str>) {
    let mut form = Fields::default();
    for name in ["provider", "model", NO_MODEL, "range", "from", "to"] {
        for value in given(query, name) {
            form.push(name, value);
        }
    }
    form.push("only_unpriced", "on");
    // Who names some has left out the others.
    let chooses = |name: &str| given(&form, name).next().is_some();
    let left_out: Vec<(&str, &str)> = LEFT_OUT
        .into_iter()
        .filter(|(name, _)| match *name {
            "provider" => !chooses("provider") && is_left_out(query, name),
            "model" => !chooses("model") && !chooses(NO_MODEL) && is_left_out(query, name),
            name => is_left_out(query, name) || given(query, name).next().is_some(),
        })
        .collect();
    for (name, _) in &left_out {
        form.push(WIDER, *name);
    }
    let words = left_out.into_iter().map(|(_, words)| words).collect();
    (form.address(NEW), words)
}

/// The values of a filter that are not blank.
fn given<'a>(query: &'a Fields, name: &'a str) -> impl Iterator<Item = &'a str> {
    query.all(name).filter(|value| !value.trim().is_empty())
}

/// Whether a filter says what is not wanted, or that nobody may have said.
fn is_left_out(query: &Fields, name: &str) -> bool {
    let names = [
        ".not".to_owned(),
        format!(".not{NOBODY}"),
        NOBODY.to_owned(),
    ];
    names
        .iter()
        .any(|behind| given(query, &format!("{name}{behind}")).next().is_some())
}

pub(crate) use words::{calls, listed};

/// The way to these pages.
fn crumbs(on_the_list: bool) -> Vec<Crumb> {
    let mut crumbs = vec![("Calls", "/calls".to_owned())];
    if !on_the_list {
        crumbs.push(("Re-pricing", PATH.to_owned()));
    }
    crumbs
}

#[cfg(test)]
mod tests {
    use super::for_list;
    use crate::http::fields::Fields;

    #[test]
    fn what_a_list_is_narrowed_by_is_carried_over_or_named() {
        let check = |pairs: &[(&str, &str)], address: &str, left_out: &[&str]| {
            let query = pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let found = for_list(&query.collect::<Fields>());
            assert_eq!((found.0.as_str(), found.1.as_slice()), (address, left_out));
        };
        check(
            &[("price_state", "unpriced")],
            "/repricing/new?only_unpriced=on",
            &[],
        );
        check(
            &[
                ("provider", "a"),
                ("provider.not", "b"),
                ("model", "x,y"),
                ("range", "7d"),
            ],
            "/repricing/new?provider=a&model=x,y&range=7d&only_unpriced=on",
            &[],
        );
        check(
            &[("model.none", "on")],
            "/repricing/new?model.none=on&only_unpriced=on",
            &[],
        );
        check(
            &[
                ("provider.not", "b"),
                ("agent", "bot"),
                ("user.not.none", "on"),
                ("status", " "),
            ],
            "/repricing/new?only_unpriced=on&wider=provider&wider=agent&wider=user",
            &["provider", "agent", "user"],
        );
    }
}
