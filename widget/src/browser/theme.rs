//! Light or dark. In a document of the Worker the theme is the requested one, else the device's, and follows its
//! changes; in a frame the loader sends the theme of the host page. In a host page (mode `inline`) the loader sets it.

use super::{host_page::HostPage, loader_message};
use crate::launch_document::LaunchDocument;
use embark_protocol::launch::LaunchMode;
use gloo_events::EventListener;
use gloo_utils::{document_element, window};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MediaQueryList, MessageEvent};

/// The listeners; the theme stays as it is when they are dropped.
pub struct Theme {
    _on_change: EventListener,
    _on_message: Option<EventListener>,
}

struct Choice {
    element: Element,
    /// Does the device prefer dark colours? `None` if the browser cannot tell.
    dark: Option<MediaQueryList>,
    /// By the query or the loader; a value other than `light` and `dark` counts as none.
    requested: RefCell<String>,
}

/// Applies the theme to the element around the root element, now and from now on. `requested` is the query parameter
/// `theme`, or empty.
pub fn follow(
    element: &Element,
    launch: &LaunchDocument,
    host_page: &HostPage,
    requested: String,
) -> Option<Theme> {
    if launch.mode == LaunchMode::Inline {
        return None;
    }
    let dark = window().match_media("(prefers-color-scheme: dark)");
    let dark = dark.ok().flatten();
    let choice = Rc::new(Choice {
        element: element.clone(),
        dark: dark.clone(),
        requested: RefCell::new(requested),
    });
    choice.apply();
    let changed = choice.clone();
    Some(Theme {
        _on_change: EventListener::new(dark?.as_ref(), "change", move |_| changed.apply()),
        _on_message: host_page
            .frame_origin()
            .map(|origin| EventListener::new(&window(), "message", on_message(origin, choice))),
    })
}

fn on_message(origin: &str, choice: Rc<Choice>) -> impl Fn(&web_sys::Event) + 'static {
    let origin = origin.to_owned();
    move |event| {
        let event = event.dyn_ref::<MessageEvent>();
        let message = event.and_then(|event| loader_message::read(event, &origin));
        if let Some(theme) = message.and_then(|message| message.theme) {
            choice.requested.replace(theme);
            choice.apply();
        }
    }
}

impl Choice {
    fn apply(&self) {
        let requested = self.requested.borrow();
        let is_dark = match requested.as_str() {
            "light" => false,
            "dark" => true,
            _ => self.dark.as_ref().is_some_and(MediaQueryList::matches),
        };
        let theme = if is_dark { "dark" } else { "light" };
        let _ = self.element.set_attribute("data-theme", theme);
        // A frame is transparent only if its colour scheme is that of the embedding element.
        let document = document_element().unchecked_into::<HtmlElement>();
        let _ = document.style().set_property("color-scheme", theme);
    }
}
