//! `cargo xtask wasm`: builds the browser's half of the console into `target/site/pkg`.
//!
//! | step | how |
//! |---|---|
//! | 1. compile `frontend` for `wasm32-unknown-unknown` | with whatever compiler can, see [`toolchain`] |
//! | 2. write the JavaScript that loads it | `xtask-bindgen bind` |
//! | 3. make it small | `wasm-opt` of the npm package `binaryen` (left out where there is no npm) |
//! | 4. compress it | `xtask-bindgen pack` |
//! | 5. the script that draws charts | [`charts`] |
//!
//! Nothing is done where neither the sources nor what was built from them have changed. The style sheet is
//! no part of this: the console carries it as it is.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

mod charts;
mod toolchain;

use toolchain::Toolchain;

/// The target.
const TARGET: &str = "wasm32-unknown-unknown";
/// The name of the files.
const NAME: &str = "weir";
/// What the wasm file is built from. Folders are read whole.
const INPUTS: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "app/Cargo.toml",
    "app/src/fields.rs",
    "app/src/islands",
    "app/src/kit",
    "app/src/lib.rs",
    "app/src/provider_form",
    "crates/domain",
    "frontend",
    "xtask/bindgen",
    "xtask/package-lock.json",
    "xtask/src/wasm.rs",
];
/// Features by name: with all of them `wasm-opt` writes what browsers refuse.
const OPTIMISE: &[&str] = &[
    "-Oz",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What to build with.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Build even where nothing has changed.
    #[arg(long)]
    force: bool,
    /// Where the compiler keeps its work.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/wasm"))]
    target_dir: PathBuf,
}

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WasmTaskError {
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("{program} could not be run: {error}")]
    Start { program: String, error: io::Error },
    #[error("{program} failed; what it said stands above")]
    Failed { program: String },
    #[error(
        "nothing here can compile for {TARGET}: add the target to the toolchain (`rustup target add {TARGET}`), \
         or install Debian's packages {}",
        toolchain::PACKAGES.join(", ")
    )]
    NoToolchain,
}

/// Builds the wasm half, and the script that draws charts.
pub(crate) fn run(args: &Args) -> Result<(), WasmTaskError> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    build(root, args)?;
    charts::build(root, args)
}

fn build(root: &Path, args: &Args) -> Result<(), WasmTaskError> {
    let folder = root.join("target/site/pkg");
    let files = [
        folder.join(format!("{NAME}.js")),
        folder.join(format!("{NAME}_bg.wasm")),
    ];
    let stamp = root.join("target/site.inputs");
    let inputs = fingerprint(root, INPUTS)?;
    let is_built = files.iter().all(|file| file.exists());
    if !args.force && is_built && fs::read_to_string(&stamp).is_ok_and(|text| text == inputs) {
        say("Nothing has changed since the last wasm build");
        return report(&files);
    }
    // A build that dies half-way must not pass for one that is done.
    let _ = fs::remove_file(&stamp);

    let toolchain = Toolchain::find()?;
    run_to_end(
        toolchain
            .cargo()
            .current_dir(root)
            .args([
                "build",
                "--package",
                "weir-frontend",
                "--profile",
                "wasm-release",
            ])
            .args(["--target", TARGET, "--target-dir"])
            .arg(&args.target_dir),
    )?;
    let compiled = args
        .target_dir
        .join(TARGET)
        .join("wasm-release/weir_frontend.wasm");

    fs::create_dir_all(&folder).map_err(|error| file_error(&folder, error))?;
    run_to_end(
        tool(root, args)
            .arg("bind")
            .arg(&compiled)
            .arg(&folder)
            .arg(NAME),
    )?;
    let [_, program] = &files;
    optimise(root, program)?;
    run_to_end(tool(root, args).arg("pack").args(&files))?;
    fs::write(&stamp, inputs).map_err(|error| file_error(&stamp, error))?;
    report(&files)
}

/// `xtask-bindgen`, built where that is not done yet.
fn tool(root: &Path, args: &Args) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root)
        .args([
            "run",
            "--quiet",
            "--package",
            "xtask-bindgen",
            "--target-dir",
        ])
        .arg(&args.target_dir)
        .arg("--");
    command
}

/// Makes the file smaller, where npm or what it installed is there.
fn optimise(root: &Path, program: &Path) -> Result<(), WasmTaskError> {
    let home = root.join("xtask");
    let optimiser = home.join("node_modules/.bin/wasm-opt");
    if !optimiser.exists() && install(&home).is_err() {
        say("Without npm there is no wasm-opt: the file stays larger than it need be");
        return Ok(());
    }
    run_to_end(
        Command::new(optimiser)
            .args(OPTIMISE)
            .arg(program)
            .arg("-o")
            .arg(program),
    )
}

/// Installs the npm packages of a folder.
fn install(home: &Path) -> Result<(), WasmTaskError> {
    let install = ["ci", "--no-fund", "--no-audit", "--ignore-scripts"];
    run_to_end(Command::new("npm").current_dir(home).args(install))
}

/// One text that changes with any of the inputs.
fn fingerprint(root: &Path, inputs: &[&str]) -> Result<String, WasmTaskError> {
    let mut hasher = DefaultHasher::new();
    for input in inputs {
        add(&root.join(input), &mut hasher)?;
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> Result<(), WasmTaskError> {
    let error = |error| file_error(path, error);
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = fs::read_dir(path)
            .map_err(error)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        entries.sort();
        return entries.iter().try_for_each(|entry| add(entry, hasher));
    }
    path.hash(hasher);
    fs::read(path).map_err(error)?.hash(hasher);
    Ok(())
}

/// Says how large what was built is: as it is, and as it travels.
fn report(files: &[PathBuf]) -> Result<(), WasmTaskError> {
    for file in files {
        let size = |ending: &str| {
            let path = PathBuf::from(format!("{}{ending}", file.display()));
            fs::metadata(&path)
                .map(|data| data.len().div_ceil(1024))
                .map_err(|error| file_error(&path, error))
        };
        let (plain, brotli, gzip) = (size("")?, size(".br")?, size(".gz")?);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        say(&format!(
            "target/site/pkg/{name}: {plain} KiB, {brotli} KiB with brotli, {gzip} KiB with gzip"
        ));
    }
    Ok(())
}

fn run_to_end(command: &mut Command) -> Result<(), WasmTaskError> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(WasmTaskError::Failed { program }),
        Err(error) => Err(WasmTaskError::Start { program, error }),
    }
}

fn file_error(path: &Path, error: io::Error) -> WasmTaskError {
    WasmTaskError::File {
        path: path.to_owned(),
        error,
    }
}

fn say(words: &str) {
    let _ = writeln!(io::stdout(), "{words}");
}
