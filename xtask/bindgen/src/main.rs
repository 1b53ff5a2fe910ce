//! Writes the JavaScript half of a wasm file: `xtask-bindgen <in.wasm> <out folder> <name>`.
//!
//! A program of its own, so that only `cargo xtask wasm` compiles the wasm tools, and nothing else does.

use std::{error::Error, path::PathBuf};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let (Some(input), Some(folder), Some(name)) = (args.next(), args.next(), args.next()) else {
        return Err("usage: xtask-bindgen <in.wasm> <out folder> <name>".into());
    };
    let name = name.into_string().map_err(|_| "the name is not UTF-8")?;
    Bindgen::new()
        .input_path(PathBuf::from(input))
        .out_name(&name)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(PathBuf::from(folder))?;
    Ok(())
}
