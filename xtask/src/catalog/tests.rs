//! What becomes of the lines of the price lists.

use std::path::Path;

use domain::pricing::ServiceTier;

use super::*;

/// Writes a list with these columns filled and all others blank; `~` in a cell stands for a space.
fn list(folder: &Path, name: &str, columns: &[&str], rows: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let mut writer = csv::Writer::from_path(&path).unwrap();
    writer.write_record(columns).unwrap();
    for row in rows {
        let cells: BTreeMap<&str, &str> = row
            .split(' ')
            .map(|cell| cell.split_once('=').unwrap())
            .collect();
        assert!(cells.keys().all(|column| columns.contains(column)), "{row}");
        let cell = |column: &&str| cells.get(column).unwrap_or(&"").replace('~', " ");
        writer.write_record(columns.iter().map(cell)).unwrap();
    }
    writer.flush().unwrap();
    path
}

fn built(models: &[&str], tiers: &[&str]) -> Result<Vec<CatalogModel>, String> {
    let folder = tempfile::tempdir().unwrap();
    let models = list(folder.path(), "models.csv", MODEL_COLUMNS, models);
    let tiers = list(folder.path(), "tiers.csv", TIER_COLUMNS, tiers);
    let lists = List::read(&models, MODEL_COLUMNS)
        .and_then(|models| Ok((models, List::read(&tiers, TIER_COLUMNS)?)));
    lists
        .and_then(|(models, tiers)| build(&models, &tiers))
        .map_err(|error| {
            error
                .to_string()
                .replace(&folder.path().display().to_string(), "")
        })
}

const M: &str =
    "provider_kind=k model_id=m display_name=M mode=chat input_per_mtok=2.50 output_per_mtok=0";

#[test]
fn blank_is_not_published_and_zero_is_free() {
    let models = built(&[M], &[]).unwrap();
    let rates = models[0].card.standard;
    assert_eq!(rates.input, Some("2.5".parse().unwrap()));
    assert_eq!(rates.output, Some("0".parse().unwrap()));
    assert_eq!(rates.cached_input, None);
    assert_eq!(models[0].region, None);
}

#[test]
fn a_price_that_is_only_known_as_zero_is_left_out_with_its_tiers() {
    let zero = format!("{M} agreement=zero web_search_per_1k=10");
    let tier = "provider_kind=k model_id=m tier=batch input_per_mtok=0";
    assert_eq!(
        built(&[&zero], &[tier]).unwrap()[0].card,
        RateCard::default()
    );
}

#[test]
fn a_tier_is_kept_where_something_tells_that_it_holds() {
    let models = built(
        &[M],
        &[
            "provider_kind=k model_id=m tier=fast condition=usage.speed=fast input_per_mtok=5",
            "provider_kind=k model_id=m tier=batch input_per_mtok=1 long_context_threshold=9",
            "provider_kind=k model_id=m tier=off_peak condition=days~6,7~UTC~00:00-00:00 input_per_mtok=1",
        ],
    );
    let models = models.unwrap();
    let tiers: Vec<_> = models[0].card.tiers.iter().map(|tier| tier.tier).collect();
    assert_eq!(
        tiers,
        [ServiceTier::Batch, ServiceTier::Fast, ServiceTier::OffPeak]
    );
    let hours = models[0].card.tiers[2].hours.as_ref().unwrap();
    assert_eq!(hours.to_string(), "days 6,7 UTC 00:00-00:00");
    assert_eq!(
        models[0].card.tiers[0]
            .long_context
            .as_ref()
            .map(|long| long.threshold),
        Some(9)
    );

    let conditional = "provider_kind=k model_id=m tier=flex condition=days input_per_mtok=1";
    let refused = built(&[M], &[conditional]).unwrap_err();
    assert_eq!(
        refused,
        "/tiers.csv, line 2: a condition that pricing does not know"
    );
    let never = "provider_kind=k model_id=m tier=off_peak condition=days input_per_mtok=1";
    let refused = built(&[M], &[never]).unwrap_err();
    assert!(
        refused.starts_with("/tiers.csv, line 2: not hours of the week"),
        "{refused}"
    );
}

#[test]
fn a_line_that_makes_no_sense_is_named() {
    let refused = |models: &[&str], tiers: &[&str]| built(models, tiers).unwrap_err();
    assert_eq!(
        refused(&[M, M], &[]),
        "/models.csv, line 3: this model and region are there twice"
    );
    let bad_rate = format!("{M} cached_input_per_mtok=1e3");
    assert!(refused(&[&bad_rate], &[]).starts_with("/models.csv, line 2: cached_input_per_mtok: "));
    let bad_mode = M.replace("chat", "dance");
    assert!(refused(&[&bad_mode], &[]).starts_with("/models.csv, line 2: mode: unknown variant"));
    let no_threshold = format!("{M} long_input_per_mtok=5");
    let because = "/models.csv, line 2: rates for long prompts, and no threshold";
    assert_eq!(refused(&[&no_threshold], &[]), because);
    let nobody = "provider_kind=k model_id=other tier=batch input_per_mtok=1";
    assert_eq!(
        refused(&[M], &[nobody]),
        "/tiers.csv, line 2: not in the list of models"
    );
}

#[test]
fn a_list_with_other_columns_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let columns: Vec<&str> = TIER_COLUMNS
        .iter()
        .copied()
        .skip(1)
        .chain(["per_request"])
        .collect();
    let path = list(folder.path(), "tiers.csv", &columns, &[]);
    let refused = List::read(&path, TIER_COLUMNS)
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        refused.ends_with("columns missing or unknown: per_request, provider_kind"),
        "{refused}"
    );
}

#[test]
fn rows_that_changed_need_a_new_version() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("models.jsonl");
    let mut models = built(&[M], &[]).unwrap();
    let text = ::catalog::write("2026-11-15", models.clone()).unwrap();
    fs::write(&out, &text).unwrap();
    assert_eq!(unchanged(&out, models.clone()).unwrap(), text);
    models[0].card.standard.output = None;
    assert!(matches!(
        unchanged(&out, models),
        Err(CatalogTaskError::NoVersion)
    ));
}
