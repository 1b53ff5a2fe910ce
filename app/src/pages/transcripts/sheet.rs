//! The room that a page has for what was said. Whatever was sent, a page stays so small that a browser shows
//! it at once: texts are cut, and what does not fit any more is counted and can be opened by itself.

use leptos::prelude::*;

use super::text::{self, Look};
use crate::format::size;

/// Bytes of HTML for all texts of a page.
const PAGE: usize = 320_000;
/// Bytes of one text.
const TEXT: usize = 5_000;
/// Bytes of HTML for the turn that is shown whole.
const TURN: usize = 480_000;
/// Bytes of one text in it.
const TEXT_OF_TURN: usize = 160_000;
/// What a part of a message takes besides its text.
const FRAME: usize = 600;

/// The room that is left, and what was written into it.
#[derive(Debug)]
pub(super) struct Sheet {
    left: usize,
    most: usize,
    /// Where the same is shown whole. `None`: this is it.
    whole: Option<String>,
}

/// A text that was put on a page.
pub(super) struct Put {
    /// It.
    pub(super) view: AnyView,
    /// Whether all of it is there.
    pub(super) is_whole: bool,
}

impl Sheet {
    /// For the turns of a page together.
    pub(super) const fn of_page() -> Self {
        Self {
            left: PAGE,
            most: TEXT,
            whole: None,
        }
    }

    /// For a turn that is shown whole, as far as a page can.
    pub(super) const fn of_turn() -> Self {
        Self {
            left: TURN,
            most: TEXT_OF_TURN,
            whole: None,
        }
    }

    /// Says where the turn that comes next is shown whole.
    pub(super) fn next_turn(&mut self, whole: Option<String>) {
        self.whole = whole;
    }

    /// Begins a part of a message. Whether there is room for it.
    pub(super) const fn begin(&mut self) -> bool {
        let fits = self.left >= FRAME;
        self.left = self.left.saturating_sub(FRAME);
        fits
    }

    /// Takes room for a text that stands in the page a second time, to be copied. Whether there is some.
    pub(super) const fn take(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.left && bytes <= TEXT;
        if fits {
            self.left -= bytes;
        }
        fits
    }

    /// Puts a text down.
    pub(super) fn text(&mut self, text: &str, look: Look, class: &'static str) -> Put {
        let room = self.left.min(self.most.saturating_mul(3));
        let shown = text::show(text, look, self.most, room);
        self.left = self.left.saturating_sub(shown.html.len());
        let cut = shown.is_cut.then(|| self.cut(text.len()));
        let view = html! { <div class=class dir="auto" inner_html=shown.html></div>{cut} };
        Put {
            view,
            is_whole: !shown.is_cut,
        }
    }

    fn cut(&self, bytes: usize) -> AnyView {
        let words = format!(
            "Only the beginning is shown: all of it is {}. ",
            told(bytes)
        );
        let way = match self.whole.clone() {
            Some(whole) => html! { <a href=whole>"Show more of this turn"</a> },
            None => html! { "It is whole in the raw body, as far as that was kept." },
        };
        html! { <p class="cut-here">{words}{way}</p> }
    }

    /// What stands where parts of a turn are left out.
    pub(super) fn left_out(&self) -> AnyView {
        let way = match self.whole.clone() {
            Some(whole) => html! { <a href=whole>"Show more of this turn"</a> },
            None => html! { "The raw bodies have all that was kept." },
        };
        html! { <p class="cut-here">"There is more than one page can show. "{way}</p> }
    }
}

/// How long a text is.
pub(super) fn told(bytes: usize) -> String {
    size::of(u64::try_from(bytes).unwrap_or(u64::MAX))
}
