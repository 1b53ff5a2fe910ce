//! The IAM policy that lets the credentials of a Bedrock provider do what its callers ask, and no more.
//!
//! | what is called | what the policy names |
//! |---|---|
//! | a foundation model | `arn:{partition}:bedrock:{region}::foundation-model/{id}` |
//! | a system profile, `eu.…` | `arn:{partition}:bedrock:{region}:*:inference-profile/{id}`, and the foundation model behind it in any region |
//! | an application profile | its ARN, and the foundation model behind it in any region |
//!
//! The account is not known, so it is `*`. The regions that a geography spreads over are AWS' to change, so
//! they are `*` too, which also stands for the empty region that `global.` profiles call.

use domain::provider::{AwsCredentials, Geography, Guardrail, Region};
use serde::Serialize;

/// The version of the policy language.
const LANGUAGE: &str = "2012-10-17";

/// A policy, as IAM takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = IamPolicy)]
pub struct Policy {
    /// The version of the policy language.
    version: &'static str,
    /// What is allowed.
    statement: Vec<Statement>,
}

/// A part of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = IamStatement)]
pub struct Statement {
    /// Always `Allow`.
    effect: &'static str,
    /// What it allows.
    action: Vec<&'static str>,
    /// On which models and guardrails.
    resource: Vec<String>,
}

/// A model as a policy needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Called<'a> {
    /// As it is called: an id, a profile's id, or an ARN.
    pub(crate) id: &'a str,
    /// The id of the model behind an ARN, where it is known.
    pub(crate) behind: Option<&'a str>,
}

