//! Copying an address. By the document's own command, which a frame of another site needs no permission for.

use gloo_utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDocument, HtmlInputElement};

/// Copies the address of a link, and shows in its place that it did. The link stays a link where the browser refuses.
/// Returns whether it was copied.
pub fn copy_address(link: &Element) -> bool {
    copy(link).is_some_and(|copied| copied)
}

fn copy(link: &Element) -> Option<bool> {
    let address = link.get_attribute("href")?;
    let field = document().create_element("input").ok()?;
    let field = field.dyn_into::<HtmlInputElement>().ok()?;
    field.set_class_name("em-spoken");
    field.set_value(&address);
    link.parent_element()?.append_child(&field).ok()?;
    field.select();
    let copied = document().unchecked_into::<HtmlDocument>();
    let copied = copied.exec_command("copy").unwrap_or(false);
    field.remove();
    let _ = link.unchecked_ref::<web_sys::HtmlElement>().focus();
    if copied {
        link.set_text_content(link.get_attribute("data-copy").as_deref());
    }
    Some(copied)
}
