//! The interactive parts. Rendered by the server like everything else, then woken in the browser;
//! without script each of them is still a plain field, link or button that works.
//!
//! Code in here and what it calls is all that is compiled to WebAssembly: keep it small, and know
//! nothing of pages, admin or HTTP.

// The macro writes public structs and functions that nobody but the macro sees.
#![allow(missing_docs, reason = "written by #[island]")]

mod acts;
mod address;
mod copy;
mod dom;
mod focus;
mod following;
mod identity;
mod keyboard;
mod leaving;
mod menus;
mod models;
mod narrow;
mod palette;
mod password;
mod picker_keys;
pub(crate) mod rate;
mod references;
mod summary;
mod swap;
mod testing;
mod theme;
mod toasts;

#[cfg(feature = "ssr")]
pub(crate) use {
    address::CompatibleAddress, copy::CopyButton, identity::IdentityFields, keyboard::Keyboard,
    models::LiveModels, narrow::NarrowBoxes, palette::Palette, password::PasswordField,
    summary::Summary, swap::LiveLists, testing::Testing, theme::ThemeSwitch,
};
