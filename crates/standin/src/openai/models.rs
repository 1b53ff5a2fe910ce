//! Lists of models as each server shapes them. It knows nothing of the other operations: any model
//! may be called, whether it is listed or not.

use crate::ask::Ask;
use crate::failures::Failure;
use crate::host::Host;
use crate::json::{Array, Object, object_text};
use crate::reply::Reply;
use crate::route::Api;

/// Ids, and when they were made.
const OWN: &[(&str, u64)] = &[
    ("gpt-4o-mini", 1_721_172_741),
    ("gpt-4.1", 1_744_316_542),
    ("o4-mini", 1_744_225_351),
    ("gpt-5", 1_754_425_777),
    ("gpt-5-mini", 1_754_425_928),
    ("text-embedding-3-small", 1_705_948_997),
    ("text-embedding-3-large", 1_705_953_180),
];
const CREATED: u64 = 1_754_000_000;

/// GET /models, and what Ollama and Databricks have in its place.
pub(super) fn list(ask: &Ask<'_>) -> Reply {
    let ids = ids(ask.host);
    if ask.path.ends_with("/api/tags") {
        return under("models", |models| {
            for id in ids {
                models.object(|model| write_tag(model, id));
            }
        });
    }
    match ask.host {
        Host::Together => bare(ids),
        Host::Databricks => under("endpoints", |endpoints| {
            for id in ids {
                endpoints.object(|endpoint| write_endpoint(endpoint, id));
            }
        }),
        Host::Own => listed(|data| {
            for (id, created) in OWN {
                data.object(|model| write(model, id, *created));
            }
        }),
        Host::Azure => listed(|data| {
            for (id, created) in OWN {
                data.object(|model| write_base_model(model, id, *created));
            }
        }),
        Host::Google
        | Host::Bedrock
        | Host::Vertex
        | Host::Groq
        | Host::DeepSeek
        | Host::Xai
        | Host::Mistral
        | Host::Fireworks
        | Host::Cerebras
        | Host::SambaNova
        | Host::Perplexity
        | Host::Vllm
        | Host::Ollama
        | Host::MlFlow
        | Host::Cohere => listed(|data| {
            for id in ids {
                data.object(|model| write_compatible(model, ask.host, id));
            }
        }),
    }
}

/// GET /models/{id}.
pub(super) fn one(id: &str) -> Result<Reply, Failure> {
    if id.contains("missing") {
        return Err(Failure::unknown_model(Api::OpenAi, id));
    }
    let listed = OWN.iter().find(|(listed, _)| *listed == id);
    let created = listed.map_or(CREATED, |(_, created)| *created);
    Ok(Reply::object(|model| write(model, id, created)))
}

fn ids(host: Host) -> &'static [&'static str] {
    match host {
        Host::Own | Host::Azure => &[],
        Host::Google => &["models/gemini-2.5-flash", "models/gemini-2.5-pro"],
        Host::Vertex => &[
            "google/gemini-2.5-flash",
            "meta/llama-3.3-70b-instruct-maas",
        ],
        Host::Bedrock => &["openai.gpt-oss-120b-1:0", "openai.gpt-oss-20b-1:0"],
        Host::Groq => &["llama-3.3-70b-versatile", "openai/gpt-oss-120b"],
        Host::DeepSeek => &["deepseek-chat", "deepseek-reasoner"],
        Host::Xai => &["grok-4", "grok-4-fast-reasoning"],
        Host::Mistral => &["mistral-large-latest", "mistral-embed"],
        Host::Together => &[
            "meta-llama/Llama-3.3-70B-Instruct-Turbo",
            "deepseek-ai/DeepSeek-V3",
        ],
        Host::Fireworks => &[
            "accounts/fireworks/models/deepseek-v3p1",
            "accounts/fireworks/models/gpt-oss-120b",
        ],
        Host::Cerebras => &["gpt-oss-120b", "llama-3.3-70b"],
        Host::SambaNova => &["DeepSeek-V3.1", "Meta-Llama-3.3-70B-Instruct"],
        Host::Perplexity => &["sonar", "sonar-deep-research", "sonar-pro"],
        Host::Databricks => &["databricks-claude-sonnet-4", "databricks-gpt-oss-120b"],
        Host::Vllm => &["meta-llama/Llama-3.1-8B-Instruct"],
        Host::Ollama => &["llama3.2:latest", "qwen3:8b"],
        Host::MlFlow => &["served-model"],
        Host::Cohere => &["command-a-03-2025"],
    }
}

