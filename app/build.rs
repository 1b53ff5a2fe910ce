//! Sees to it that the folder which `cargo xtask wasm` fills exists, so that the console builds without
//! its wasm half, and is built again when that half changes.

use std::{error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let site = here.join("../target/site/pkg");
    fs::create_dir_all(&site)?;
    println!("cargo::rerun-if-changed={}", site.display());
    println!(
        "cargo::rerun-if-changed={}",
        here.join("../style").display()
    );
    Ok(())
}
