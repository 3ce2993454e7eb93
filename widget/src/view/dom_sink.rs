//! Where a view is rendered to: the page, or a tree of nodes in tests.

/// Receives a view as a sequence of calls, in document order (incremental DOM).
pub trait DomSink {
    /// Opens an element inside the open one. `tag` is `name.class` followed by fixed attributes
    /// (`name=value`). An element of the same tag and key as in the last render is kept, with its focus
    /// and typed text.
    fn open(&mut self, tag: &str, key: &str);
    /// Sets an attribute of the open element; `None` removes it.
    fn attr(&mut self, name: &str, value: Option<&str>);
    /// Sets the text of the open element, which then has no other content.
    fn text(&mut self, text: &str);
    /// Closes the open element.
    fn close(&mut self);
}
