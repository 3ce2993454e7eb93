//! The widget's root element and its content.

use crate::view::{
    appearance::Appearance,
    dom_sink::DomSink,
    incremental_dom::{Document, IncrementalDom},
};
use gloo_utils::document;
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::{Element, HtmlElement};

/// Removed from the page when it is dropped.
pub struct Panel(IncrementalDom<PageDocument>);

impl Panel {
    /// Adds the root element, in place of what the element contains. `None` if the browser refuses to.
    pub fn new(element: &Element, appearance: &Appearance) -> Option<Self> {
        let root = document().create_element("div").ok()?;
        root.set_class_name("embark");
        for (name, value) in appearance.custom_properties() {
            // By CSSOM: a strict CSP blocks style attributes.
            let style = root.unchecked_ref::<HtmlElement>().style();
            let _ = style.set_property(name, &value);
        }
        element.set_text_content(None);
        element.append_child(&root).ok()?;
        Some(Self(IncrementalDom::new(PageDocument, root)))
    }

    pub fn root(&self) -> &Element {
        self.0.root()
    }

    /// Renders. If the element with the focus is removed, the focus moves into the new content, not to the page's top.
    pub fn render(&mut self, view: impl FnOnce(&mut dyn DomSink)) {
        let had_focus = self.find(":focus").is_some();
        self.0.render(view);
        if had_focus && self.find(":focus").is_none() {
            let target = self.find("[data-focus]");
            let target = target.or_else(|| self.find(".em-title,button:enabled"));
            if let Some(target) = target {
                let _ = target.unchecked_into::<HtmlElement>().focus();
            }
        }
    }

    fn find(&self, selector: &str) -> Option<Element> {
        self.root().query_selector(selector).ok().flatten()
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        self.root().remove();
    }
}

/// The page's document. What the browser refuses is left out.
struct PageDocument;

impl Document for PageDocument {
    type Element = Element;

    fn create(&mut self, tag: &str) -> Element {
        let mut parts = tag.split(' ');
        let start = parts.next().unwrap_or_default();
        let (name, class) = start.split_once('.').unwrap_or((start, ""));
        let namespace = match name {
            "svg" | "path" => "http://www.w3.org/2000/svg",
            _ => "http://www.w3.org/1999/xhtml",
        };
        let element = document()
            .create_element_ns(Some(namespace), name)
            .expect_throw("the names in tags are valid");
        if !class.is_empty() {
            let _ = element.set_attribute("class", class);
            // Mode `inline`: the host page can style the parts, e.g. ::part(button).
            let part = class.strip_prefix("em-").unwrap_or(class);
            let _ = element.set_attribute("part", part);
        }
        for attribute in parts {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let _ = element.set_attribute(name, value);
        }
        element
    }

    fn insert(&mut self, parent: &Element, element: &Element, before: Option<&Element>) {
        let before = before.map(|before| before.as_ref());
        if parent.insert_before(element, before).is_err() {
            // A script of the page has removed the sibling.
            let _ = parent.append_child(element);
        }
    }

    fn remove(&mut self, element: &Element) {
        element.remove();
    }

    fn set_attribute(&mut self, element: &Element, name: &str, value: Option<&str>) {
        let _ = match value {
            Some(value) => element.set_attribute(name, value),
            None => element.remove_attribute(name),
        };
    }

    fn set_text(&mut self, element: &Element, text: &str) {
        element.set_text_content(Some(text));
    }
}