fn listed(fill: impl FnOnce(&mut Array<'_>)) -> Reply {
    Reply::object(|body| {
        body.text("object", "list").array("data", fill);
    })
}

fn under(name: &str, fill: impl FnOnce(&mut Array<'_>)) -> Reply {
    Reply::object(|body| {
        body.array(name, fill);
    })
}

/// An array without an object around it.
fn bare(ids: &[&str]) -> Reply {
    let models: Vec<Vec<u8>> = ids
        .iter()
        .map(|id| object_text(|model| write_together(model, id)))
        .collect();
    Reply::json([b"[".as_slice(), &models.join(&b","[..]), b"]"].concat())
}

fn write(model: &mut Object<'_>, id: &str, created: u64) {
    model
        .text("id", id)
        .text("object", "model")
        .number("created", created)
        .text("owned_by", "system")
        .null("shutdown_date");
}

/// A model of the region, as Azure lists it: what can be deployed, and not what is.
fn write_base_model(model: &mut Object<'_>, id: &str, created: u64) {
    model
        .text("id", id)
        .text("object", "model")
        .number("created_at", created)
        .text("status", "succeeded")
        .text("lifecycle_status", "generally-available")
        .object("capabilities", |can| {
            can.flag("inference", true)
                .flag("chat_completion", !id.contains("embedding"))
                .flag("embeddings", id.contains("embedding"));
        });
}

fn write_compatible(model: &mut Object<'_>, host: Host, id: &str) {
    model.text("id", id).text("object", "model");
    match host {
        Host::Mistral => {
            model
                .text("owned_by", "mistralai")
                .text("name", id)
                .number("max_context_length", 131_072)
                .array("aliases", |_| {})
                .object("capabilities", |can| {
                    can.flag("completion_chat", !id.contains("embed"));
                })
                .null("deprecation")
                .text("billing_model_name", id)
                .text("type", "base");
        }
        Host::Vllm => {
            model
                .number("created", CREATED)
                .text("owned_by", "vllm")
                .text("root", id)
                .null("parent")
                .number("max_model_len", 131_072)
                .array("permission", |_| {});
        }
        Host::Groq => {
            model
                .number("created", CREATED)
                .text("owned_by", "standin")
                .flag("active", true)
                .number("context_window", 131_072)
                .null("public_apps");
        }
        Host::Google => {
            model.text("owned_by", "google");
        }
        Host::Own
        | Host::Bedrock
        | Host::Vertex
        | Host::Azure
        | Host::DeepSeek
        | Host::Xai
        | Host::Together
        | Host::Fireworks
        | Host::Cerebras
        | Host::SambaNova
        | Host::Perplexity
        | Host::Databricks
        | Host::Ollama
        | Host::MlFlow
        | Host::Cohere => {
            model.number("created", CREATED).text("owned_by", "standin");
        }
    }
}

fn write_together(model: &mut Object<'_>, id: &str) {
    model
        .text("id", id)
        .text("object", "model")
        .number("created", CREATED)
        .text("type", "chat")
        .text("display_name", id)
        .text("organization", "standin")
        .number("context_length", 131_072)
        .object("pricing", |pricing| {
            pricing
                .raw("input", "0.88")
                .raw("output", "0.88")
                .raw("cached_input", "0.44")
                .number("hourly", 0)
                .number("base", 0)
                .number("finetune", 0);
        });
}

fn write_endpoint(endpoint: &mut Object<'_>, id: &str) {
    endpoint
        .text("name", id)
        .object("state", |state| {
            state
                .text("ready", "READY")
                .text("config_update", "NOT_UPDATING");
        })
        .object("config", |config| {
            config.array("served_entities", |entities| {
                entities.object(|entity| {
                    entity.text("name", id);
                });
            });
        })
        .text("task", "llm/v1/chat");
}

fn write_tag(model: &mut Object<'_>, id: &str) {
    model
        .text("name", id)
        .text("model", id)
        .text("modified_at", "2026-10-01T00:00:00Z")
        .number("size", 2_019_393_189)
        .text(
            "digest",
            "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72",
        );
}