impl Policy {
    /// What the models need. None: any model.
    pub(crate) fn of(
        region: &Region,
        credentials: &AwsCredentials,
        guardrail: Option<&Guardrail>,
        models: &[Called<'_>],
    ) -> Self {
        let partition = region.partition();
        let mut resources: Vec<String> = vec![];
        if models.is_empty() {
            resources = vec![
                format!("arn:{partition}:bedrock:*::foundation-model/*"),
                format!("arn:{partition}:bedrock:{region}:*:inference-profile/*"),
                format!("arn:{partition}:bedrock:{region}:*:application-inference-profile/*"),
            ];
        }
        for resource in models
            .iter()
            .flat_map(|model| of_model(partition, region, *model))
        {
            if !resources.contains(&resource) {
                resources.push(resource);
            }
        }
        let mut statement = vec![allow(
            vec![
                "bedrock:InvokeModel",
                "bedrock:InvokeModelWithResponseStream",
            ],
            resources,
        )];
        if let Some(guardrail) = guardrail {
            let named = if guardrail.id.starts_with("arn:") {
                guardrail.id.clone()
            } else {
                format!(
                    "arn:{partition}:bedrock:{region}:*:guardrail/{}",
                    guardrail.id
                )
            };
            statement.push(allow(vec!["bedrock:ApplyGuardrail"], vec![named]));
        }
        if let AwsCredentials::Bearer { .. } = credentials {
            let any = vec!["*".to_owned()];
            statement.push(allow(vec!["bedrock:CallWithBearerToken"], any));
        }
        Self {
            version: LANGUAGE,
            statement,
        }
    }

    /// The policy as one copies it.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

const fn allow(action: Vec<&'static str>, resource: Vec<String>) -> Statement {
    Statement {
        effect: "Allow",
        action,
        resource,
    }
}

fn of_model(partition: &str, region: &Region, model: Called<'_>) -> Vec<String> {
    let anywhere = |id: &str| {
        let bare = Geography::split(id).map_or(id, |(_, bare)| bare);
        format!("arn:{partition}:bedrock:*::foundation-model/{bare}")
    };
    if model.id.starts_with("arn:") {
        let arn = model.id.to_owned();
        let resource = model.id.splitn(6, ':').last().unwrap_or_default();
        return match resource.split_once('/') {
            Some(("application-inference-profile", _)) => {
                vec![arn, anywhere(model.behind.unwrap_or("*"))]
            }
            Some(("inference-profile", profile)) => vec![arn, anywhere(profile)],
            _ => vec![arn],
        };
    }
    match Geography::split(model.id) {
        Some(_) => vec![
            format!(
                "arn:{partition}:bedrock:{region}:*:inference-profile/{}",
                model.id
            ),
            anywhere(model.id),
        ],
        None => vec![format!(
            "arn:{partition}:bedrock:{region}::foundation-model/{}",
            model.id
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(id: &str) -> Called<'_> {
        Called { id, behind: None }
    }

    #[track_caller]
    fn check(region: &str, models: &[Called<'_>], resources: &[&str]) {
        let region: Region = region.parse().unwrap();
        let policy = Policy::of(&region, &AwsCredentials::DefaultChain, None, models);
        assert_eq!(policy.statement.len(), 1);
        assert_eq!(
            policy.statement[0].action,
            [
                "bedrock:InvokeModel",
                "bedrock:InvokeModelWithResponseStream"
            ]
        );
        assert_eq!(policy.statement[0].resource, resources);
    }

    #[test]
    fn each_shape_of_model_is_named_as_iam_wants_it() {
        check(
            "us-east-1",
            &[called("amazon.nova-pro-v1:0")],
            &["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"],
        );
        check(
            "eu-central-1",
            &[
                called("eu.anthropic.claude-opus-5-5"),
                called("global.anthropic.claude-opus-5-5"),
            ],
            &[
                "arn:aws:bedrock:eu-central-1:*:inference-profile/eu.anthropic.claude-opus-5-5",
                "arn:aws:bedrock:*::foundation-model/anthropic.claude-opus-5-5",
                "arn:aws:bedrock:eu-central-1:*:inference-profile/global.anthropic.claude-opus-5-5",
            ],
        );
        let own = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123";
        check(
            "us-east-1",
            &[Called {
                id: own,
                behind: Some("us.anthropic.claude-sonnet-5"),
            }],
            &[
                own,
                "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-5",
            ],
        );
        check(
            "us-east-1",
            &[called(own)],
            &[own, "arn:aws:bedrock:*::foundation-model/*"],
        );
        let profile = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.meta.llama4";
        check(
            "us-east-1",
            &[called(profile)],
            &[profile, "arn:aws:bedrock:*::foundation-model/meta.llama4"],
        );
        let other = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/p1";
        check("us-east-1", &[called(other)], &[other]);
    }

    #[test]
    fn other_partitions_have_arns_of_their_own() {
        check(
            "us-gov-west-1",
            &[called("us-gov.anthropic.claude-sonnet-5")],
            &[
                "arn:aws-us-gov:bedrock:us-gov-west-1:*:inference-profile/us-gov.anthropic.claude-sonnet-5",
                "arn:aws-us-gov:bedrock:*::foundation-model/anthropic.claude-sonnet-5",
            ],
        );
        check(
            "cn-north-1",
            &[called("amazon.nova-pro-v1:0")],
            &["arn:aws-cn:bedrock:cn-north-1::foundation-model/amazon.nova-pro-v1:0"],
        );
    }

    #[test]
    fn a_provider_of_every_model_needs_every_model() {
        check(
            "us-east-1",
            &[],
            &[
                "arn:aws:bedrock:*::foundation-model/*",
                "arn:aws:bedrock:us-east-1:*:inference-profile/*",
                "arn:aws:bedrock:us-east-1:*:application-inference-profile/*",
            ],
        );
    }

    #[test]
    fn guardrails_and_keys_need_actions_of_their_own() {
        let region: Region = "us-east-1".parse().unwrap();
        let key = AwsCredentials::Bearer {
            api_key: "BEDROCK_KEY".parse().unwrap(),
        };
        let guardrail = Guardrail {
            id: "gr1".to_owned(),
            version: "1".to_owned(),
        };
        let policy = Policy::of(&region, &key, Some(&guardrail), &[called("a.b")]);
        let told = policy.text();
        assert!(told.starts_with("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": ["));
        for part in [
            "\"bedrock:ApplyGuardrail\"",
            "arn:aws:bedrock:us-east-1:*:guardrail/gr1",
            "\"bedrock:CallWithBearerToken\"",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}
