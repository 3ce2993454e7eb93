//! The widget's root element and its content.

use embark_view::{
    appearance::Appearance,
    dom_sink::{DomSink, Tag},
    html::KEY_ATTRIBUTE,
    incremental_dom::{Document, IncrementalDom},
};
use gloo_utils::document;
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::{Element, HtmlElement};

/// Removed from the page when it is dropped.
pub struct Panel(IncrementalDom<PageDocument>);

impl Panel {
    /// Takes over the root element that the Worker rendered, else adds one in place of what the element contains.
    /// `None` if the browser refuses to.
    pub fn new(element: &Element, appearance: &Appearance) -> Option<Self> {
        let root = match element.query_selector(".embark").ok().flatten() {
            Some(rendered) => rendered,
            None => add_root(element)?,
        };
        for (name, value) in appearance.custom_properties() {
            // By CSSOM: a strict CSP blocks style attributes.
            let style = root.unchecked_ref::<HtmlElement>().style();
            let _ = style.set_property(name, &value);
        }
        Some(Self(IncrementalDom::new(PageDocument, root)))
    }

    pub fn root(&self) -> &Element {
        self.0.root()
    }

    /// Renders. If the element with the focus is removed, the focus moves to its successor, else into the new content,
    /// not to the page's top.
    pub fn render(&mut self, view: impl FnOnce(&mut dyn DomSink)) {
        let focused = self.find(":focus");
        self.0.render(view);
        if let Some(focused) = focused
            && self.find(":focus").is_none()
        {
            let test_id = focused.get_attribute("data-testid").unwrap_or_default();
            let target = self.find("[data-focus]");
            let target = target.or_else(|| {
                self.find(&["button[data-testid=\"", &test_id, "\"]:enabled"].concat())
            });
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

fn add_root(element: &Element) -> Option<Element> {
    let root = document().create_element("div").ok()?;
    root.set_class_name("embark");
    element.set_text_content(None);
    element.append_child(&root).ok()?;
    Some(root)
}

/// The page's document. What the browser refuses is left out.
struct PageDocument;

impl Document for PageDocument {
    type Element = Element;

    fn create(&mut self, tag: &str) -> Element {
        let tag = Tag::parse(tag);
        let namespace = match tag.name {
            "svg" | "path" => "http://www.w3.org/2000/svg",
            _ => "http://www.w3.org/1999/xhtml",
        };
        let element = document()
            .create_element_ns(Some(namespace), tag.name)
            .expect_throw("the names in tags are valid");
        if !tag.class.is_empty() {
            let _ = element.set_attribute("class", tag.class);
            // Mode `inline`: the host page can style the parts, e.g. ::part(button).
            let part = tag.class.strip_prefix("em-").unwrap_or(tag.class);
            let _ = element.set_attribute("part", part);
        }
        for (name, value) in tag.attributes() {
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

    fn children(&self, element: &Element) -> Vec<Element> {
        let first = element.first_element_child();
        std::iter::successors(first, Element::next_element_sibling).collect()
    }

    fn is_rendered_by(&self, element: &Element, tag: &str, key: &str) -> bool {
        let tag = Tag::parse(tag);
        let value = |name| element.get_attribute(name).unwrap_or_default();
        element.local_name() == tag.name
            && value("class") == tag.class
            && value(KEY_ATTRIBUTE) == key
            && tag
                .attributes()
                .all(|(name, fixed)| element.has_attribute(name) && value(name) == fixed)
    }

    fn attributes(&self, element: &Element) -> Vec<(String, String)> {
        let names = element.get_attribute_names().into_iter();
        let names = names.filter_map(|name| name.as_string());
        names
            .filter_map(|name| {
                let value = element.get_attribute(&name)?;
                Some((name, value))
            })
            .collect()
    }

    fn text(&self, element: &Element) -> String {
        element.text_content().unwrap_or_default()
    }
}
