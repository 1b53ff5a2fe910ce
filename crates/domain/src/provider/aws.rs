//! What a Bedrock provider is configured with: region, credentials, guardrail.
//!
//! Forms and hosts: AWS' endpoint rules and the STS API reference, November 2026.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::id::SecretName;

/// An AWS region such as `eu-central-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// Why a text names no region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write an AWS region such as us-east-1 or eu-central-1")]
pub struct InvalidRegion;

impl Region {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of Bedrock's runtime in this region.
    #[must_use]
    pub fn bedrock_runtime(&self, fips: bool) -> String {
        let host = if fips {
            "bedrock-runtime-fips"
        } else {
            "bedrock-runtime"
        };
        format!("https://{host}.{}.{}", self.0, self.domain())
    }

    /// The address of Bedrock's control plane in this region, where models and guardrails are listed.
    #[must_use]
    pub fn bedrock_control(&self, fips: bool) -> String {
        let host = if fips { "bedrock-fips" } else { "bedrock" };
        format!("https://{host}.{}.{}", self.0, self.domain())
    }

    /// What stands second in the ARNs of this region.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        let begins = |start: &str| self.0.starts_with(start);
        if begins("cn-") {
            "aws-cn"
        } else if begins("us-gov-") {
            "aws-us-gov"
        } else if begins("eusc-") {
            "aws-eusc"
        } else {
            "aws"
        }
    }

    /// China and the European sovereign cloud have domains of their own.
    fn domain(&self) -> &'static str {
        if self.0.starts_with("cn-") {
            "amazonaws.com.cn"
        } else if self.0.starts_with("eusc-") {
            "amazonaws.eu"
        } else {
            "amazonaws.com"
        }
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;
    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        // `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`: it becomes a part of a host name.
        let parts: Vec<&str> = text.split('-').collect();
        let lower =
            |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
        let number = |part: &str| {
            !part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        match parts.split_last() {
            Some((last, names))
                if (2..=3).contains(&names.len())
                    && text.len() <= 32
                    && number(last)
                    && names.iter().all(lower) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidRegion),
        }
    }
}

impl TryFrom<String> for Region {
    type Error = InvalidRegion;
    fn try_from(text: String) -> Result<Self, InvalidRegion> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ARN of an IAM role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleArn(String);

/// Why a text is no role's ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write the whole ARN of a role, such as arn:aws:iam::123456789012:role/bedrock-caller")]
pub struct InvalidRoleArn;

impl RoleArn {
    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RoleArn {
    type Err = InvalidRoleArn;
    fn from_str(text: &str) -> Result<Self, InvalidRoleArn> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        match parts.as_slice() {
            ["arn", partition, "iam", "", id, name]
                if visible
                    && (*partition == "aws" || partition.starts_with("aws-"))
                    && account(id)
                    && name
                        .strip_prefix("role/")
                        .is_some_and(|name| !name.is_empty())
                    && text.len() <= 2048 =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidRoleArn),
        }
    }
}

impl TryFrom<String> for RoleArn {
    type Error = InvalidRoleArn;
    fn try_from(text: String) -> Result<Self, InvalidRoleArn> {
        text.parse()
    }
}

impl From<RoleArn> for String {
    fn from(arn: RoleArn) -> Self {
        arn.0
    }
}

/// Where the credentials of a Bedrock provider come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum AwsCredentials {
    /// What the machine has: environment, shared config, web identity, container, instance profile; a
    /// bearer key in `AWS_BEARER_TOKEN_BEDROCK` before all of them.
    DefaultChain,
    /// Keys out of secrets.
    StaticKeys {
        /// The access key's id.
        access_key_id: SecretName,
        /// The key itself.
        secret_access_key: SecretName,
        /// Of temporary keys.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_token: Option<SecretName>,
    },
    /// A role, assumed with what the default chain gives.
    AssumeRole {
        /// The role.
        role_arn: RoleArn,
        /// What the role's owner asks for, 2 to 1,224 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<String>,
        /// How the sessions are called in the logs of AWS. `None`: `weir-` and the provider's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_name: Option<String>,
    },
    /// A role, assumed with the token in the file that `AWS_WEB_IDENTITY_TOKEN_FILE` names.
    WebIdentity {
        /// The role.
        role_arn: RoleArn,
    },
    /// A Bedrock API key out of a secret.
    Bearer {
        /// The key.
        api_key: SecretName,
    },
}

impl AwsCredentials {
    /// The secrets that it refers to.
    #[must_use]
    pub fn secrets(&self) -> Vec<&SecretName> {
        match self {
            Self::StaticKeys {
                access_key_id,
                secret_access_key,
                session_token,
            } => [access_key_id, secret_access_key]
                .into_iter()
                .chain(session_token)
                .collect(),
            Self::Bearer { api_key } => vec![api_key],
            Self::DefaultChain | Self::AssumeRole { .. } | Self::WebIdentity { .. } => vec![],
        }
    }
}

/// A guardrail that every call of a Bedrock provider goes through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guardrail {
    /// Its id or ARN.
    pub id: String,
    /// A number, or `DRAFT`.
    pub version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_their_form_and_hosts() {
        for text in [
            "us-east-1",
            "us-gov-west-1",
            "ap-southeast-5",
            "eusc-de-east-1",
            "il-central-1",
        ] {
            assert_eq!(
                text.parse::<Region>().map(String::from),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "us",
            "us-east",
            "us-east-1.evil.com",
            "US-EAST-1",
            "us-east-1/",
            "us--1",
            "a-b-c-d-1",
        ] {
            assert_eq!(text.parse::<Region>(), Err(InvalidRegion), "{text}");
        }
        for (text, partition) in [
            ("eu-central-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
            ("cn-north-1", "aws-cn"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(text.parse::<Region>().unwrap().partition(), partition);
        }
        let host = |text: &str, fips| text.parse::<Region>().unwrap().bedrock_runtime(fips);
        assert_eq!(
            host("us-east-1", false),
            "https://bedrock-runtime.us-east-1.amazonaws.com"
        );
        assert_eq!(
            host("us-gov-west-1", true),
            "https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com"
        );
        assert_eq!(
            host("cn-north-1", false),
            "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"
        );
        assert_eq!(
            host("eusc-de-east-1", false),
            "https://bedrock-runtime.eusc-de-east-1.amazonaws.eu"
        );
    }

    #[test]
    fn role_arns_have_their_form() {
        for text in [
            "arn:aws:iam::123456789012:role/x",
            "arn:aws-us-gov:iam::123456789012:role/path/x",
        ] {
            assert_eq!(
                text.parse::<RoleArn>().map(String::from),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "role/x",
            "arn:aws:iam::12:role/x",
            "arn:aws:iam::123456789012:user/x",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/a b",
        ] {
            assert_eq!(text.parse::<RoleArn>(), Err(InvalidRoleArn), "{text}");
        }
    }
}
