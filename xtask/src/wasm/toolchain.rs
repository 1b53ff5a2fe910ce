//! Which compiler builds for the browser.
//!
//! 1. The toolchain in use, where it has the target.
//! 2. The same after `rustup target add`.
//! 3. Debian's Rust for browsers (packages ending in `-web`). It comes with the source of its standard
//!    library, which is then built along. As root it is installed where it is missing.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{TARGET, WasmTaskError, say};

/// Debian's packages.
pub(super) const PACKAGES: &[&str] = &[
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-llvm",
    "lld-22",
];
/// What they bring.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// A compiler that can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Toolchain {
    /// The one in use.
    InUse,
    /// Debian's, which builds its standard library along.
    Debian,
}

impl Toolchain {
    /// Finds one, or gets one.
    ///
    /// # Errors
    /// [`WasmTaskError::NoToolchain`].
    pub(super) fn find() -> Result<Self, WasmTaskError> {
        if has_target() {
            return Ok(Self::InUse);
        }
        say(&format!("The toolchain lacks {TARGET}; trying rustup"));
        let added = succeeds(Command::new("rustup").args(["target", "add", TARGET]));
        if added && has_target() {
            return Ok(Self::InUse);
        }
        if !has_debian() {
            say(&format!(
                "rustup cannot add it; trying apt-get install {}",
                PACKAGES.join(" ")
            ));
            let install = ["install", "--yes", "--no-install-recommends"];
            let updated = succeeds(Command::new("apt-get").arg("update"));
            let installed =
                updated && succeeds(Command::new("apt-get").args(install).args(PACKAGES));
            if !installed || !has_debian() {
                return Err(WasmTaskError::NoToolchain);
            }
        }
        say("Building with Debian's Rust and its standard library from source");
        Ok(Self::Debian)
    }

    /// Its `cargo`.
    pub(super) fn cargo(self) -> Command {
        match self {
            Self::InUse => {
                Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            }
            Self::Debian => {
                let mut command = Command::new(DEBIAN_CARGO);
                // Compiler and source must be of the same version, so nothing of rustup may get in between.
                for name in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN", "RUSTUP_HOME"] {
                    command.env_remove(name);
                }
                let path = std::env::var("PATH").unwrap_or_default();
                command.env("PATH", format!("/usr/bin:{path}"));
                // The standard library is built with a flag that only this lets a stable compiler take.
                command
                    .env("RUSTC_BOOTSTRAP", "1")
                    .arg("-Zbuild-std=std,panic_abort");
                command
            }
        }
    }
}

/// Whether the toolchain in use has the target's standard library.
fn has_target() -> bool {
    sysroot("rustc").is_some_and(|root| root.join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

/// Whether Debian's compiler is there, with its source.
fn has_debian() -> bool {
    let source = || sysroot(DEBIAN_RUSTC).map(|root| root.join("lib/rustlib/src/rust/library/std"));
    Path::new(DEBIAN_CARGO).exists()
        && Path::new(DEBIAN_RUSTC).exists()
        && source().is_some_and(|source| source.is_dir())
}

fn sysroot(rustc: &str) -> Option<PathBuf> {
    let told = Command::new(rustc)
        .args(["--print", "sysroot"])
        .output()
        .ok()
        .filter(|told| told.status.success())?;
    Some(PathBuf::from(String::from_utf8(told.stdout).ok()?.trim()))
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
