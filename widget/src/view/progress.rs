//! A run on its way: its steps one under the other, and the countdown where Meta wants a pause.

use super::{icon::Icon, pen::Pen};
use crate::{
    doc::Doc,
    flow::{Following, snapshot::Snapshot},
    json::{decimal, join},
};
use alloc::string::String;
use embark_protocol::Status;

pub fn resuming(pen: &mut Pen) {
    pen.card("resuming", Icon::Bubble, "busy");
    pen.trouble();
    pen.close();
}

pub fn sending(pen: &mut Pen) {
    let text = pen.word("sending.text");
    pen.card_saying("running", Icon::Bubble, "busy", &text);
    pen.close();
}

pub fn panel(pen: &mut Pen, following: &Following) {
    let snapshot = &following.snapshot;
    if snapshot.status == Status::Waiting {
        waiting(pen, following);
    } else {
        pen.card("running", Icon::Bubble, "busy");
        if let Some(active) = snapshot
            .doc
            .items("steps")
            .find(|step| state_of(step) == "active")
        {
            pen.said = pen.words.of("step", &active.text_or_empty("step"));
        }
    }
    pen.open("ol.em-steps");
    for view in snapshot.doc.items("steps") {
        step(pen, &view);
    }
    pen.close();
    pen.trouble();
    pen.close();
}

fn waiting(pen: &mut Pen, following: &Following) {
    let problem = following.snapshot.problem();
    let code = problem.map(|problem| problem.code).unwrap_or_default();
    // What another provider takes its time for is no pause of Meta's.
    let name = if code.starts_with("provider_") {
        "handoff"
    } else {
        "waiting"
    };
    let mut text = pen.word_of(name, "text");
    if !code.is_empty() {
        text = join(&[&pen.words.of("problem", &code), " ", &text]);
    }
    pen.card_saying(name, Icon::Clock, "calm", &text);
    if let Some(until) = following.until {
        let left = countdown(until.saturating_sub(pen.state.now));
        let left = pen.words.fill(&join(&[name, ".left"]), &left);
        pen.leaf("p.em-countdown", &left);
    }
    pen.acts();
    pen.later(&following.snapshot);
    pen.close();
}

/// How far the run is, where the steps themselves are not the matter.
pub fn bar(pen: &mut Pen, snapshot: &Snapshot) {
    pen.open("div.em-bar aria-hidden=true");
    for view in snapshot.doc.items("steps") {
        pen.open("span.em-part");
        pen.attr("data-state", &state_of(&view));
        pen.close();
    }
    pen.close();
}

fn step(pen: &mut Pen, view: &Doc) {
    let (step, state) = (view.text_or_empty("step"), state_of(view));
    let (name, spoken) = (
        pen.words.of("step", &step),
        pen.words.of("step_state", &state),
    );
    pen.keyed("li.em-step", &step);
    pen.attr("data-testid", &join(&["embark-step-", &step]));
    pen.attr("data-state", &state);
    pen.keyed("span.em-sign", &state);
    match state.as_str() {
        "done" => pen.icon(Icon::Check),
        "failed" => pen.icon(Icon::Cross),
        "skipped" => pen.icon(Icon::Skip),
        _ => pen.leaf("span.em-dot", ""),
    }
    pen.close();
    pen.leaf("span", &name);
    pen.leaf("span.em-spoken", &spoken);
    pen.close();
}

/// One of `protocol::snapshot::StepState`, as a word.
fn state_of(step: &Doc) -> String {
    step.text_or_empty("state")
}

/// Minutes and seconds, after the hours where there are some.
fn countdown(ms: u64) -> String {
    let seconds = ms.div_ceil(1000).min(359_999) as u32;
    let mut text = String::new();
    let mut minutes = seconds / 60;
    if minutes > 59 {
        text = decimal(minutes / 60);
        minutes %= 60;
        text.push_str(colon(minutes));
    }
    join(&[
        &text,
        &decimal(minutes),
        colon(seconds % 60),
        &decimal(seconds % 60),
    ])
}

/// What stands before two digits.
fn colon(number: u32) -> &'static str {
    if number < 10 { ":0" } else { ":" }
}

#[cfg(test)]
mod tests {
    use super::countdown;

    #[test]
    fn countdowns() {
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
            assert_eq!(countdown(ms), text);
        }
    }
}
