//! Where the browser side reports what happens.

use crate::flow::event::Event;
use std::rc::Rc;
use wasm_bindgen::JsValue;

pub enum BrowserEvent {
    Flow(Event),
    /// A message event of any origin. Its data is not to be read before the origin is checked.
    Message {
        origin: String,
        data: JsValue,
    },
}

/// A shared callback.
#[derive(Clone)]
pub struct EventSink(Rc<dyn Fn(BrowserEvent)>);

impl EventSink {
    pub fn new(callback: impl Fn(BrowserEvent) + 'static) -> Self {
        Self(Rc::new(callback))
    }

    pub fn send(&self, event: Event) {
        (self.0)(BrowserEvent::Flow(event));
    }

    pub fn send_message(&self, origin: String, data: JsValue) {
        (self.0)(BrowserEvent::Message { origin, data });
    }
}
