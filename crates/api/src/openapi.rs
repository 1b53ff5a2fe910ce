//! The API's description: OpenAPI 3.1, gathered from the routes and from the views of `admin`.
//!
//! What every route has (401, the errors of parameters and of bodies, the form of an error) is added
//! here, so that a route names only what is its own.

use serde::Serialize;
use utoipa::{
    IntoParams, Modify, OpenApi, PartialSchema, ToSchema,
    openapi::{
        Content, Ref, RefOr, Response,
        path::Operation,
        schema::Schema,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{
    problem::{MEDIA_TYPE, ProblemDocument},
    routes::{
        api_tokens, audit, calls, catalog, metrics, people, providers, repricings, secrets,
        settings, tokens, transcripts, usage,
    },
};

/// The description of the whole API.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Weir admin API",
        version = env!("CARGO_PKG_VERSION"),
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        description = "Everything that an admin can do with Weir.\n\nSend an API token of your own (`wra_…`, made in the console under Settings), or the admin token, the value of WEIR_ADMIN_TOKEN, as `Authorization: Bearer …` with every request.\n\nRates and money are decimal texts in US dollars, so that they stay exact. Times are RFC 3339, ranges half-open: from the first moment, up to but without the last. Lists are answered in pages: `items`, and `next_cursor` for asking for the next one. Filters: the same name twice is or, different names are and, `name.not=` excludes. Unknown fields and parameters are refused by name. Errors are problem documents (RFC 9457): `code` is stable and for programs, `detail` says what to do, `errors` names each field at fault.",
    ),
    tags(
        (name = "Providers", description = "Configured upstreams."),
        (name = "Secrets", description = "Upstream credentials, by name. Values only go in."),
        (name = "Gateway tokens", description = "What applications show to Weir."),
        (name = "Catalog", description = "The models that Weir knows, with list prices."),
        (name = "Ledger", description = "Calls and what they cost."),
        (name = "Transcripts", description = "What was said in calls, where a provider is told to record it."),
        (name = "People", description = "Who may sign in."),
        (name = "API tokens", description = "Your own tokens for this API. Only people have them: with the admin token these answer 403."),
        (name = "Settings", description = "What is set while Weir runs, and how Weir is."),
        (name = "Audit", description = "Who changed what."),
    ),
    paths(
        providers::list,
        providers::create,
        providers::import,
        providers::get,
        providers::update,
        providers::delete,
        providers::test,
        providers::endpoints,
        secrets::list,
        secrets::put,
        secrets::delete,
        tokens::list,
        tokens::create,
        tokens::revoke,
        catalog::get,
        catalog::upload,
        catalog::models,
        catalog::refresh,
        catalog::builtin,
        catalog::apply,
        catalog::discard,
        calls::list,
        calls::get,
        transcripts::list,
        transcripts::conversation,
        transcripts::export,
        transcripts::delete,
        transcripts::get,
        transcripts::deletions,
        transcripts::forget,
        usage::report,
        repricings::list,
        repricings::create,
        repricings::get,
        repricings::apply,
        repricings::discard,
        usage::csv_report,
        people::list,
        people::create,
        people::update,
        people::make_link,
        api_tokens::list,
        api_tokens::create,
        api_tokens::revoke,
        settings::get,
        settings::update,
        settings::system,
        metrics::get,
        audit::list,
    ),
    components(schemas(ProblemDocument)),
    security(("admin_token" = [])),
    modifiers(&Common),
)]
struct Described;

/// Adds what every route has.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An API token of your own, or the admin token: the value of WEIR_ADMIN_TOKEN.",
            ))
            .build();
        if let Some(components) = &mut document.components {
            components.add_security_scheme("admin_token", SecurityScheme::Http(scheme));
        }
        for item in document.paths.paths.values_mut() {
            let operations = [
                &mut item.get,
                &mut item.put,
                &mut item.post,
                &mut item.patch,
                &mut item.delete,
            ];
            operations.into_iter().flatten().for_each(common_errors);
        }
    }
}

