//! Renders to HTML text, for a document that has no elements yet.

use crate::dom_sink::{DomSink, Tag};

/// Attribute with the key of an element, by which a later render recognises it.
pub const KEY_ATTRIBUTE: &str = "data-key";

/// The HTML of a root element `<div class="embark">` with this content. `view` closes every element that it opens.
pub fn render(view: impl FnOnce(&mut dyn DomSink)) -> String {
    let mut sink = HtmlSink {
        html: "<div class=\"embark\"".to_owned(),
        open: vec!["div".to_owned()],
        in_start_tag: true,
    };
    view(&mut sink);
    sink.close();
    sink.html
}

struct HtmlSink {
    html: String,
    /// Names of the open elements, the innermost last.
    open: Vec<String>,
    /// The innermost start tag is not finished, so that attributes can be added.
    in_start_tag: bool,
}

impl HtmlSink {
    fn finish_start_tag(&mut self) {
        if std::mem::take(&mut self.in_start_tag) {
            self.html.push('>');
        }
    }

    fn push_attribute(&mut self, name: &str, value: &str) {
        self.html.push(' ');
        self.html.push_str(name);
        if !value.is_empty() {
            self.html.push_str("=\"");
            self.push_escaped(value);
            self.html.push('"');
        }
    }

    /// As text or within a quoted attribute value (<https://html.spec.whatwg.org/multipage/parsing.html>).
    fn push_escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.html.push_str("&amp;"),
                '<' => self.html.push_str("&lt;"),
                '>' => self.html.push_str("&gt;"),
                '"' => self.html.push_str("&quot;"),
                other => self.html.push(other),
            }
        }
    }
}

impl DomSink for HtmlSink {
    fn open(&mut self, tag: &str, key: &str) {
        self.finish_start_tag();
        let tag = Tag::parse(tag);
        self.html.push('<');
        self.html.push_str(tag.name);
        if !tag.class.is_empty() {
            self.push_attribute("class", tag.class);
        }
        for (name, value) in tag.attributes() {
            self.push_attribute(name, value);
        }
        if !key.is_empty() {
            self.push_attribute(KEY_ATTRIBUTE, key);
        }
        self.open.push(tag.name.to_owned());
        self.in_start_tag = true;
    }

    fn attr(&mut self, name: &str, value: Option<&str>) {
        debug_assert!(self.in_start_tag, "{name} after the content of its element");
        if let Some(value) = value {
            self.push_attribute(name, value);
        }
    }

    fn text(&mut self, text: &str) {
        self.finish_start_tag();
        self.push_escaped(text);
    }

    fn close(&mut self) {
        self.finish_start_tag();
        if let Some(name) = self.open.pop()
            && name != "input"
        {
            self.html.push_str("</");
            self.html.push_str(&name);
            self.html.push('>');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn elements_attributes_and_text_are_escaped_html() {
        let html = render(|sink| {
            sink.attr("lang", Some("en"));
            sink.attr("dir", None);
            sink.open("form.em-form novalidate", "a\"b");
            sink.open("input type=radio", "");
            sink.attr("checked", Some(""));
            sink.close();
            sink.open("p role=status", "");
            sink.text("<script>&\"");
            sink.close();
            sink.close();
        });
        assert_eq!(
            html,
            "<div class=\"embark\" lang=\"en\"><form class=\"em-form\" novalidate data-key=\"a&quot;b\">\
             <input type=\"radio\" checked><p role=\"status\">&lt;script&gt;&amp;&quot;</p></form></div>"
        );
    }
}
