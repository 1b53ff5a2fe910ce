//! How long each page of the console takes until its HTML is there, on a data folder that is as full as
//! one likes (`cargo xtask seed` fills one).

pub(crate) mod console;

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::admin_api::AdminApi;
use crate::cli::PagesOptions;
use crate::error::Error;
use crate::report::{ms, thousands};
use crate::samples::Samples;
use crate::weir::Setting;
use console::Console;

/// Something of a list; what it is called is its id or its name.
#[derive(Debug, Deserialize)]
struct Item {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Items {
    items: Vec<Item>,
}

/// Reads each page again and again; fails where one takes longer than it may.
pub(crate) async fn run(weir: &Path, options: &PagesOptions) -> Result<(), Error> {
    let setting = Setting::new(weir, options.data_dir.clone(), None)?;
    let (running, _) = setting.start().await?;
    let console = Console::sign_in(weir, &options.data_dir, running.address).await?;
    let mut slow = vec![];
    println!(
        "{:<52} {:>9} {:>9} {:>9} {:>9}",
        "page", "bytes", "p50 ms", "p95 ms", "max ms"
    );
    for path in paths(&mut AdminApi::new(running.address)).await? {
        let mut times = Samples::default();
        let mut bytes = console.read(&path).await?;
        for _ in 0..options.rounds {
            let start = Instant::now();
            bytes = console.read(&path).await?;
            times.add(start.elapsed());
        }
        let times = times.sorted();
        let (p50, p95, most) = (
            times.percentile(500),
            times.percentile(950),
            times.percentile(1_000),
        );
        println!(
            "{path:<52} {:>9} {:>9} {:>9} {:>9}",
            thousands(bytes),
            ms(p50),
            ms(p95),
            ms(most)
        );
        if p95 > Duration::from_millis(options.within_ms) {
            slow.push(path);
        }
    }
    running.stop().await?;
    if slow.is_empty() {
        Ok(())
    } else {
        Err(Error::Broken(format!(
            "slower than {} ms at the 95th percentile: {}",
            options.within_ms,
            slow.join(", ")
        )))
    }
}

/// Every page, with the first object of each list.
pub(crate) async fn paths(api: &mut AdminApi) -> Result<Vec<String>, Error> {
    let provider = first(api, "/api/v1/providers?limit=1").await?;
    let token = first(api, "/api/v1/tokens?limit=1").await?;
    let secret = first(api, "/api/v1/secrets?limit=1").await?;
    Ok([
        "/providers".to_owned(),
        "/providers?rows=100".to_owned(),
        "/providers?sort=spend&rows=100".to_owned(),
        "/providers?q=main&status=active".to_owned(),
        "/new-provider".to_owned(),
        "/new-provider?type=bedrock".to_owned(),
        format!("/providers/{provider}"),
        format!("/providers/{provider}/models"),
        format!("/providers/{provider}/connect"),
        format!("/providers/{provider}/activity"),
        format!("/providers/{provider}/edit"),
        "/secrets".to_owned(),
        "/new-secret".to_owned(),
        format!("/secrets/{secret}"),
        "/tokens".to_owned(),
        "/tokens?rows=100".to_owned(),
        "/new-token".to_owned(),
        format!("/tokens/{token}"),
        "/calls".to_owned(),
        "/calls?rows=100".to_owned(),
        format!("/calls?provider={provider}"),
        "/calls?outcome=upstream_error".to_owned(),
        "/calls?range=30d&price_state=unpriced".to_owned(),
        "/usage".to_owned(),
        "/usage?range=90d&group_by=model".to_owned(),
        format!("/usage?provider={provider}"),
        "/usage/report".to_owned(),
        "/repricing".to_owned(),
        "/settings/storage".to_owned(),
        "/audit".to_owned(),
        "/settings".to_owned(),
        "/settings/people".to_owned(),
        "/settings/api-tokens".to_owned(),
        "/settings/catalog".to_owned(),
        "/account/password".to_owned(),
        "/find?q=gpt".to_owned(),
        "/keys".to_owned(),
    ]
    .to_vec())
}

async fn first(api: &mut AdminApi, list: &str) -> Result<String, Error> {
    let items: Items = api.get(list).await?;
    let first = items.items.into_iter().next();
    first
        .and_then(|item| item.id.or(item.name))
        .ok_or_else(|| Error::Broken(format!("{list} lists nothing; fill the folder first")))
}
