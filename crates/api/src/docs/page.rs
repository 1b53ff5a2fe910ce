//! The page, rendered from the document: what the document says is what the page shows.

use serde_json::{Map, Value};

use super::{STYLE_PATH, html::Html};
use crate::problem;

/// Where a schema stands in the document.
const SCHEMA_PLACE: &str = "#/components/schemas/";

/// Renders an OpenAPI document.
pub(crate) fn render(document: &Value) -> String {
    let mut page = Html::default();
    let info = text(document, "/info/title");
    page.tags("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
        .text(info)
        .tags("</title><link rel=\"stylesheet\" href=\"")
        .text(STYLE_PATH)
        .tags("\"></head><body><header><h1>")
        .text(info)
        .tags("</h1><p class=\"version\">Version ")
        .text(text(document, "/info/version"))
        .tags(" · <a href=\"")
        .text(super::DOCUMENT_PATH)
        .tags("\">openapi.json</a></p></header><nav aria-label=\"Contents\">");
    contents(&mut page, document);
    page.tags("</nav><main><section id=\"about\"><h2>About</h2>").prose(text(document, "/info/description")).tags("</section>");
    for tag in list(document, "/tags") {
        tagged(&mut page, document, tag);
    }
    errors(&mut page);
    page.tags("<section id=\"schemas\"><h2>Schemas</h2>");
    for (name, schema) in object(document, "/components/schemas") {
        page.open_with_id("section", &schema_id(name)).tags("<h3>").text(title(name, schema)).tags("</h3>");
        described_schema(&mut page, schema);
        page.tags("</section>");
    }
    page.tags("</section></main></body></html>");
    page.into_text()
}

fn contents(page: &mut Html, document: &Value) {
    page.tags("<ul><li>").link("about", "About").tags("</li>");
    for tag in list(document, "/tags") {
        let name = text(tag, "/name");
        page.tags("<li>").link(&anchor(name), name).tags("<ul>");
        for operation in operations(document, name) {
            page.tags("<li>").link(operation.id(), operation.summary()).tags("</li>");
        }
        page.tags("</ul></li>");
    }
    page.tags("<li>").link("errors", "Errors").tags("</li><li>").link("schemas", "Schemas").tags("<ul>");
    for (name, schema) in object(document, "/components/schemas") {
        page.tags("<li>").link(&schema_id(name), title(name, schema)).tags("</li>");
    }
    page.tags("</ul></li></ul>");
}

/// One method of one path.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    value: &'a Value,
}

impl<'a> Operation<'a> {
    fn id(&self) -> &'a str {
        text(self.value, "/operationId")
    }

    fn summary(&self) -> &'a str {
        text(self.value, "/summary")
    }
}

fn operations<'a>(document: &'a Value, tag: &'a str) -> impl Iterator<Item = Operation<'a>> {
    object(document, "/paths").flat_map(move |(path, item)| {
        item.as_object()
            .into_iter()
            .flatten()
            .filter(move |(_, value)| list(value, "/tags").any(|name| name == tag))
            .map(move |(method, value)| Operation { method, path, value })
    })
}

fn tagged(page: &mut Html, document: &Value, tag: &Value) {
    let name = text(tag, "/name");
    page.open_with_id("section", &anchor(name)).element("h2", name).prose(text(tag, "/description"));
    for operation in operations(document, name) {
        described_operation(page, &operation);
    }
    page.tags("</section>");
}

fn described_operation(page: &mut Html, operation: &Operation<'_>) {
    let value = operation.value;
    page.open_with_id("article", operation.id()).element("h3", operation.summary());
    page.tags("<p class=\"route\"><span class=\"method ")
        .text(operation.method)
        .tags("\">")
        .text(&operation.method.to_uppercase())
        .tags("</span> <code>")
        .text(operation.path)
        .tags("</code></p>")
        .prose(text(value, "/description"));
    parameters(page, value);
    body(page, value);
    responses(page, value);
    page.tags("</article>");
}

fn parameters(page: &mut Html, operation: &Value) {
    let mut rows = list(operation, "/parameters").peekable();
    if rows.peek().is_none() {
        return;
    }
    page.tags("<h4>Parameters</h4><div class=\"wide\"><table><thead><tr><th>Name</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>");
    for parameter in rows {
        page.tags("<tr><td><code>").text(text(parameter, "/name")).tags("</code>");
        if parameter.pointer("/required") == Some(&Value::Bool(true)) {
            page.tags(" <em>required</em>");
        }
        page.tags("</td><td>").text(text(parameter, "/in")).tags("</td><td>");
        schema_type(page, parameter.get("schema").unwrap_or(&Value::Null));
        page.tags("</td><td>").inline(text(parameter, "/description")).tags("</td></tr>");
    }
    page.tags("</tbody></table></div>");
}

