//! The script that draws the console's charts: `charts/charts.js` with what it uses of ECharts, in one file.

use std::{fs, path::Path, process::Command};

use super::{Args, WasmTaskError, file_error, fingerprint, install, report, run_to_end, say, tool};

/// What the script is built from.
const INPUTS: &[&str] = &[
    "charts/charts.js",
    "charts/package-lock.json",
    "xtask/src/wasm/charts.rs",
];

/// Builds it into `target/site/pkg/charts.js`. Without npm the console's charts are tables.
pub(super) fn build(root: &Path, args: &Args) -> Result<(), WasmTaskError> {
    let file = root.join("target/site/pkg/charts.js");
    let stamp = root.join("target/charts.inputs");
    let inputs = fingerprint(root, INPUTS)?;
    let files = [file];
    let [file] = &files;
    if !args.force && file.exists() && fs::read_to_string(&stamp).is_ok_and(|text| text == inputs) {
        say("Nothing has changed since the charts' script was built");
        return Ok(());
    }
    // A build that dies half-way must not pass for one that is done.
    let _ = fs::remove_file(&stamp);
    let home = root.join("charts");
    let bundler = home.join("node_modules/.bin/esbuild");
    if !is_installed(&home) && install(&home).is_err() {
        say("Without npm there is no script that draws charts: the console shows their tables");
        return Ok(());
    }
    run_to_end(
        Command::new(bundler)
            .current_dir(&home)
            .args(["charts.js", "--bundle", "--minify", "--format=iife"])
            .args([
                "--target=es2022",
                "--log-level=warning",
                "--legal-comments=eof",
            ])
            .arg(format!("--outfile={}", file.display())),
    )?;
    run_to_end(tool(root, args).arg("pack").args(&files))?;
    fs::write(&stamp, inputs).map_err(|error| file_error(&stamp, error))?;
    report(&files)
}

/// Whether the packages are there that the lock file names: npm notes what it installed in a file of its own.
fn is_installed(home: &Path) -> bool {
    let changed = |file: &str| {
        let file = fs::metadata(home.join(file));
        file.and_then(|file| file.modified())
    };
    let noted = changed("node_modules/.package-lock.json");
    let locked = changed("package-lock.json");
    matches!((noted, locked), (Ok(noted), Ok(locked)) if noted >= locked)
}
