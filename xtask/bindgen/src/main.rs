//! The heavy half of `cargo xtask wasm`, in a program of its own so that nothing else compiles it.
//!
//! | command | what it does |
//! |---|---|
//! | `bind IN.wasm FOLDER NAME` | writes `NAME_bg.wasm` and the JavaScript that loads it |
//! | `pack FILE…` | writes `FILE.br` and `FILE.gz` beside each file |

use std::{
    error::Error,
    ffi::{OsStr, OsString},
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: xtask-bindgen bind IN.wasm FOLDER NAME | pack FILE…";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    match args
        .iter()
        .map(OsString::as_os_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [command, input, folder, name] if *command == OsStr::new("bind") => bind(
            Path::new(input),
            Path::new(folder),
            name.to_str().ok_or(USAGE)?,
        ),
        [command, files @ ..] if *command == OsStr::new("pack") => {
            files.iter().try_for_each(|file| pack(Path::new(file)))
        }
        _ => Err(USAGE.into()),
    }
}

fn bind(input: &Path, folder: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    Bindgen::new()
        .input_path(input)
        .out_name(name)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)?;
    Ok(())
}

fn pack(file: &Path) -> Result<(), Box<dyn Error>> {
    let plain = fs::read(file)?;
    let mut packed = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, 11, 24);
        writer.write_all(&plain)?;
        writer.flush()?;
    }
    fs::write(beside(file, ".br"), packed)?;
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(&plain)?;
    fs::write(beside(file, ".gz"), writer.finish()?)?;
    Ok(())
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
