//! The foot of a list: which rows these are, how many at once, and the way to the others.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};
use crate::http::fields::Fields;

/// How many rows a page may have.
pub(crate) const SIZES: [usize; 4] = [10, 25, 50, 100];
/// How many it has where nobody says.
pub(crate) const SIZE: usize = 25;

/// Which rows of a list are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice {
    /// The page, from 1 on.
    pub(crate) page: usize,
    /// Rows of a page.
    pub(crate) size: usize,
    /// Rows of the whole list.
    pub(crate) total: usize,
}

impl Slice {
    /// Reads `page` and `rows`. A page behind the last one is the last one.
    pub(crate) fn read(query: &Fields, total: usize) -> Self {
        let size = rows(query);
        let last = total.div_ceil(size).max(1);
        let page = query.text("page").parse().unwrap_or(1).clamp(1, last);
        Self { page, size, total }
    }

    /// The rows of this page.
    pub(crate) fn of<T>(self, list: Vec<T>) -> Vec<T> {
        list.into_iter()
            .skip(self.before())
            .take(self.size)
            .collect()
    }

    const fn before(self) -> usize {
        self.page.saturating_sub(1).saturating_mul(self.size)
    }

    const fn has_next(self) -> bool {
        self.before().saturating_add(self.size) < self.total
    }
}

/// The rows of a page, as the address says.
pub(crate) fn rows(query: &Fields) -> usize {
    query
        .text("rows")
        .parse()
        .ok()
        .filter(|rows| SIZES.contains(rows))
        .unwrap_or(SIZE)
}

/// The pager of a list that is in memory. Its children stand at the left, behind the count.
#[component]
pub(crate) fn Pager(
    slice: Slice,
    query: Fields,
    path: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let from = slice.before() + 1;
    let to = (slice.before() + slice.size).min(slice.total);
    let to_page = |page: usize| {
        let page = if page == 1 {
            String::new()
        } else {
            page.to_string()
        };
        query.clone().with("page", &page).address(&path)
    };
    let previous = (slice.page > 1).then(|| to_page(slice.page - 1));
    let next = slice.has_next().then(|| to_page(slice.page + 1));
    html! {
        <div class="pager">
            <span>{if slice.total == 0 { "0 of 0".to_owned() } else { format!("{from}–{to} of {}", slice.total) }}</span>
            {children.map(|children| children())}
            <div class="end">
                <Rows query=query.clone() path=path.clone()/>
                <Step id="page-previous" address=previous label="Previous page" icon=Icon::Left/>
                <Step id="page-next" address=next label="Next page" icon=Icon::Right/>
            </div>
        </div>
    }
}

/// How many rows a page has.
#[component]
pub(crate) fn Rows(query: Fields, path: String) -> impl IntoView {
    let now = rows(&query);
    let query = query.with("page", "").with("cursor", "").with(BACK, "");
    let sizes = SIZES.map(|size| {
        let address = query
            .clone()
            .with(
                "rows",
                &if size == SIZE {
                    String::new()
                } else {
                    size.to_string()
                },
            )
            .address(&path);
        html! { <a id=format!("rows-{size}") href=address aria-current=(size == now).then_some("true")>{size}</a> }
    });
    html! {
        <span class="rows-label" id="rows-label">"Rows per page"</span>
        <nav class="seg" aria-labelledby="rows-label">{sizes.collect_view()}</nav>
    }
}

/// The pages before the one that is shown, by their cursors, the latest last; the first page has none.
pub(crate) const BACK: &str = "back";
/// So many pages one can go back, one by one.
const STEPS_BACK: usize = 40;

/// The address of the page after this one.
fn older(query: &Fields, next: &str) -> Fields {
    let mut older = query
        .clone()
        .with("open", "")
        .with("follow", "")
        .with("cursor", next)
        .with(BACK, "");
    let here = query.text("cursor");
    let before: Vec<&str> = query.all(BACK).chain([here]).collect();
    let before = before.into_iter().filter(|cursor| !cursor.is_empty());
    let before: Vec<&str> = before.collect();
    let too_many = before.len().saturating_sub(STEPS_BACK);
    for cursor in before.into_iter().skip(too_many) {
        older.push(BACK, cursor);
    }
    older
}

/// The address of the page before this one. `None`: this is the first.
fn newer(query: &Fields) -> Option<Fields> {
    if query.text("cursor").is_empty() {
        return None;
    }
    let before: Vec<&str> = query.all(BACK).collect();
    let mut newer = query
        .clone()
        .with("open", "")
        .with("cursor", "")
        .with(BACK, "");
    if let Some((last, earlier)) = before.split_last() {
        earlier.iter().for_each(|cursor| newer.push(BACK, *cursor));
        newer = newer.with("cursor", last);
    }
    Some(newer)
}

