//! The buckets: the kinds of billed tokens. They never overlap.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! buckets {
    ($($(#[$doc:meta])* $variant:ident = $key:literal, $field:ident;)+) => {
        /// One kind of billed token. Each token of a call is in exactly one bucket.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Bucket {
            $($(#[$doc])* #[serde(rename = $key)] $variant,)+
        }

        impl Bucket {
            /// Every bucket, in rate-card order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in JSON, in the database and in addresses.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }
        }

        impl FromStr for Bucket {
            type Err = UnknownBucket;
            fn from_str(text: &str) -> Result<Self, UnknownBucket> {
                match text { $($key => Ok(Self::$variant),)+ _ => Err(UnknownBucket) }
            }
        }

        /// One value per bucket. In JSON an object with the buckets' keys; a key that is absent reads as
        /// the default, and a default is left out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(
            default,
            deny_unknown_fields,
            bound(serialize = "T: Default + PartialEq + Serialize")
        )]
        pub struct PerBucket<T: Default> {
            $($(#[$doc])* #[serde(rename = $key, skip_serializing_if = "is_default")] pub $field: T,)+
        }

        impl<T: Default> PerBucket<T> {
            /// The value of one bucket.
            #[must_use]
            pub const fn get(&self, bucket: Bucket) -> &T {
                match bucket { $(Bucket::$variant => &self.$field),+ }
            }

            /// The value of one bucket, to be changed.
            pub const fn get_mut(&mut self, bucket: Bucket) -> &mut T {
                match bucket { $(Bucket::$variant => &mut self.$field),+ }
            }

            /// Builds one by asking for each bucket's value.
            pub fn from_fn(mut value: impl FnMut(Bucket) -> T) -> Self {
                Self { $($field: value(Bucket::$variant)),+ }
            }
        }
    };
}

buckets! {
    /// Prompt tokens at the plain input rate: neither read from nor written to a cache.
    Input = "input", input;
    /// Generated tokens, reasoning included.
    Output = "output", output;
    /// Prompt tokens read from a cache.
    CachedInput = "cached_input", cached_input;
    /// Prompt tokens written to a cache for five minutes (Claude).
    CacheWrite5m = "cache_write_5m", cache_write_5m;
    /// Prompt tokens written to a cache for an hour (Claude).
    CacheWrite1h = "cache_write_1h", cache_write_1h;
    /// Prompt tokens written to a cache for thirty minutes (OpenAI).
    CacheWrite30m = "cache_write_30m", cache_write_30m;
    /// Prompt tokens written to a cache for twelve hours (OpenAI).
    CacheWrite12h = "cache_write_12h", cache_write_12h;
    /// Prompt tokens written to a cache for a time that the answer does not tell.
    CacheWriteUnknown = "cache_write_unknown", cache_write_unknown;
    /// Uncached audio tokens of the prompt, where they have a rate of their own.
    InputAudio = "input_audio", input_audio;
    /// Audio tokens of the prompt read from a cache, where they have a rate of their own.
    CachedInputAudio = "cached_input_audio", cached_input_audio;
    /// Uncached image tokens of the prompt, where they have a rate of their own.
    InputImage = "input_image", input_image;
    /// Generated audio tokens, where they have a rate of their own.
    OutputAudio = "output_audio", output_audio;
    /// Generated image tokens, where they have a rate of their own.
    OutputImage = "output_image", output_image;
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Bucket {
    /// Whether the tokens are a part of the prompt (else they were generated).
    #[must_use]
    pub const fn is_prompt(self) -> bool {
        !matches!(self, Self::Output | Self::OutputAudio | Self::OutputImage)
    }

    /// Whether the bucket belongs to a cache: such a bucket without a rate bills at the input rate.
    #[must_use]
    pub const fn is_cache(self) -> bool {
        matches!(
            self,
            Self::CachedInput
                | Self::CacheWrite5m
                | Self::CacheWrite1h
                | Self::CacheWrite30m
                | Self::CacheWrite12h
                | Self::CacheWriteUnknown
                | Self::CachedInputAudio
        )
    }

    /// Whether an admin may override its rate. A cache write of unknown TTL stays at the catalog's
    /// rate, and audio and image kinds are covered by the override of input or output.
    #[must_use]
    pub const fn can_be_overridden(self) -> bool {
        matches!(
            self,
            Self::Input
                | Self::Output
                | Self::CachedInput
                | Self::CacheWrite5m
                | Self::CacheWrite1h
                | Self::CacheWrite30m
                | Self::CacheWrite12h
        )
    }

    /// What a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Output => "Output",
            Self::CachedInput => "Cached input",
            Self::CacheWrite5m => "Cache write (5-minute TTL)",
            Self::CacheWrite1h => "Cache write (1-hour TTL)",
            Self::CacheWrite30m => "Cache write (30-minute TTL)",
            Self::CacheWrite12h => "Cache write (12-hour TTL)",
            Self::CacheWriteUnknown => "Cache write (TTL not told)",
            Self::InputAudio => "Audio input",
            Self::CachedInputAudio => "Cached audio input",
            Self::InputImage => "Image input",
            Self::OutputAudio => "Audio output",
            Self::OutputImage => "Image output",
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// A text that names no bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such bucket")]
pub struct UnknownBucket;

impl<T: Default> PerBucket<T> {
    /// Every bucket with its value, in rate-card order.
    pub fn iter(&self) -> impl Iterator<Item = (Bucket, &T)> {
        Bucket::ALL
            .iter()
            .map(|bucket| (*bucket, self.get(*bucket)))
    }
}
