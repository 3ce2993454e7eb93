//! What the views write on: the page, or in tests a tree to look at.

#[cfg(not(test))]
use crate::page::Page;

pub trait Paper {
    /// Begins an element inside the one that is open. The sign says what it is: `tag.class`, then
    /// `name=value` for its fixed attributes. Where sign and key are as before, it is the same element.
    fn open(&mut self, sign: &str, key: &str);
    /// Sets an attribute of the open element, or takes it away.
    fn attr(&mut self, name: &str, value: Option<&str>);
    /// The text of the open element, which then has no other content.
    fn text(&mut self, text: &str);
    fn close(&mut self);
}

#[cfg(not(test))]
impl Paper for &Page {
    fn open(&mut self, sign: &str, key: &str) {
        Page::open(self, sign, key);
    }

    fn attr(&mut self, name: &str, value: Option<&str>) {
        Page::attr(self, name, value);
    }

    fn text(&mut self, text: &str) {
        Page::text(self, text);
    }

    fn close(&mut self) {
        Page::close(self);
    }
}
