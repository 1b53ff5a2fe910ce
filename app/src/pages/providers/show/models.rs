//! The models of a provider, with their rates.

use admin::{
    catalog::CatalogModelView,
    providers::{ModelView, ProviderView},
};
use axum::{extract::Path, response::Response};
use domain::{
    Bucket, UsdPerMtok,
    pricing::expected_card,
    provider::{Preset, ProviderType},
};
use http::StatusCode;
use leptos::prelude::*;

use super::{Head, Subject, Tab};
use crate::{
    format::{ability, count, money},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        empty::Empty,
        figures::Spent,
        icon::{Drawn, Icon},
    },
    pages::providers::{
        edit_address,
        week::{self, LastWeek, Spend},
    },
    shell::nav::Place,
};

/// A model with all that its row shows.
struct Row {
    model: ModelView,
    card: Option<CatalogModelView>,
    spend: Spend,
    /// Whether nobody knows before an answer which model it is.
    told_by_answers: bool,
}

/// `GET /providers/{id}/models`
pub(crate) async fn show(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let who = page.who()?;
    let subject = Subject::read(&page, who, &id).await?;
    let days = LastWeek::until(subject.now, &page.zone());
    let mut spends = week::of_models(&page, who, &subject.provider.id, days).await?;
    let preset = subject
        .provider
        .preset
        .and_then(|key| key.parse::<Preset>().ok());
    let kind = subject.provider.provider_type.catalog_kind(preset);
    let ty = subject.provider.provider_type;
    let place = &subject.provider.price_place;
    let rows: Vec<Row> = subject
        .provider
        .models
        .iter()
        .map(|model| {
            let priced_as = expected_card(ty, model.price_as.as_deref(), &model.id);
            let card = kind
                .zip(priced_as)
                .and_then(|(kind, id)| page.admin().catalog().model(who, kind, id, place));
            Row {
                told_by_answers: ty == ProviderType::AzureOpenAi && priced_as.is_none(),
                model: model.clone(),
                card,
                spend: spends.remove(&model.id).unwrap_or_default(),
            }
        })
        .collect();
    let title = format!("Models of {}", subject.provider.display_name);
    Ok(page.html(StatusCode::OK, &title, Place::Providers, move || {
        let edit = format!("{}#models", edit_address(&id));
        let body = if rows.is_empty() {
            html! {
                <Empty icon=Icon::Rows title="Every model is allowed"
                    words="Whatever the upstream serves may be called. Select models to refuse all others, and to override their rates.">
                    <a class="btn" href=edit>"Select models"</a>
                </Empty>
            }
        } else {
            table(rows, &subject.provider, edit, days)
        };
        html! { <Head subject=subject tab=Tab::Models/><section class="card">{body}</section> }
    })
        .await)
}

/// The rates that have columns of their own.
const COLUMNS: [(Bucket, &str); 3] = [
    (Bucket::Input, "Input $/1M"),
    (Bucket::Output, "Output $/1M"),
    (Bucket::CachedInput, "Cached $/1M"),
];

fn table(rows: Vec<Row>, provider: &ProviderView, edit: String, days: LastWeek) -> AnyView {
    let heads = COLUMNS.map(|(_, label)| html! { <th scope="col" class="num">{label}</th> });
    let overridden = rows.iter().any(|row| !row.model.rates.is_empty());
    let legend = if overridden {
        "Rates in blue are overrides; the catalog’s are struck out beside them."
    } else {
        "The catalog’s rates hold."
    };
    let of_first = provider.prices_differ.then_some(
        " They are those of the first endpoint; calls of others cost what holds where those are.",
    );
    let rows = rows
        .into_iter()
        .map(|row| table_row(row, provider.id.as_str(), days))
        .collect_view();
    html! {
        <div class="table-wrap scroll" role="region" aria-label="Models and their rates" tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Model"</th>
                        {heads.collect_view()}
                        <th scope="col">"Cache writes"</th>
                        <th scope="col" class="num">"Context"</th>
                        <th scope="col">"Can"</th>
                        <th scope="col" class="num">"Spend, 7 days"</th>
                        <th scope="col"><span class="sr">"Pricing"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <div class="card-foot">
            <span class="help">{legend}{of_first}</span>
            <a class="btn sm push" href=edit><Drawn icon=Icon::Pencil/>"Change models and rates"</a>
        </div>
    }
}

