//! The click that `entry.js` records before the widget runs. Its link has been followed; the widget must know.

use super::listeners;
use crate::flow::event::Action;
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};
use web_sys::{Element, HtmlElement};

#[wasm_bindgen]
extern "C" {
    /// The widget's element.
    #[wasm_bindgen(extends = HtmlElement)]
    type MountElement;
    /// Target of the latest click.
    #[wasm_bindgen(method, getter)]
    fn pressed(this: &MountElement) -> Option<Element>;
}

/// The action that was clicked. Ends the recording.
pub fn take(element: &HtmlElement) -> Option<Action> {
    element.set_onclick(None);
    let pressed = element.unchecked_ref::<MountElement>().pressed()?;
    let button = listeners::button_around(&pressed)?;
    Action::parse(&button.get_attribute("data-act")?)
}
