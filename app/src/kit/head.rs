//! The head of a page.

use leptos::prelude::*;

/// A step on the way to a page: its words and its address.
pub(crate) type Crumb = (&'static str, String);

/// Title, one sentence, and the page's actions.
#[component]
pub(crate) fn PageHead(
    #[prop(into)] title: String,
    #[prop(optional, into)] lede: String,
    /// Where the page is below others. The page itself comes last.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    #[prop(optional, into)] here: String,
    /// What stands before the title.
    #[prop(optional, into)]
    before: Option<AnyView>,
    /// What stands behind the title.
    #[prop(optional, into)]
    after: Option<AnyView>,
    /// The actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let way = (!crumbs.is_empty()).then(|| {
        html! {
            <nav class="crumbs" aria-label="Where you are">
                {crumbs.into_iter().map(|(label, address)| html! {
                    <a href=address>{label}</a><span aria-hidden="true">"/"</span>
                }).collect_view()}
                <span class="cut" aria-current="page">{here}</span>
            </nav>
        }
    });
    html! {
        <header class="page-head">
            <div>
                {way}
                <div class="title-row">{before}<h1>{title}</h1>{after}</div>
                {(!lede.is_empty()).then(|| html! { <p class="lede">{lede}</p> })}
            </div>
            {children.map(|children| html! { <div class="actions">{children()}</div> })}
        </header>
    }
}
