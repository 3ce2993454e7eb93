//! Makes a part of the document equal to a tree, touching only what differs: focus, typed text and
//! running animations stay.

use super::tree::Node;
use web_sys::{Document, Element};

/// Makes the element for a tree. Outside text only ever becomes text or an attribute's value.
pub fn build(document: &Document, node: &Node) -> Option<Element> {
    let element = match node.tag {
        "svg" | "path" => document.create_element_ns(Some("http://www.w3.org/2000/svg"), node.tag),
        tag => document.create_element(tag),
    };
    let element = element.ok()?;
    for (name, value) in &node.attrs {
        set(&element, name, value);
    }
    if !node.text.is_empty() {
        element.set_text_content(Some(&node.text));
    }
    for kid in &node.kids {
        append(document, &element, kid);
    }
    Some(element)
}

/// Changes `element`, which looks like `old`, so that it looks like `new`.
pub fn patch(document: &Document, element: &Element, old: &Node, new: &Node) {
    for (name, value) in &new.attrs {
        if !old.attrs.iter().any(|(key, before)| key == name && before == value) {
            set(element, name, value);
        }
    }
    for (name, _) in &old.attrs {
        if !new.attrs.iter().any(|(key, _)| key == name) {
            let _ = element.remove_attribute(name);
        }
    }
    if new.text != old.text {
        element.set_text_content(Some(&new.text));
    }
    let mut before = old.kids.iter();
    let mut place = element.first_element_child();
    for kid in &new.kids {
        match (before.next(), place) {
            (Some(old), Some(here)) => {
                place = here.next_element_sibling();
                if old.tag == kid.tag && old.key == kid.key {
                    patch(document, &here, old, kid);
                } else if let Some(built) = build(document, kid) {
                    let _ = element.replace_child(&built, &here);
                }
            }
            _ => {
                place = None;
                append(document, element, kid);
            }
        }
    }
    while let Some(here) = place {
        place = here.next_element_sibling();
        here.remove();
    }
}

fn append(document: &Document, parent: &Element, kid: &Node) {
    if let Some(built) = build(document, kid) {
        let _ = parent.append_child(&built);
    }
}

fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}
