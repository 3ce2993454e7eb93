//! The host page, as seen from the widget. In a frame it is the parent window, and every message goes to
//! exactly the origin the Worker checked; on the page itself it is the element and its DOM events.

use alloc::string::String;
use crate::{
    announce::Announcement,
    js::{self, Js},
    json::{Object, decimal, join, object},
};
use embark_protocol::{event::message, launch::Mode};
use wasm_bindgen::JsValue;

pub struct Host {
    pub window: Js,
    pub element: Js,
    pub mode: Mode,
    pub origin: String,
}

impl Host {
    pub fn hello(&self) {
        self.send(object("type", message::HELLO));
    }

    pub fn height(&self) {
        let body = js::get(&js::get(&self.window, "document"), "body");
        let height = js::get(&body, "offsetHeight").as_f64().unwrap_or_default() as u32;
        let mut message = object("type", message::HEIGHT);
        message.raw("height", &decimal(height));
        self.send(message);
    }

    pub fn announce(&self, told: &Announcement) {
        if self.mode == Mode::Frame {
            let mut event = object("type", message::EVENT);
            event.text("name", told.name);
            event.raw("detail", &told.detail);
            return self.send(event);
        }
        let mut init = Object::new();
        init.flag("bubbles", true);
        init.flag("composed", true);
        init.raw("detail", &told.detail);
        if let Some(init) = js::parse(&init.end()) {
            let event = js::custom_event(&join(&["embark:", told.name]), &init);
            js::call(&self.element, "dispatchEvent", &event, &JsValue::UNDEFINED, &JsValue::UNDEFINED);
        }
    }

    fn send(&self, mut message: Object) {
        if self.mode != Mode::Frame {
            return;
        }
        message.text("source", message::SOURCE);
        message.raw("v", "1");
        if let Some(message) = js::parse(&message.end()) {
            let target = JsValue::from_str(&self.origin);
            js::call(&js::get(&self.window, "parent"), "postMessage", &message, &target, &JsValue::UNDEFINED);
        }
    }
}
