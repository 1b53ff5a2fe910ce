//! Writing HTML: everything that is not a tag is escaped on its way in.

/// A piece of HTML that grows.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Adds tags, as they are.
    pub(crate) fn tags(&mut self, tags: &str) -> &mut Self {
        self.0.push_str(tags);
        self
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// Adds a text in which backquotes mark code, as descriptions have it; blank lines part paragraphs.
    pub(crate) fn prose(&mut self, text: &str) -> &mut Self {
        for paragraph in text
            .split("\n\n")
            .filter(|paragraph| !paragraph.trim().is_empty())
        {
            self.tags("<p>").inline(paragraph).tags("</p>");
        }
        self
    }

    /// Adds a text in which backquotes mark code.
    pub(crate) fn inline(&mut self, text: &str) -> &mut Self {
        for (index, part) in text.split('`').enumerate() {
            if index % 2 == 1 {
                self.tags("<code>").text(part).tags("</code>");
            } else {
                self.text(part);
            }
        }
        self
    }

    /// Adds an element with a text in it.
    pub(crate) fn element(&mut self, name: &str, text: &str) -> &mut Self {
        self.tags("<")
            .tags(name)
            .tags(">")
            .text(text)
            .tags("</")
            .tags(name)
            .tags(">")
    }

    /// Adds a tag with an id.
    pub(crate) fn open_with_id(&mut self, name: &str, id: &str) -> &mut Self {
        self.tags("<")
            .tags(name)
            .tags(" id=\"")
            .text(id)
            .tags("\">")
    }

    /// Adds a link to a place on the page.
    pub(crate) fn link(&mut self, id: &str, text: &str) -> &mut Self {
        self.tags("<a href=\"#")
            .text(id)
            .tags("\">")
            .text(text)
            .tags("</a>")
    }

    /// The whole text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}
