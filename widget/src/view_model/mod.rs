//! What the view needs of the state.

#[cfg(test)]
mod tests;

use crate::flow::state::{Phase, SdkState, State};
use embark_view::model::{Model, Panel, PopupPanel, SendingPanel};

/// The model of the current state.
pub fn model(state: &State) -> Model<'_> {
    Model {
        can_launch: state.can_launch(),
        failed_polls: state.failed_polls,
        dialog_mode: state.dialog_mode,
        ..Model::new(&state.launch, panel(state), state.now)
    }
}

fn panel(state: &State) -> Panel<'_> {
    match &state.phase {
        Phase::Asking(_) => Panel::Asking,
        Phase::Resuming => Panel::Resuming,
        Phase::Idle if state.sdk == SdkState::Blocked => Panel::SdkBlocked,
        Phase::Idle if state.shows_link_without_sdk() => Panel::Loading,
        Phase::Idle => Panel::Start,
        Phase::Popup(attempt) => Panel::Popup(PopupPanel {
            status: attempt.popup,
            is_own: attempt.number > 0,
            open_long: attempt.open_long,
            severed: attempt.severed,
            cancel: attempt.cancel.as_ref(),
        }),
        Phase::Sending => Panel::Sending(SendingPanel {
            steps: &state.steps,
            deadline: state.code_deadline(),
        }),
        Phase::Following(following) => Panel::Following(following),
        Phase::CookiesOff => Panel::CookiesOff,
        Phase::Failed(problem) => Panel::Failed(problem),
    }
}