fn body(page: &mut Html, operation: &Value) {
    let mut contents = object(operation, "/requestBody/content").peekable();
    if contents.peek().is_none() {
        return;
    }
    page.tags("<h4>Body</h4><ul>");
    for (media_type, content) in contents {
        page.tags("<li><code>").text(media_type).tags("</code>: ");
        schema_type(page, content.get("schema").unwrap_or(&Value::Null));
        page.tags("</li>");
    }
    page.tags("</ul>");
}

fn responses(page: &mut Html, operation: &Value) {
    page.tags("<h4>Answers</h4><div class=\"wide\"><table><thead><tr><th>Status</th><th>Meaning</th><th>Body</th></tr></thead><tbody>");
    for (status, response) in object(operation, "/responses") {
        page.tags("<tr><td><code>").text(status).tags("</code></td><td>").inline(text(response, "/description")).tags("</td><td>");
        for (_, content) in object(response, "/content") {
            schema_type(page, content.get("schema").unwrap_or(&Value::Null));
        }
        page.tags("</td></tr>");
    }
    page.tags("</tbody></table></div>");
}

fn errors(page: &mut Html) {
    page.tags("<section id=\"errors\"><h2>Errors</h2><p>Every error is a problem document (RFC 9457, <code>application/problem+json</code>): ")
        .link(&schema_id("ProblemDocument"), "Problem")
        .tags(". Its <code>code</code> is one of these.</p><div class=\"wide\"><table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>");
    for kind in problem::kinds() {
        page.open_with_id("tr", &format!("error-{}", kind.code))
            .tags("<td><code>")
            .text(kind.code)
            .tags("</code></td><td>")
            .number(kind.status)
            .tags("</td><td>")
            .text(kind.title)
            .tags("</td></tr>");
    }
    page.tags("</tbody></table></div></section>");
}

fn described_schema(page: &mut Html, schema: &Value) {
    page.prose(text(schema, "/description"));
    let mut properties = object(schema, "/properties").peekable();
    if properties.peek().is_none() {
        page.tags("<p>");
        schema_type(page, schema);
        page.tags("</p>");
        return;
    }
    page.tags("<div class=\"wide\"><table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>");
    for (name, property) in properties {
        page.tags("<tr><td><code>").text(name).tags("</code>");
        if list(schema, "/required").any(|required| required == name) {
            page.tags(" <em>required</em>");
        }
        page.tags("</td><td>");
        schema_type(page, property);
        page.tags("</td><td>").inline(text(property, "/description"));
        let example = property.get("example").or_else(|| list(property, "/examples").next());
        if let Some(example) = example {
            page.tags(" <span class=\"example\">Example: <code>").text(&plain(example)).tags("</code></span>");
        }
        page.tags("</td></tr>");
    }
    page.tags("</tbody></table></div>");
}

/// Writes what a schema is, in a few words, with links to those that have a name.
fn schema_type(page: &mut Html, schema: &Value) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(SCHEMA_PLACE)) {
        page.link(&schema_id(name), name);
        return;
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        let mut first = true;
        for one in schema.get(choice).and_then(Value::as_array).into_iter().flatten() {
            if !std::mem::take(&mut first) {
                page.text(if choice == "allOf" { " and " } else { " or " });
            }
            schema_type(page, one);
        }
        if !first {
            return;
        }
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        page.text(&values.iter().map(plain).collect::<Vec<_>>().join(" | "));
        return;
    }
    if let Some(items) = schema.get("items") {
        page.text("list of ");
        schema_type(page, items);
        return;
    }
    if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
        page.text("object of ");
        schema_type(page, values);
        return;
    }
    let types = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().map(plain).collect::<Vec<_>>().join(" or "),
        Some(other) => plain(other),
        None => "anything".to_owned(),
    };
    page.text(&types);
    if let Some(format) = schema.get("format").and_then(Value::as_str) {
        page.text(" (").text(format).text(")");
    }
}

fn title<'a>(name: &'a str, schema: &'a Value) -> &'a str {
    schema.get("title").and_then(Value::as_str).unwrap_or(name)
}

fn schema_id(name: &str) -> String {
    format!("schema-{name}")
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn text<'a>(value: &'a Value, place: &str) -> &'a str {
    value.pointer(place).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, place: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(place).and_then(Value::as_array).into_iter().flatten()
}

fn object<'a>(value: &'a Value, place: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(place).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}
