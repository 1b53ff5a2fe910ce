//! Markdown as HTML: paragraphs, lists, tables, code, emphasis. HTML in it is text, pictures are told and
//! not fetched, links say where they lead. Headings are bold lines, so that the page's own stay the only ones.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use super::{Html, links};

/// How deep things may stand in each other; deeper ones are plain text.
const DEEPEST: usize = 24;

/// What ends an element that was begun.
enum End {
    /// The end of an element.
    Markup(&'static str),
    /// Where a link leads to that may be followed; nothing where its text says so already.
    Link { shows: Option<String> },
    /// Where something leads to that may not be followed or fetched.
    Address {
        address: String,
        markup: &'static str,
    },
    /// Nothing was begun.
    Nothing,
}

/// Writes a text.
pub(super) fn write(html: &mut Html, text: &str) {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut open = vec![];
    let mut in_table_head = false;
    for event in Parser::new_ext(text, options) {
        if html.is_full {
            break;
        }
        match event {
            Event::Start(tag) => {
                in_table_head |= matches!(tag, Tag::TableHead);
                let is_deep = open.len() >= DEEPEST;
                open.push(if is_deep {
                    End::Nothing
                } else {
                    begin(html, tag, in_table_head)
                });
            }
            Event::End(tag) => {
                in_table_head &= tag != TagEnd::TableHead;
                if let Some(it) = open.pop() {
                    end(html, it);
                }
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => html.text(&text),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                html.markup("<code>");
                html.text(&text);
                html.markup("</code>");
            }
            Event::FootnoteReference(name) => html.text(&format!("[^{name}]")),
            Event::SoftBreak | Event::HardBreak => html.markup("\n"),
            Event::Rule => html.markup("<hr>"),
            Event::TaskListMarker(is_done) => html.markup(if is_done { "☑ " } else { "☐ " }),
        }
    }
    while let Some(it) = open.pop() {
        end(html, it);
    }
}

fn begin(html: &mut Html, tag: Tag<'_>, in_table_head: bool) -> End {
    let (begins, ends) = match tag {
        Tag::Paragraph
        | Tag::HtmlBlock
        | Tag::FootnoteDefinition(_)
        | Tag::DefinitionList
        | Tag::DefinitionListTitle
        | Tag::DefinitionListDefinition
        | Tag::MetadataBlock(_) => ("<p>", "</p>"),
        Tag::Heading {
            level: HeadingLevel::H1 | HeadingLevel::H2,
            ..
        } => (r#"<p class="head large">"#, "</p>"),
        Tag::Heading { .. } => (r#"<p class="head">"#, "</p>"),
        Tag::BlockQuote(_) => ("<blockquote>", "</blockquote>"),
        Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) => ("<pre>", "</pre>"),
        Tag::List(None) => ("<ul>", "</ul>"),
        Tag::List(Some(first)) => {
            html.markup(r#"<ol start=""#);
            html.number(first);
            (r#"">"#, "</ol>")
        }
        Tag::Item => ("<li>", "</li>"),
        Tag::Table(_) => (
            r#"<div class="scrolls" role="group" aria-label="Table" tabindex="0"><table>"#,
            "</table></div>",
        ),
        Tag::TableHead => ("<thead><tr>", "</tr></thead>"),
        Tag::TableRow => ("<tr>", "</tr>"),
        Tag::TableCell if in_table_head => (r#"<th scope="col">"#, "</th>"),
        Tag::TableCell => ("<td>", "</td>"),
        Tag::Emphasis => ("<em>", "</em>"),
        Tag::Strong => ("<strong>", "</strong>"),
        Tag::Strikethrough => ("<del>", "</del>"),
        Tag::Superscript => ("<sup>", "</sup>"),
        Tag::Subscript => ("<sub>", "</sub>"),
        Tag::Link {
            link_type,
            dest_url,
            ..
        } => return link(html, link_type, &dest_url),
        Tag::Image { dest_url, .. } => {
            html.markup(r#"<span class="told">Picture, not fetched: "#);
            let address = dest_url.into_string();
            return End::Address {
                address,
                markup: "</span>",
            };
        }
    };
    html.markup(begins);
    End::Markup(ends)
}

fn link(html: &mut Html, kind: LinkType, address: &str) -> End {
    let address = match kind {
        LinkType::Email => format!("mailto:{address}"),
        _ => address.to_owned(),
    };
    let Some(followed) = links::followed(&address) else {
        return End::Address {
            address,
            markup: "",
        };
    };
    // Half an address would lead elsewhere.
    if !html.fits(followed.len().saturating_mul(6)) {
        html.is_full = true;
        return End::Nothing;
    }
    html.markup(r#"<a rel="noopener noreferrer nofollow" href=""#);
    html.text(&followed);
    html.markup(r#"">"#);
    let says_so = matches!(kind, LinkType::Autolink | LinkType::Email) && followed == address;
    End::Link {
        shows: (!says_so).then_some(followed),
    }
}

fn end(html: &mut Html, it: End) {
    match it {
        End::Markup(markup) => html.markup(markup),
        End::Link { shows } => {
            html.markup("</a>");
            if let Some(leads_to) = shows {
                address(html, &leads_to);
            }
        }
        End::Address {
            address: leads_to,
            markup,
        } => {
            address(html, &leads_to);
            html.markup(markup);
        }
        End::Nothing => {}
    }
}

/// Where something leads to, behind it.
fn address(html: &mut Html, address: &str) {
    html.markup(r#" <span class="leads">("#);
    html.text(address);
    html.markup(")</span>");
}

#[cfg(test)]
mod tests {
    use super::super::{Look, show};

    fn check(text: &str, expected: &str) {
        let shown = show(text, Look::Markdown, 100_000, 100_000);
        assert_eq!(shown.html, expected, "{text}");
        assert!(!shown.is_cut, "{text}");
    }

    #[test]
    fn what_people_write_reads_well() {
        check(
            "One\ntwo\n\n**Three** *four* ~~five~~ `six`",
            "<p>One\ntwo</p><p><strong>Three</strong> <em>four</em> <del>five</del> <code>six</code></p>",
        );
        check(
            "# Title\n### Part",
            r#"<p class="head large">Title</p><p class="head">Part</p>"#,
        );
        check("3. a\n4. b\n", r#"<ol start="3"><li>a</li><li>b</li></ol>"#);
        check(
            "- [x] done\n- [ ] not",
            "<ul><li>☑ done</li><li>☐ not</li></ul>",
        );
        check("> so\n\n---", "<blockquote><p>so</p></blockquote><hr>");
        check("```html\n<b>\n```", "<pre>&lt;b&gt;\n</pre>");
        check(
            "|a|b|\n|-|-|\n|1|2|",
            r#"<div class="scrolls" role="group" aria-label="Table" tabindex="0"><table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tr><td>1</td><td>2</td></tr></table></div>"#,
        );
    }

    #[test]
    fn html_is_text() {
        check(
            "a <b onclick=x>c</b>",
            "<p>a &lt;b onclick=x&gt;c&lt;/b&gt;</p>",
        );
        check(
            "<script>\nalert(1)\n</script>",
            "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>",
        );
        check(
            "<svg/onload=alert(1)>",
            "<p>&lt;svg/onload=alert(1)&gt;</p>",
        );
        check(
            "&lt;img src=x&gt; &#x202e;",
            r#"<p>&lt;img src=x&gt; <span class="odd">U+202E</span></p>"#,
        );
    }

    #[test]
    fn links_say_where_they_lead_and_others_are_text() {
        check(
            "[bank](https://evil.example/?a=1&b=2)",
            r#"<p><a rel="noopener noreferrer nofollow" href="https://evil.example/?a=1&amp;b=2">bank</a> <span class="leads">(https://evil.example/?a=1&amp;b=2)</span></p>"#,
        );
        check(
            "<https://example.com/>, <ada@example.com>",
            r#"<p><a rel="noopener noreferrer nofollow" href="https://example.com/">https://example.com/</a>, <a rel="noopener noreferrer nofollow" href="mailto:ada@example.com">ada@example.com</a></p>"#,
        );
        check(
            "[x](javascript:alert%281%29)",
            r#"<p>x <span class="leads">(javascript:alert%281%29)</span></p>"#,
        );
        check(
            "[x](/settings)",
            r#"<p>x <span class="leads">(/settings)</span></p>"#,
        );
        check(
            r#"[x](https://e.example/"onmouseover="alert(1))"#,
            r#"<p><a rel="noopener noreferrer nofollow" href="https://e.example/%22onmouseover=%22alert(1)">x</a> <span class="leads">(https://e.example/%22onmouseover=%22alert(1))</span></p>"#,
        );
    }

    #[test]
    fn pictures_are_told() {
        check(
            "![a *cat*](https://evil.example/p.png)",
            r#"<p><span class="told">Picture, not fetched: a <em>cat</em> <span class="leads">(https://evil.example/p.png)</span></span></p>"#,
        );
    }

    #[test]
    fn however_deep_it_ends_and_is_closed() {
        for text in [
            ">".repeat(50_000),
            "- ".repeat(20_000),
            "*a ".repeat(30_000),
            "[".repeat(50_000),
            "![](".repeat(20_000),
        ] {
            let shown = show(&text, Look::Markdown, 200_000, 50_000);
            assert!(shown.html.len() < 60_000, "{}", shown.html.len());
            let count = |tag: &str| shown.html.matches(tag).count();
            for (begins, ends) in [
                ("<blockquote>", "</blockquote>"),
                ("<ul>", "</ul>"),
                ("<li>", "</li>"),
                ("<p", "</p>"),
                ("<em>", "</em>"),
            ] {
                assert_eq!(count(begins), count(ends), "{begins}");
            }
        }
    }
}
