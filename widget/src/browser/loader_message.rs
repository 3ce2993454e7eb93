//! Messages of the loader to its frame (`protocol::events::message`).

use crate::js_value::from_js;
use embark_protocol::events::message;
use gloo_utils::window;
use serde::Deserialize;
use web_sys::MessageEvent;

#[derive(Deserialize)]
pub struct LoaderMessage {
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The theme of the host page, `light` or `dark`.
    pub theme: Option<String>,
}

/// Reads a message event. `None` unless it comes from the page around the frame, which must be of this origin.
pub fn read(event: &MessageEvent, origin: &str) -> Option<LoaderMessage> {
    let parent = window().parent().ok()??;
    let is_from_parent = event.source().as_deref() == Some(parent.as_ref());
    if event.origin() != origin || !is_from_parent {
        return None;
    }
    from_js(event.data())
}

impl LoaderMessage {
    /// Whether the hosted page was opened.
    pub fn is_launch(&self) -> bool {
        self.kind.as_deref() == Some(message::LAUNCH)
    }
}
