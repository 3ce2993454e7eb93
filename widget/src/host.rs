//! The host page, as seen from the widget. In a frame it is the parent window, and every message goes to
//! exactly the origin the Worker checked; on the page itself it is the element and its DOM events.

use crate::{announce::Announcement, doc, json};
use embark_protocol::{event::message, launch::Mode};
use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{CustomEvent, CustomEventInit, Element, HtmlElement, ResizeObserver, Window};

/// Longest detail we send.
const LONGEST: usize = 64 * 1024;

#[derive(Clone)]
pub struct Host {
    window: Window,
    element: Element,
    mode: Mode,
    origin: String,
}

impl Host {
    pub fn new(window: Window, element: Element, mode: Mode, origin: String) -> Self {
        Self { window, element, mode, origin }
    }

    pub fn hello(&self) {
        self.send(json::Object::new().text("type", message::HELLO));
    }

    pub fn announce(&self, told: &Announcement) {
        if self.mode == Mode::Frame {
            let event = json::Object::new().text("type", message::EVENT).text("name", told.name);
            self.send(event.raw("detail", &told.detail));
            return;
        }
        let init = CustomEventInit::new();
        init.set_bubbles(true);
        init.set_composed(true);
        if let Some(detail) = doc::parse(&told.detail, LONGEST) {
            init.set_detail(&detail);
        }
        let name = ["embark:", told.name].concat();
        if let Ok(event) = CustomEvent::new_with_event_init_dict(&name, &init) {
            let _ = self.element.dispatch_event(&event);
        }
    }

    /// Reports the height of the content from now on, for as long as the result is kept.
    pub fn watch_height(&self, root: &Element) -> Option<Height> {
        let body = self.window.document()?.body()?;
        if self.mode != Mode::Frame {
            return None;
        }
        let host = self.clone();
        let report = Closure::<dyn FnMut()>::new(move || host.height(&body));
        let observer = ResizeObserver::new(report.as_ref().unchecked_ref::<Function>()).ok()?;
        observer.observe(root);
        Some(Height { observer, _report: report })
    }

    fn height(&self, body: &HtmlElement) {
        let mut px = String::new();
        json::digits(&mut px, u32::try_from(body.offset_height()).unwrap_or_default());
        self.send(json::Object::new().text("type", message::HEIGHT).raw("height", &px));
    }

    fn send(&self, message: json::Object) {
        if self.mode != Mode::Frame {
            return;
        }
        let message = message.text("source", message::SOURCE).raw("v", "1").end();
        if let (Ok(Some(parent)), Some(message)) = (self.window.parent(), doc::parse(&message, LONGEST)) {
            let _ = parent.post_message(&message, &self.origin);
        }
    }
}

pub struct Height {
    observer: ResizeObserver,
    _report: Closure<dyn FnMut()>,
}

impl Drop for Height {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// A value of a property, or undefined.
pub fn property(of: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}
