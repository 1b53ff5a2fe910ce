//! Light or dark: remembered in a cookie, so that the first paint is right.

use axum::response::Response;
use http::HeaderMap;

use super::{fields::Fields, remembered};

/// The cookie. Not secret, and read by the switch itself.
pub(crate) const COOKIE: &str = "weir_theme";

/// How the console looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// As the system is set.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The name in the cookie, in the form and in `data-theme`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn read(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// The theme that a request's cookie asks for.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        remembered::read(headers, COOKIE).map_or(Self::Auto, Self::read)
    }
}

/// `POST /theme`: what the switch does where no script runs.
pub(crate) async fn change(fields: Fields) -> Response {
    let theme = Theme::read(fields.text("theme"));
    remembered::remember(COOKIE, theme.key(), fields.text("back"))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::Theme;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        assert_eq!(Theme::of(&headers), Theme::Auto);
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("weir_session=x; weir_theme=dark"),
        );
        assert_eq!(Theme::of(&headers), Theme::Dark);
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("weir_theme=<script>"),
        );
        assert_eq!(Theme::of(&headers), Theme::Auto);
    }
}