fn table_row(row: Row, provider: &str, days: LastWeek) -> impl IntoView + use<> {
    let Row {
        model,
        card,
        spend,
        told_by_answers,
    } = row;
    let pricing = Fields::from([("price", model.id.as_str())]).address(&edit_address(provider));
    let override_it = format!("Override pricing of {}", model.id);
    let name = model
        .display_name
        .clone()
        .or_else(|| card.as_ref().map(|card| card.display_name.clone()));
    let cells = COLUMNS
        .map(|(bucket, _)| html! { <td class="num">{rate(&model, card.as_ref(), bucket)}</td> });
    let writes = [
        Bucket::CacheWrite5m,
        Bucket::CacheWrite1h,
        Bucket::CacheWrite30m,
        Bucket::CacheWrite12h,
    ];
    let writes: Vec<_> = writes
        .into_iter()
        .filter(|bucket| {
            let listed = card.as_ref().is_some_and(|card| card.rates.contains_key(bucket.key()));
            listed || model.rates.0.get(*bucket).is_some()
        })
        .map(|bucket| html! { <span class="write nowrap">{short(bucket)}" "{rate(&model, card.as_ref(), bucket)}</span> })
        .collect();
    let capabilities = card.as_ref().map(ability::of).unwrap_or_default();
    let context = card
        .as_ref()
        .and_then(|card| card.context_window)
        .map_or_else(|| "–".to_owned(), count::headline);
    let unpriced = days.calls([
        ("provider", provider),
        ("model", &model.id),
        ("price_state", "unpriced"),
    ]);
    let usage = LastWeek::usage([("provider", provider), ("model", &model.id)]);
    html! {
        <tr>
            <td>
                {name.map(|name| html! { <b class="strong">{name}</b><br/> })}
                <code class="muted">{model.id}</code>
                {model.price_as.map(|id| html! { <span class="muted xs">" priced as "{id}</span> })}
                {told_by_answers.then(|| html! { <span class="muted xs">" priced as the model that the answer names"</span> })}
            </td>
            {cells.collect_view()}
            <td class="xs">{writes}</td>
            <td class="num">{context}</td>
            <td class="soft"><span class="cut can" title=capabilities.clone()>{capabilities.clone()}</span></td>
            <td class="num"><Spent amount=spend.total unpriced=spend.unpriced href=unpriced usage=usage/></td>
            <td><a class="btn ghost icon" href=pricing aria-label=override_it.clone() title=override_it><Drawn icon=Icon::Pencil/></a></td>
        </tr>
    }
}

const fn short(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::CacheWrite5m => "5 min",
        Bucket::CacheWrite1h => "1 hour",
        Bucket::CacheWrite30m => "30 min",
        Bucket::CacheWrite12h => "12 hours",
        _ => "",
    }
}

/// The rate in force; an override with the catalog's beside it.
fn rate(model: &ModelView, card: Option<&CatalogModelView>, bucket: Bucket) -> AnyView {
    let list = card
        .and_then(|card| card.rates.get(bucket.key()))
        .map(|rate| money::rate(*rate));
    match (model.rates.0.get(bucket), list) {
        (Some(set), list) => {
            let set = if *set == UsdPerMtok::FREE {
                "free".to_owned()
            } else {
                money::rate(*set)
            };
            html! { {list.map(|list| html! { <span class="was">{list}</span>" " })}<span class="override">{set}</span> }
        }
        (None, Some(list)) => html! { {list} },
        (None, None) => html! { <span class="muted">"–"</span> },
    }
}
