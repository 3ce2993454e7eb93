//! Where a view is rendered to: HTML text, the page, or a tree of nodes in tests.

/// Receives a view as a sequence of calls, in document order (incremental DOM).
pub trait DomSink {
    /// Opens an element inside the open one. `tag` is `name.class` followed by fixed attributes
    /// (`name=value`), see [`Tag`]. An element of the same tag and key as in the last render is kept, with its focus
    /// and typed text.
    fn open(&mut self, tag: &str, key: &str);
    /// Sets an attribute of the open element, before its content; `None` removes it.
    fn attr(&mut self, name: &str, value: Option<&str>);
    /// Sets the text of the open element, which then has no other content.
    fn text(&mut self, text: &str);
    /// Closes the open element.
    fn close(&mut self);
}

/// The parts of a tag: `name.class name=value …`.
#[derive(Clone, Copy)]
pub struct Tag<'a> {
    pub name: &'a str,
    /// Empty if it has none.
    pub class: &'a str,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    pub fn parse(tag: &'a str) -> Self {
        let (start, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let (name, class) = start.split_once('.').unwrap_or((start, ""));
        Self {
            name,
            class,
            attributes,
        }
    }

    /// The fixed attributes with their values, which may be empty.
    pub fn attributes(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let parts = self.attributes.split(' ').filter(|part| !part.is_empty());
        parts.map(|part| part.split_once('=').unwrap_or((part, "")))
    }
}