/// The address of the page after this one, for other links to it.
pub(crate) fn older_page(query: &Fields, next: &str, path: &str) -> String {
    older(query, next).address(path)
}

/// The address of the page before this one, for other links to it. `None`: this is the first.
pub(crate) fn newer_page(query: &Fields, path: &str) -> Option<String> {
    newer(query).map(|newer| newer.address(path))
}

/// The foot of a list whose pages follow a cursor, which have no numbers. `rows`: how many these are, in
/// words.
#[component]
pub(crate) fn KeysetPager(
    rows: String,
    next: Option<String>,
    query: Fields,
    path: &'static str,
) -> impl IntoView {
    let is_first = query.text("cursor").is_empty();
    let newest = (!is_first).then(|| {
        let first = query
            .clone()
            .with("open", "")
            .with("cursor", "")
            .with(BACK, "");
        first.address(path)
    });
    let newer = newer_page(&query, path);
    let older = next.map(|cursor| older_page(&query, &cursor, path));
    let words = if is_first {
        format!("{rows}, the newest first")
    } else {
        format!("{rows} further back")
    };
    let step = |id: &'static str,
                rel: Option<&'static str>,
                address: Option<String>,
                label: AnyView| match address {
        Some(address) => {
            html! { <a class="btn sm" id=id rel=rel href=address>{label}</a> }
        }
        None => html! { <span class="btn sm" role="link" aria-disabled="true">{label}</span> },
    };
    html! {
        <div class="pager">
            <span>{words}</span>
            <div class="end">
                <Rows query=query path=path.to_owned()/>
                {step("page-newest", None, newest, html! { "Newest" })}
                {step("page-newer", Some("prev"), newer, html! { <Drawn icon=Icon::Left/>"Newer" })}
                {step("page-older", Some("next"), older, html! { "Older"<Drawn icon=Icon::Right/> })}
            </div>
        </div>
    }
}

/// A step to another page. Where there is none it stands there, off, so that nothing moves.
#[component]
fn Step(
    id: &'static str,
    address: Option<String>,
    label: &'static str,
    icon: Icon,
) -> impl IntoView {
    match address {
        Some(address) => {
            html! { <a class="btn ghost icon sm" id=id href=address aria-label=label title=label><Drawn icon=icon/></a> }
        }
        None => {
            html! { <span class="btn ghost icon sm" role="link" aria-disabled="true" aria-label=label><Drawn icon=icon/></span> }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BACK, STEPS_BACK, Slice, newer, older};
    use crate::http::fields::Fields;

    #[test]
    fn a_page_behind_the_last_is_the_last() {
        let slice = |pairs: &[(&str, &str)], total| {
            let mut query = Fields::default();
            for (name, value) in pairs {
                query.push(*name, *value);
            }
            Slice::read(&query, total)
        };
        assert_eq!(
            slice(&[], 7),
            Slice {
                page: 1,
                size: 25,
                total: 7
            }
        );
        assert_eq!(
            slice(&[("page", "9"), ("rows", "10")], 21),
            Slice {
                page: 3,
                size: 10,
                total: 21
            }
        );
        assert_eq!(
            slice(&[("page", "0"), ("rows", "7")], 0),
            Slice {
                page: 1,
                size: 25,
                total: 0
            }
        );
        assert_eq!(slice(&[("page", "-1")], 30).page, 1);
        assert_eq!(
            slice(&[("page", "2"), ("rows", "10")], 21).of((0..21).collect()),
            (10..20).collect::<Vec<_>>()
        );
    }

    #[test]
    fn one_comes_back_on_the_way_that_one_went() {
        let first = Fields::from([("agent", "bot"), ("open", "x"), ("follow", "on")]);
        assert_eq!(newer(&first), None);
        let second = older(&first, "c1");
        let third = older(&second, "c2");
        let fourth = older(&third, "c3");
        let text = |fields: &Fields| fields.address("");
        assert_eq!(text(&second), "?agent=bot&cursor=c1");
        assert_eq!(text(&fourth), "?agent=bot&cursor=c3&back=c1&back=c2");
        assert_eq!(
            text(&newer(&fourth).unwrap()),
            "?agent=bot&back=c1&cursor=c2"
        );
        assert_eq!(text(&newer(&third).unwrap()), "?agent=bot&cursor=c1");
        assert_eq!(text(&newer(&second).unwrap()), "?agent=bot");
    }

    #[test]
    fn the_way_back_has_an_end() {
        let mut query = Fields::default();
        for page in 0..STEPS_BACK * 2 {
            query = older(&query, &format!("c{page}"));
        }
        assert_eq!(query.all(BACK).count(), STEPS_BACK);
        assert_eq!(query.all(BACK).last(), Some("c78"));
    }
}
