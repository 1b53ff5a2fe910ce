//! The page, rendered from the document: what the document says is what the page shows.

use super::{STYLE_PATH, html::Html, tree::Tree};
use crate::problem;

/// Where a schema stands in the document.
const SCHEMA_PLACE: &str = "#/components/schemas/";
/// The methods of a path, in the order in which they are shown.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// Renders an OpenAPI document.
pub(crate) fn render(document: &Tree) -> String {
    let mut page = Html::default();
    let title = document.text("info/title");
    page.tags("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
        .text(title)
        .tags("</title><link rel=\"stylesheet\" href=\"")
        .text(STYLE_PATH)
        .tags("\"></head><body><header><h1>")
        .text(title)
        .tags("</h1><p class=\"version\">Version ")
        .text(document.text("info/version"))
        .tags(" · <a href=\"")
        .text(super::DOCUMENT_PATH)
        .tags("\">openapi.json</a></p></header><nav aria-label=\"Contents\">");
    contents(&mut page, document);
    page.tags("</nav><main><section id=\"about\"><h2>About</h2>")
        .prose(document.text("info/description"))
        .tags("</section>");
    for tag in document.list("tags") {
        tagged(&mut page, document, tag);
    }
    errors(&mut page);
    page.tags("<section id=\"schemas\"><h2>Schemas</h2>");
    for (name, schema) in document.fields("components/schemas") {
        page.open_with_id("section", &schema_id(name))
            .element("h3", name);
        described_schema(&mut page, schema);
        page.tags("</section>");
    }
    page.tags("</section></main></body></html>");
    page.into_text()
}

fn contents(page: &mut Html, document: &Tree) {
    page.tags("<ul><li>").link("about", "About").tags("</li>");
    for tag in document.list("tags") {
        let name = tag.text("name");
        page.tags("<li>").link(&anchor(name), name).tags("<ul>");
        for operation in operations(document, name) {
            page.tags("<li>")
                .link(operation.id(), operation.summary())
                .tags("</li>");
        }
        page.tags("</ul></li>");
    }
    page.tags("<li>")
        .link("errors", "Errors")
        .tags("</li><li>")
        .link("schemas", "Schemas")
        .tags("<ul>");
    for (name, _) in document.fields("components/schemas") {
        page.tags("<li>").link(&schema_id(name), name).tags("</li>");
    }
    page.tags("</ul></li></ul>");
}

/// One method of one path.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    tree: &'a Tree,
}

impl<'a> Operation<'a> {
    fn id(&self) -> &'a str {
        self.tree.text("operationId")
    }

    fn summary(&self) -> &'a str {
        self.tree.text("summary")
    }
}

fn operations<'a>(document: &'a Tree, tag: &'a str) -> impl Iterator<Item = Operation<'a>> {
    document.fields("paths").flat_map(move |(path, item)| {
        METHODS
            .iter()
            .filter_map(move |method| item.at(method).map(|tree| Operation { method, path, tree }))
            .filter(move |operation| {
                operation
                    .tree
                    .list("tags")
                    .any(|name| name.as_text() == tag)
            })
    })
}

fn tagged(page: &mut Html, document: &Tree, tag: &Tree) {
    let name = tag.text("name");
    page.open_with_id("section", &anchor(name))
        .element("h2", name)
        .prose(tag.text("description"));
    for operation in operations(document, name) {
        described_operation(page, &operation);
    }
    page.tags("</section>");
}

fn described_operation(page: &mut Html, operation: &Operation<'_>) {
    page.open_with_id("article", operation.id())
        .element("h3", operation.summary());
    page.tags("<p class=\"route\"><span class=\"method ")
        .text(operation.method)
        .tags("\">")
        .text(&operation.method.to_uppercase())
        .tags("</span> <code>")
        .text(operation.path)
        .tags("</code></p>")
        .prose(operation.tree.text("description"));
    parameters(page, operation.tree);
    body(page, operation.tree);
    responses(page, operation.tree);
    page.tags("</article>");
}

fn parameters(page: &mut Html, operation: &Tree) {
    let mut rows = operation.list("parameters").peekable();
    if rows.peek().is_none() {
        return;
    }
    page.element("h4", "Parameters");
    table(page, &["Name", "In", "Type", "Meaning"]);
    for parameter in rows {
        page.tags("<tr><td><code>")
            .text(parameter.text("name"))
            .tags("</code>");
        if parameter.text("required") == "true" {
            page.tags(" <em>required</em>");
        }
        page.tags("</td><td>")
            .text(parameter.text("in"))
            .tags("</td><td>");
        schema_at(page, parameter, "schema");
        page.tags("</td><td>")
            .inline(parameter.text("description"))
            .tags("</td></tr>");
    }
    end_table(page);
}

