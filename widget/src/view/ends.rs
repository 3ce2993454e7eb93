//! Where a run ends: connected, back to Meta, or stopped with a sentence, a way on and what to quote.

use super::{icon::Icon, pen::Pen, popup, report};
use crate::{error::Problem, flow::Following, json::join};
use alloc::string::String;
use embark_protocol::Status;

pub fn panel(pen: &mut Pen, following: &Following) {
    let snapshot = &following.snapshot;
    match snapshot.status {
        Status::Connected => connected(pen, following),
        Status::ConnectedWithoutNumber => without_number(pen, following),
        Status::Relaunch => relaunch(pen, snapshot.problem().as_ref()),
        Status::Abandoned => popup::cancelled(pen, &snapshot.left().1),
        _ => failed(pen, snapshot.problem().as_ref()),
    }
}

/// No run can be followed: our own end of a launch.
pub fn stopped(pen: &mut Pen, problem: &Problem) {
    if problem.remedy == "relaunch" {
        relaunch(pen, Some(problem));
    } else {
        failed(pen, Some(problem));
    }
}

fn connected(pen: &mut Pen, following: &Following) {
    let known = following.snapshot.doc.get("connected");
    let of = |key| {
        known
            .as_ref()
            .map(|known| known.text_or_empty(key))
            .unwrap_or_default()
    };
    let stays = known
        .as_ref()
        .is_some_and(|known| known.is_true("coexistence"));
    let (name, number) = (of("verified_name"), of("display_phone_number"));
    // Nothing is called ready above a list that says what Meta holds back.
    let text = if report::has_problem(following) {
        String::new()
    } else {
        pen.word(if stays {
            "connected.coexistence"
        } else {
            "connected.text"
        })
    };
    pen.card_saying("connected", Icon::Check, "won", &text);
    if !name.is_empty() || !number.is_empty() {
        pen.open("div.em-plate");
        pen.leaf("strong.em-name", &name);
        pen.leaf("span.em-number dir=ltr", &number);
        pen.close();
    }
    report::list(pen, following);
    pen.acts();
    pen.press(
        "button.em-link data-act=anew data-testid=embark-restart",
        "connected.another",
        true,
    );
    pen.close();
    pen.close();
}

fn without_number(pen: &mut Pen, following: &Following) {
    pen.card("without_number", Icon::Check, "good");
    report::list(pen, following);
    pen.acts();
    pen.press(
        "button.em-button data-act=anew data-testid=embark-restart",
        "without_number.add",
        true,
    );
    pen.close();
    pen.close();
}

fn relaunch(pen: &mut Pen, problem: Option<&Problem>) {
    let text = match problem {
        Some(problem) => explain(pen, problem),
        None => pen.word("relaunch.text"),
    };
    pen.card_saying("relaunch", Icon::Window, "calm", &text);
    pen.acts();
    pen.restart("continue");
    pen.close();
    quote(pen, problem);
    pen.close();
}

fn failed(pen: &mut Pen, problem: Option<&Problem>) {
    let unnamed = Problem::ours("unknown", "contact");
    let text = explain(pen, problem.unwrap_or(&unnamed));
    pen.card_saying("failed", Icon::Alert, "bad", &text);
    pen.alert();
    // A page that nothing can be launched from has said what to do instead.
    if pen.state.launch.problem().is_none() {
        pen.acts();
        pen.press(
            "button.em-quiet data-act=anew data-testid=embark-restart",
            "start_again",
            true,
        );
        pen.close();
    }
    quote(pen, problem);
    pen.close();
}

/// What happened, and what to do now: said for this problem, or for whoever must act.
fn explain(pen: &Pen, problem: &Problem) -> String {
    let next = pen.words.find(&join(&["next.", &problem.code]));
    let next = next.unwrap_or_else(|| pen.words.of("remedy", &problem.remedy));
    join(&[&pen.words.of("problem", &problem.code), " ", &next])
}

/// What the partner's support asks for.
fn quote(pen: &mut Pen, problem: Option<&Problem>) {
    if let Some(trace) = problem.and_then(|problem| problem.fbtrace_id.as_deref()) {
        let text = pen.words.fill("failed.trace", trace);
        pen.leaf("p.em-trace", &text);
    }
}
