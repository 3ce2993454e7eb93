//! The host page: how its events reach it, and the messages between frame and loader
//! (`protocol::events::message`).

use crate::{host_events::HostEvent, js_value::to_js, launch_document::LaunchDocument};
use embark_protocol::{events::message, launch::LaunchMode};
use gloo_utils::{body, window};
use serde::Serialize;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{CustomEvent, CustomEventInit, Element, ResizeObserver};

/// Version of the messages to the loader.
const VERSION: u8 = 1;

pub enum HostPage {
    /// The widget is in a frame; messages go to the page around it, if it is of this origin.
    AroundFrame { origin: String },
    /// The widget is in the page itself; events are dispatched on this element.
    SameDocument { element: Element },
}

#[derive(Serialize)]
struct FrameMessage<'a> {
    source: &'static str,
    v: u8,
    #[serde(rename = "type")]
    kind: &'static str,
    /// In CSS pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a HostEvent>,
}

impl HostPage {
    pub fn new(launch: &LaunchDocument, element: &Element) -> Self {
        match launch.mode {
            LaunchMode::Frame | LaunchMode::Window => Self::AroundFrame {
                origin: launch.page_origin.clone(),
            },
            LaunchMode::Inline | LaunchMode::Page => Self::SameDocument {
                element: element.clone(),
            },
        }
    }

    /// The origin of the page around the frame. `None` outside a frame.
    pub fn frame_origin(&self) -> Option<&str> {
        match self {
            Self::AroundFrame { origin } => Some(origin),
            Self::SameDocument { .. } => None,
        }
    }

    pub fn announce(&self, event: &HostEvent) {
        match self {
            Self::AroundFrame { origin } => post(
                origin,
                &FrameMessage {
                    name: Some(event.name()),
                    detail: Some(event),
                    ..FrameMessage::new(message::EVENT)
                },
            ),
            Self::SameDocument { element } => {
                let init = CustomEventInit::new();
                init.set_detail(&to_js(event).unwrap_or_default());
                init.set_bubbles(true);
                init.set_composed(true);
                let name = ["embark:", event.name()].concat();
                if let Ok(event) = CustomEvent::new_with_event_init_dict(&name, &init) {
                    let _ = element.dispatch_event(&event);
                }
            }
        }
    }

    /// Reports the widget to the loader, and its height from now on. `None` outside a frame.
    pub fn report_height(&self, root: &Element) -> Option<HeightReport> {
        let origin = self.frame_origin()?.to_owned();
        post(&origin, &FrameMessage::new(message::HELLO));
        let on_resize = Closure::new(move || {
            let height = Some(body().offset_height());
            let message = FrameMessage::new(message::HEIGHT);
            post(&origin, &FrameMessage { height, ..message });
        });
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok()?;
        observer.observe(root);
        Some(HeightReport {
            observer,
            _on_resize: on_resize,
        })
    }
}

/// Stops when it is dropped.
pub struct HeightReport {
    observer: ResizeObserver,
    _on_resize: Closure<dyn Fn()>,
}

impl Drop for HeightReport {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

impl FrameMessage<'_> {
    fn new(kind: &'static str) -> Self {
        Self {
            source: message::SOURCE,
            v: VERSION,
            kind,
            height: None,
            name: None,
            detail: None,
        }
    }
}

fn post(origin: &str, message: &FrameMessage<'_>) {
    if let Ok(Some(parent)) = window().parent() {
        let _ = parent.post_message(&to_js(message).unwrap_or_default(), origin);
    }
}
