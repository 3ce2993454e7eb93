//! What the view needs of the state.

#[cfg(test)]
mod tests;

use crate::flow::state::{Phase, SdkState, State};
use embark_view::model::{Model, Panel, PopupPanel};

/// The model of the current state.
pub fn model(state: &State) -> Model<'_> {
    Model {
        can_launch: state.can_launch(),
        failed_polls: state.failed_polls,
        ..Model::new(&state.launch, panel(state), state.now)
    }
}

fn panel(state: &State) -> Panel<'_> {
    match &state.phase {
        Phase::Resuming => Panel::Resuming,
        Phase::Idle if state.sdk == SdkState::Blocked => Panel::SdkBlocked,
        Phase::Idle if state.offers_way_without_sdk() => Panel::Loading,
        Phase::Idle => Panel::Start,
        Phase::Popup(attempt) => Panel::Popup(PopupPanel {
            status: attempt.popup,
            is_own: attempt.number > 0,
            open_long: attempt.open_long,
            cancel: attempt.cancel.as_ref(),
        }),
        Phase::Sending => Panel::Sending,
        Phase::Following(following) => Panel::Following(following),
        Phase::Failed(problem) => Panel::Failed(problem),
    }
}
