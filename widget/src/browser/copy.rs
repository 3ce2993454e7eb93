//! Copying an address, by `document.execCommand("copy")`: a cross-site frame needs no permission for it.

use gloo_events::{EventListener, EventListenerOptions};
use gloo_utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDocument, HtmlElement, HtmlInputElement};

/// Copies the address of a link with the attribute `data-copy` when it is pressed, and shows the attribute's text in its
/// place; the link stays a link where the browser refuses. Selects an address that is shown.
pub fn listen(root: &Element) -> EventListener {
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(root, "click", options, |event| {
        let target = event.target();
        let Some(element) = target.as_ref().and_then(|one| one.dyn_ref::<Element>()) else {
            return;
        };
        if let Ok(Some(link)) = element.closest("[data-copy]")
            && copy(&link)
        {
            event.prevent_default();
        }
        if let Some(field) = element.dyn_ref::<HtmlInputElement>()
            && field.read_only()
        {
            field.select();
        }
    })
}

/// Returns whether the browser copied it.
fn copy(link: &Element) -> bool {
    let Some(field) = add_address_field(link) else {
        return false;
    };
    field.select();
    let copied = document().unchecked_into::<HtmlDocument>();
    let copied = copied.exec_command("copy").unwrap_or(false);
    field.remove();
    let _ = link.unchecked_ref::<HtmlElement>().focus();
    if copied {
        link.set_text_content(link.get_attribute("data-copy").as_deref());
    }
    copied
}

/// An invisible field beside the link, with its address: browsers copy from fields only. `None`: the link has no address,
/// or the page takes no field.
fn add_address_field(link: &Element) -> Option<HtmlInputElement> {
    let address = link.get_attribute("href")?;
    let field = document().create_element("input").ok()?;
    let field = field.dyn_into::<HtmlInputElement>().ok()?;
    field.set_class_name("em-spoken");
    field.set_value(&address);
    link.parent_element()?.append_child(&field).ok()?;
    Some(field)
}
