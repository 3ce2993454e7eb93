//! A signup under way: the list of its steps, and a countdown while it waits.

use crate::{
    icon::Icon,
    model::{Following, SendingPanel, Snapshot, StepProgress},
    renderer::Renderer,
};
use embark_protocol::SignupStatus;

pub fn resuming(renderer: &mut Renderer) {
    renderer.card("resuming", Icon::Bubble, "busy");
    renderer.connection_banner();
    renderer.close();
}

/// In the layout of the run that follows. Without a connection it says how long there is.
pub fn sending(renderer: &mut Renderer, sending: &SendingPanel<'_>) {
    let text = match sending.deadline {
        Some(deadline) => {
            let left = format_duration(deadline.saturating_sub(renderer.model.now));
            renderer.messages.format("sending.offline", &left)
        }
        None => renderer.message("sending.text").to_owned(),
    };
    let tone = if sending.deadline.is_some() {
        "warn"
    } else {
        "busy"
    };
    renderer.card_with_text("running", Icon::Bubble, tone, &text);
    if sending.deadline.is_some() {
        // The time left is not read out every second.
        renderer.announcement = renderer.message("trouble.text").to_owned();
    }
    steps(renderer, sending.steps);
    renderer.close();
}

pub fn panel(renderer: &mut Renderer, following: &Following) {
    let snapshot = &following.snapshot;
    if snapshot.known_status() == SignupStatus::Waiting {
        waiting(renderer, following);
    } else {
        let text = renderer.message(if following.is_long {
            "running.long"
        } else {
            "running.text"
        });
        renderer.card_with_text("running", Icon::Bubble, "busy", text);
        if let Some(active) = snapshot.steps.iter().find(|step| step.state == "active") {
            let name = renderer.messages.lookup_or_unknown("step", &active.step);
            renderer.announcement = name.to_owned();
        }
    }
    steps(renderer, &snapshot.steps);
    renderer.connection_banner();
    renderer.close();
}

fn steps(renderer: &mut Renderer, steps: &[StepProgress]) {
    renderer.open("ol.em-steps");
    for progress in steps {
        step(renderer, progress);
    }
    renderer.close();
}

fn waiting(renderer: &mut Renderer, following: &Following) {
    let problem = following.snapshot.problem.as_ref();
    let code = problem.map_or("", |problem| &problem.code);
    // The default text says that Meta asks for a pause, which is not so for another provider.
    let name = if code.starts_with("provider_") {
        "handoff"
    } else {
        "waiting"
    };
    let mut text = renderer.message_in(name, "text").to_owned();
    if !code.is_empty() {
        let reason = renderer.messages.lookup_or_unknown("problem", code);
        text = [reason, " ", &text].concat();
    }
    renderer.card_with_text(name, Icon::Clock, "calm", &text);
    if let Some(deadline) = following.deadline {
        let left = deadline.saturating_sub(renderer.model.now);
        let at = renderer.messages.describe_time(deadline, Some(left));
        let left = match at.filter(|_| left > LONG_WAIT_MS) {
            Some(at) => renderer.messages.format("waiting.at", &at),
            None => {
                let left = format_duration(left);
                renderer.messages.format(&[name, ".left"].concat(), &left)
            }
        };
        renderer.text_element("p.em-countdown", &left);
    }
    renderer.resume_link(&following.snapshot);
}

/// The steps as a progress bar, for a panel that is about something else.
pub fn bar(renderer: &mut Renderer, snapshot: &Snapshot) {
    renderer.open("div.em-bar aria-hidden=true");
    for progress in &snapshot.steps {
        renderer.open("span.em-part");
        renderer.attr("data-state", &progress.state);
        renderer.close();
    }
    renderer.close();
}

fn step(renderer: &mut Renderer, progress: &StepProgress) {
    let StepProgress { step, state } = progress;
    let (name, spoken) = (
        renderer.messages.lookup_or_unknown("step", step),
        renderer.messages.lookup_or_unknown("step_state", state),
    );
    renderer.open_keyed("li.em-step", step);
    renderer.attr("data-testid", &["embark-step-", step].concat());
    renderer.attr("data-state", state);
    renderer.open_keyed("span.em-sign", state);
    match state.as_str() {
        "done" => renderer.icon(Icon::Check),
        "failed" => renderer.icon(Icon::Cross),
        "skipped" => renderer.icon(Icon::Skip),
        _ => renderer.text_element("span.em-dot", ""),
    }
    renderer.close();
    renderer.text_element("span", name);
    renderer.text_element("span.em-spoken", spoken);
    renderer.close();
}

/// A longer wait is told by day and time, not counted down.
const LONG_WAIT_MS: u64 = 3_600_000;

/// `m:ss`, or `h:mm:ss` from one hour on; at most 99 hours.
fn format_duration(ms: u64) -> String {
    let seconds = ms.div_ceil(1000).min(359_999);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        let minutes = two_digits(minutes);
        [&hours.to_string(), ":", &minutes, ":", &two_digits(seconds)].concat()
    } else {
        [&minutes.to_string(), ":", &two_digits(seconds)].concat()
    }
}

fn two_digits(number: u64) -> String {
    let padding = if number < 10 { "0" } else { "" };
    [padding, &number.to_string()].concat()
}

#[cfg(test)]
mod tests {
    use super::format_duration;

    #[test]
    fn duration_is_formatted_with_hours_from_one_hour_on() {
        for (ms, text) in [
            (0, "0:00"),
            (1, "0:01"),
            (59_000, "0:59"),
            (60_001, "1:01"),
            (3_599_000, "59:59"),
            (3_600_000, "1:00:00"),
            (3_909_000, "1:05:09"),
            (259_200_000, "72:00:00"),
        ] {
            assert_eq!(format_duration(ms), text);
        }
    }
}
