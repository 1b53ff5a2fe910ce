//! Texts that people and callers write: amounts, rates, hours, addresses, regions, roles, credentials, ids.
//! What is taken is written again as it was meant.
#![no_main]

use std::{fmt::Display, str::FromStr};

use domain::{
    ProviderId,
    money::{UsdPerMtok, UsdPerThousand},
    pricing::WeeklyHours,
    provider::{ApiVersion, AwsCredentials, AzureAddress, BaseUrl, Region, RoleArn},
};
use libfuzzer_sys::fuzz_target;

fn again<T: FromStr + Display + PartialEq>(text: &str) -> Option<T> {
    let read: T = text.parse().ok()?;
    let written = read.to_string();
    assert!(
        written
            .parse::<T>()
            .is_ok_and(|read_again| read_again == read),
        "{text:?} as {written:?}"
    );
    Some(read)
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Some(rate) = again::<UsdPerMtok>(&text) {
        assert!(
            rate.cost_of(u64::MAX).0 >= 0 && rate.cost_of(0).0 == 0,
            "{text}"
        );
    }
    again::<UsdPerThousand>(&text);
    if let Some(address) = again::<BaseUrl>(&text) {
        let url = address.url();
        assert!(
            matches!(url.scheme(), "http" | "https") && url.host().is_some(),
            "{text}"
        );
    }
    again::<ApiVersion>(&text);
    if let Ok(address) = AzureAddress::from_str(&text) {
        let kept = address.base_url.as_str();
        assert_eq!(
            AzureAddress::from_str(kept).ok().map(|again| again.base_url),
            Some(address.base_url.clone()),
            "{text:?} as {kept:?}"
        );
    }
    if let Some(region) = again::<Region>(&text) {
        let host = format!(
            "https://{}/",
            region.bedrock_runtime(true).trim_start_matches("https://")
        );
        let host = url::Url::parse(&host).expect("an address");
        assert!(
            host.host_str()
                .is_some_and(|host| host.contains(".amazonaws.")),
            "{host}"
        );
    }
    let _ = RoleArn::from_str(&text);
    let _ = WeeklyHours::from_str(&text).map(|hours| hours.hold_at(domain::Timestamp::UNIX_EPOCH));
    let _ = domain::Timestamp::from_str(&text);
    if let Some(id) = ProviderId::derive(&text) {
        assert!(
            ProviderId::new(id.as_str()).is_ok()
                && ProviderId::new(id.numbered(42).as_str()).is_ok()
        );
    }
    if let Ok(credentials) = serde_json::from_slice::<AwsCredentials>(bytes) {
        let written = serde_json::to_vec(&credentials).expect("JSON");
        assert_eq!(
            serde_json::from_slice::<AwsCredentials>(&written).ok(),
            Some(credentials)
        );
    }
});
