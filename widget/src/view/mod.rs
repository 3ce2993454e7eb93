//! What a person sees: the state of the flow, rendered as one panel, and beside it a polite live region
//! that announces the panel to screen readers.

pub mod appearance;
pub mod dom_sink;
mod form;
mod icon;
pub mod incremental_dom;
mod outcome;
mod popup;
mod progress;
mod renderer;
mod report;
mod start;
#[cfg(test)]
mod tests;

use crate::{
    flow::state::{Phase, PopupStatus, SdkState, State},
    messages::Messages,
};
use appearance::Appearance;
use dom_sink::DomSink;
use embark_protocol::SignupStatus;
use renderer::Renderer;

/// Name of the current panel, the `data-state` attribute of the root element.
pub fn state_name(state: &State) -> &'static str {
    match &state.phase {
        Phase::Resuming => "resuming",
        Phase::Idle if state.sdk == SdkState::Blocked => "sdk_blocked",
        Phase::Idle if state.can_launch() => "ready",
        Phase::Idle => "loading",
        Phase::Popup(attempt) => match attempt.popup {
            PopupStatus::Open => "popup",
            PopupStatus::Closed => "popup_closed",
            PopupStatus::CodeMissing => "popup_silent",
            PopupStatus::Blocked => "popup_blocked",
            PopupStatus::Cancelled => "cancelled",
        },
        Phase::Sending => "sending",
        Phase::Following(following) => following.snapshot.known_status().as_str(),
        Phase::Failed(_) => "stopped",
    }
}

/// Renders the whole widget: the attributes and content of its root element.
pub fn render(sink: &mut dyn DomSink, state: &State, messages: &Messages, appearance: &Appearance) {
    let mut renderer = Renderer {
        sink,
        state,
        messages,
        appearance,
        announcement: String::new(),
    };
    let lang = renderer.message("lang");
    renderer.attr("data-testid", "embark-state");
    renderer.attr("data-state", state_name(state));
    renderer.attr("data-size", &appearance.size);
    renderer.attr("data-shape", &appearance.shape);
    renderer.attr("lang", lang);
    renderer.attr("dir", if messages.is_rtl() { "rtl" } else { "ltr" });
    match &state.phase {
        Phase::Resuming => progress::resuming(&mut renderer),
        Phase::Idle if state.sdk == SdkState::Blocked => start::sdk_blocked(&mut renderer),
        Phase::Idle => start::button(&mut renderer),
        Phase::Popup(attempt) => popup::panel(&mut renderer, attempt),
        Phase::Sending => progress::sending(&mut renderer),
        Phase::Following(following) => match following.snapshot.known_status() {
            SignupStatus::NeedsInput => form::panel(&mut renderer, following),
            SignupStatus::Launched | SignupStatus::Running | SignupStatus::Waiting => {
                progress::panel(&mut renderer, following)
            }
            _ => outcome::panel(&mut renderer, following),
        },
        Phase::Failed(problem) => outcome::launch_failed(&mut renderer, problem),
    }
    let announcement = std::mem::take(&mut renderer.announcement);
    renderer.text_element("p.em-spoken role=status", &announcement);
}