fn common_errors(operation: &mut Operation) {
    let mut common = vec![
        ("401", "No token, or a wrong one."),
        ("500", "Something failed inside Weir."),
        ("503", "The database cannot be used at the moment."),
    ];
    if operation.request_body.is_some() {
        common.extend([
            (
                "400",
                "The body is not valid JSON, or a parameter is wrong.",
            ),
            ("413", "The body is above 1 MiB."),
            ("415", "The body is not sent as JSON."),
        ]);
    } else {
        common.push(("400", "A parameter is wrong."));
    }
    for (status, description) in common {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| Response::new(description).into());
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let problem = Content::new(Some(Ref::from_schema_name("Problem")));
            response
                .content
                .insert(MEDIA_TYPE.to_owned(), problem.into());
        }
    }
}

/// The parameters of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes parameters; they are read by admin::query"
)]
pub(crate) struct PageParams {
    /// Rows at most: 1 to 1,000; 50 unless given.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The value of a secret, to be kept.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes a body; it is read by admin::secrets::read_value"
)]
pub(crate) struct SecretValue {
    /// The value: visible ASCII characters and spaces inside, not empty, 8,192 bytes at most.
    value: String,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedGatewayToken)]
pub(crate) struct CreatedToken {
    /// Its id, for revoking it.
    #[schema(format = "uuid")]
    pub(crate) id: String,
    /// What applications show to Weir. Not shown again.
    #[schema(example = "wr_…")]
    pub(crate) token: String,
}

/// An API token that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedApiToken {
    /// Its id, for revoking it.
    #[schema(format = "uuid")]
    pub(crate) id: String,
    /// What is shown to this API. Not shown again.
    #[schema(example = "wra_…")]
    pub(crate) token: String,
}

/// A one-time link that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedLink {
    /// The id of the person that it is for.
    #[schema(format = "uuid")]
    pub(crate) id: String,
    /// The address to open. Not shown again.
    #[schema(example = "…/welcome?link=…")]
    pub(crate) link: String,
    /// Until when it is good.
    #[schema(format = DateTime)]
    pub(crate) link_expires_at: String,
}

/// Which calls are to be priced again.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes a body; it is read by admin::repricing::Selection::read"
)]
pub(crate) struct NewRepricing {
    /// Started at this time or later, RFC 3339.
    #[schema(format = DateTime)]
    from: String,
    /// Started before this time, RFC 3339; up to now where it is left out.
    #[schema(format = DateTime)]
    to: Option<String>,
    /// Provider ids, deleted ones too; all where it is left out.
    providers: Option<Vec<String>>,
    /// Models as they were asked for, an empty text for calls that named none; all where it is left out.
    models: Option<Vec<String>>,
    /// Whether only calls without a price are in it; else also those that have one.
    only_unpriced: Option<bool>,
}

/// What is applied.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes a body; it is read by admin::repricing::read_apply"
)]
pub(crate) struct ApplyRepricing {
    /// That of the re-pricing that was looked at.
    fingerprint: String,
}

/// A person to be added.
#[derive(ToSchema)]
#[schema(as = NewPerson)]
#[expect(
    dead_code,
    reason = "describes a body; it is read by admin::people::read_name"
)]
pub(crate) struct PersonName {
    /// The name to sign in with: 1 to 100 characters, which nobody else has, in whatever capitals.
    name: String,
}

/// A change of a provider: any of its fields but id and type. Null clears.
pub(crate) struct ProviderPatch;

impl PartialSchema for ProviderPatch {
    fn schema() -> RefOr<Schema> {
        let mut schema = admin::providers::ProviderDraft::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required.clear();
            object
                .properties
                .retain(|name, _| !matches!(name.as_str(), "id" | "type"));
            object.description = Some("Any of a provider's fields but id and type. What is left out stays, null clears, lists are replaced whole.".to_owned());
        }
        schema
    }
}

impl ToSchema for ProviderPatch {
    fn name() -> std::borrow::Cow<'static, str> {
        "ProviderPatch".into()
    }
}
