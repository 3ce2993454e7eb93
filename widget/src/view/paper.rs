//! What the views write on. In the browser it is the document itself, changed only where it differs, so
//! that focus, typed text and running animations stay; in tests it is a tree to look at.

use alloc::{vec::Vec, vec};
use crate::js::{self, Js};
use wasm_bindgen::JsValue;

pub trait Paper {
    /// Begins an element inside the one that is open. Tag, class and key are its identity: where they are
    /// the same as before, it is the same element.
    fn open(&mut self, tag: &str, class: &str, key: &str);
    /// Sets an attribute of the open element, or takes it away.
    fn attr(&mut self, name: &str, value: Option<&str>);
    /// The text of the open element, which then has no other content.
    fn text(&mut self, text: &str);
    fn close(&mut self);
}

/// The document below one element.
pub struct Page<'a> {
    document: &'a Js,
    /// The open elements, each with the child that comes next.
    open: Vec<(Js, Option<Js>)>,
}

impl<'a> Page<'a> {
    pub fn new(document: &'a Js, root: &Js) -> Self {
        Self { document, open: vec![(root.clone(), js::object(root, "firstElementChild"))] }
    }
}

impl Paper for Page<'_> {
    fn open(&mut self, tag: &str, class: &str, key: &str) {
        let Some((parent, next)) = self.open.last_mut() else { return };
        let is_it = |element: &Js| {
            js::text(element, "localName").as_deref() == Some(tag)
                && element.attribute("class").as_string().unwrap_or_default() == class
                && element.attribute("data-key").as_string().unwrap_or_default() == key
        };
        let mut found = next.clone();
        while let Some(element) = found.take_if(|element| !is_it(element)) {
            found = following(&element);
        }
        let element = match found {
            Some(element) => {
                // What stood before it is no longer there.
                while let Some(gone) = next.take_if(|before| !is_same(before, &element)) {
                    *next = following(&gone);
                    gone.remove();
                }
                *next = following(&element);
                element
            }
            None => {
                let namespace = if tag == "svg" || tag == "path" { SVG } else { XHTML };
                let element = self.document.create_element(namespace, tag);
                element.set_attribute("class", class);
                if !key.is_empty() {
                    element.set_attribute("data-key", key);
                }
                parent.insert_before(&element, next.as_ref());
                element
            }
        };
        let first = js::object(&element, "firstElementChild");
        self.open.push((element, first));
    }

    fn attr(&mut self, name: &str, value: Option<&str>) {
        let Some((element, _)) = self.open.last() else { return };
        let before = element.attribute(name).as_string();
        match value {
            Some(value) if before.as_deref() != Some(value) => element.set_attribute(name, value),
            None if before.is_some() => element.remove_attribute(name),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let Some((element, _)) = self.open.last() else { return };
        if js::text(element, "textContent").as_deref() != Some(text) {
            js::set_text(element, "textContent", text);
        }
    }

    fn close(&mut self) {
        let Some((_, mut next)) = self.open.pop() else { return };
        while let Some(gone) = next {
            next = following(&gone);
            gone.remove();
        }
    }
}

const SVG: &str = "http://www.w3.org/2000/svg";
pub const XHTML: &str = "http://www.w3.org/1999/xhtml";

fn following(element: &Js) -> Option<Js> {
    js::object(element, "nextElementSibling")
}

fn is_same(one: &JsValue, other: &JsValue) -> bool {
    one == other
}
