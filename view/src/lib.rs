//! What a person sees of a signup, rendered as one panel, and beside it a polite live region that announces the panel to
//! screen readers. The Worker renders it to HTML, so that a page is complete before any script; the widget takes the
//! elements over and keeps them up to date.
//!
//! Reading order: `model` (what is shown), `messages` and `appearance` (its words and looks), the panels in the order
//! of a signup, then where they are rendered to: `html` and `incremental_dom`.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod appearance;
pub mod messages;
pub mod model;

mod form;
mod icon;
mod outcome;
mod popup;
mod progress;
mod renderer;
mod report;
mod start;

pub mod dom_sink;
pub mod html;
pub mod incremental_dom;

use appearance::Appearance;
use dom_sink::DomSink;
use embark_protocol::SignupStatus;
use messages::Messages;
use model::{Model, Panel};
use renderer::Renderer;

/// Renders the whole widget: the attributes and content of its root element.
pub fn render(
    sink: &mut dyn DomSink,
    model: &Model<'_>,
    messages: &Messages,
    appearance: &Appearance,
) {
    let mut renderer = Renderer {
        sink,
        model,
        messages,
        appearance,
        announcement: String::new(),
    };
    let lang = renderer.message("lang");
    renderer.attr("data-testid", "embark-state");
    renderer.attr("data-state", model.state_name());
    renderer.attr("data-size", &appearance.size);
    renderer.attr("data-shape", &appearance.shape);
    renderer.attr("lang", lang);
    renderer.attr("dir", if messages.is_rtl() { "rtl" } else { "ltr" });
    match &model.panel {
        Panel::Resuming => progress::resuming(&mut renderer),
        Panel::Loading | Panel::Start => start::button(&mut renderer),
        Panel::SdkBlocked => start::sdk_blocked(&mut renderer),
        Panel::Popup(popup) => popup::panel(&mut renderer, popup),
        Panel::Sending => progress::sending(&mut renderer),
        Panel::Following(following) => match following.status() {
            SignupStatus::NeedsInput => form::panel(&mut renderer, following),
            SignupStatus::Launched | SignupStatus::Running | SignupStatus::Waiting => {
                progress::panel(&mut renderer, following)
            }
            _ => outcome::panel(&mut renderer, following),
        },
        Panel::Failed(problem) => outcome::launch_failed(&mut renderer, problem),
    }
    let announcement = std::mem::take(&mut renderer.announcement);
    renderer.text_element("p.em-spoken role=status", &announcement);
}
