//! A run on its way: its steps one under the other, and the countdown where Meta wants a pause.

use super::{
    Sight,
    icon::{self, icon, mark},
    tree::{Node, el},
};
use crate::{
    flow::{
        Following,
        snapshot::{StepView, step_state_word},
    },
    json::digits,
};
use embark_protocol::{Status, snapshot::StepState};

pub fn resuming(sight: &Sight) -> Node {
    let title = sight.word("resuming.title");
    sight.card("progress", mark(icon::BUBBLE, "busy"), title, sight.word("resuming.text")).kids(sight.trouble())
}

pub fn sending(sight: &Sight) -> Node {
    let title = sight.word("running.title");
    sight.card("progress", mark(icon::BUBBLE, "busy"), title, sight.word("sending.text"))
}

pub fn panel(sight: &Sight, following: &Following) -> Node {
    let snapshot = &following.snapshot;
    let waiting = snapshot.status == Status::Waiting;
    let title = sight.word(if waiting { "waiting.title" } else { "running.title" });
    let text = match &snapshot.problem {
        Some(problem) if waiting => sight.words.of("problem", &problem.code),
        _ => sight.word(if waiting { "waiting.text" } else { "running.text" }),
    };
    let sign = if waiting { mark(icon::CLOCK, "calm") } else { mark(icon::BUBBLE, "busy") };
    let mut card = sight.card("progress", sign, title, text);
    if waiting && let Some(until) = following.until {
        let left = countdown(until.saturating_sub(sight.state.now));
        card = card.kid(el("p", "em-countdown").key("countdown").text(sight.words.fill("waiting.left", "{time}", &left)));
    }
    let steps = snapshot.steps.iter().map(|view| step(sight, view));
    let active = snapshot.steps.iter().find(|view| view.state == StepState::Active);
    if let (false, Some(view)) = (waiting, active) {
        say(&mut card, sight.words.of("step", &view.step));
    }
    card.kid(el("ol", "em-steps").kids(steps)).kids(sight.trouble())
}

/// How far the run is, where the steps themselves are not the matter.
pub fn bar(steps: &[StepView]) -> Node {
    let part = |view: &StepView| el("span", "em-part").attr("data-state", step_state_word(view.state));
    el("div", "em-bar").attr("aria-hidden", "true").kids(steps.iter().map(part))
}

fn step(sight: &Sight, view: &StepView) -> Node {
    let sign = match view.state {
        StepState::Done => icon(icon::CHECK),
        StepState::Failed => icon(icon::CROSS),
        StepState::Skipped => icon(icon::SKIP),
        StepState::Active | StepState::Todo => el("span", "em-dot"),
    };
    let state = step_state_word(view.state);
    let row = el("li", "em-step").test_id(["embark-step-", &view.step].concat()).attr("data-state", state);
    let row = if view.state == StepState::Active { row.attr("aria-current", "step") } else { row };
    row.kid(el("span", "em-sign").key(state).kid(sign))
        .kid(el("span", "").text(sight.words.of("step", &view.step)))
        .kid(el("span", "em-spoken").text(sight.words.of("step_state", state)))
}

/// Minutes and seconds.
fn countdown(ms: u64) -> String {
    let seconds = u32::try_from(ms.div_ceil(1000)).unwrap_or(u32::MAX);
    let mut text = String::new();
    digits(&mut text, seconds / 60);
    text.push(':');
    if seconds % 60 < 10 {
        text.push('0');
    }
    digits(&mut text, seconds % 60);
    text
}

fn say(card: &mut Node, words: String) {
    if let Some((_, said)) = card.attrs.iter_mut().find(|(name, _)| *name == "data-say") {
        *said = words.into();
    }
}

#[cfg(test)]
mod tests {
    use super::countdown;

    #[test]
    fn countdowns() {
        for (ms, text) in [(0, "0:00"), (1, "0:01"), (59_000, "0:59"), (60_001, "1:01"), (3_600_000, "60:00")] {
            assert_eq!(countdown(ms), text);
        }
    }
}