fn body(page: &mut Html, operation: &Tree) {
    let mut contents = operation.fields("requestBody/content").peekable();
    if contents.peek().is_none() {
        return;
    }
    page.element("h4", "Body").tags("<ul>");
    for (media_type, content) in contents {
        page.tags("<li><code>").text(media_type).tags("</code>: ");
        schema_at(page, content, "schema");
        page.tags("</li>");
    }
    page.tags("</ul>");
}

fn responses(page: &mut Html, operation: &Tree) {
    page.element("h4", "Answers");
    table(page, &["Status", "Meaning", "Body"]);
    for (status, response) in operation.fields("responses") {
        page.tags("<tr><td><code>")
            .text(status)
            .tags("</code></td><td>")
            .inline(response.text("description"))
            .tags("</td><td>");
        for (_, content) in response.fields("content") {
            schema_at(page, content, "schema");
        }
        page.tags("</td></tr>");
    }
    end_table(page);
}

fn errors(page: &mut Html) {
    page.tags("<section id=\"errors\"><h2>Errors</h2><p>Every error is a problem document (RFC 9457, <code>application/problem+json</code>): ")
        .link(&schema_id("Problem"), "Problem")
        .tags(". Its <code>code</code> is one of these.</p>");
    table(page, &["Code", "Status", "Meaning"]);
    for kind in problem::kinds() {
        page.open_with_id("tr", &format!("error-{}", kind.code))
            .tags("<td><code>")
            .text(kind.code)
            .tags("</code></td><td>")
            .text(&kind.status.to_string())
            .tags("</td><td>")
            .text(kind.title)
            .tags("</td></tr>");
    }
    end_table(page);
    page.tags("</section>");
}

fn described_schema(page: &mut Html, schema: &Tree) {
    page.prose(schema.text("description"));
    let mut properties = schema.fields("properties").peekable();
    if properties.peek().is_none() {
        page.tags("<p>");
        schema_type(page, schema);
        page.tags("</p>");
        return;
    }
    table(page, &["Field", "Type", "Meaning"]);
    for (name, property) in properties {
        page.tags("<tr><td><code>").text(name).tags("</code>");
        if schema
            .list("required")
            .any(|required| required.as_text() == name)
        {
            page.tags(" <em>required</em>");
        }
        page.tags("</td><td>");
        schema_type(page, property);
        page.tags("</td><td>").inline(description(property));
        let example = property.at("example").or_else(|| property.at("examples/0"));
        if let Some(example) = example {
            page.tags(" <span class=\"example\">Example: <code>")
                .text(example.as_text())
                .tags("</code></span>");
        }
        page.tags("</td></tr>");
    }
    end_table(page);
}

/// What a field means. Where it is a schema with a name or null, the first choice says it.
fn description(property: &Tree) -> &str {
    match property.text("description") {
        "" => property.text("oneOf/0/description"),
        said => said,
    }
}

fn schema_at(page: &mut Html, tree: &Tree, place: &str) {
    if let Some(schema) = tree.at(place) {
        schema_type(page, schema);
    }
}

/// Writes what a schema is, in a few words, with links to those that have a name.
fn schema_type(page: &mut Html, schema: &Tree) {
    if let Some(name) = schema.text("$ref").strip_prefix(SCHEMA_PLACE) {
        page.link(&schema_id(name), name);
        return;
    }
    for (choice, between) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        let mut first = true;
        for one in schema.list(choice) {
            if !std::mem::take(&mut first) {
                page.text(between);
            }
            schema_type(page, one);
        }
        if !first {
            return;
        }
    }
    let values: Vec<&str> = schema.list("enum").map(Tree::as_text).collect();
    if !values.is_empty() {
        page.text(&values.join(" | "));
        return;
    }
    if let Some(items) = schema.at("items") {
        page.text("list of ");
        schema_type(page, items);
        return;
    }
    if let Some(values @ Tree::Object(_)) = schema.at("additionalProperties") {
        page.text("object of ");
        schema_type(page, values);
        return;
    }
    let types: Vec<&str> = schema.list("type").map(Tree::as_text).collect();
    match (types.as_slice(), schema.text("type")) {
        ([], "") => page.text("anything"),
        ([], one) => page.text(one),
        (several, _) => page.text(&several.join(" or ")),
    };
    let format = schema.text("format");
    if !format.is_empty() {
        page.text(" (").text(format).text(")");
    }
}

fn table(page: &mut Html, columns: &[&str]) {
    page.tags("<div class=\"wide\"><table><thead><tr>");
    for column in columns {
        page.element("th", column);
    }
    page.tags("</tr></thead><tbody>");
}

fn end_table(page: &mut Html) {
    page.tags("</tbody></table></div>");
}

fn schema_id(name: &str) -> String {
    format!("schema-{name}")
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}
