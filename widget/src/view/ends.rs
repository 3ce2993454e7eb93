//! Where a run ends: connected, back to Meta, or stopped with a sentence, a way on and what to quote.

use super::{icon::Icon, pen::Pen, popup};
use crate::{
    error::{Problem, remedy_word},
    flow::snapshot::Snapshot,
    json::join,
};
use embark_protocol::{Remedy, Status};

pub fn panel(pen: &mut Pen, snapshot: &Snapshot) {
    match snapshot.status {
        Status::Connected => connected(pen, snapshot),
        Status::ConnectedWithoutNumber => without_number(pen),
        Status::Relaunch => relaunch(pen, snapshot.problem.as_ref()),
        Status::Abandoned => popup::cancelled(pen, None),
        _ => failed(pen, snapshot.problem.as_ref()),
    }
}

/// No run can be followed: our own end of a launch.
pub fn stopped(pen: &mut Pen, problem: &Problem) {
    if problem.remedy == Remedy::Relaunch {
        relaunch(pen, Some(problem));
    } else {
        failed(pen, Some(problem));
    }
}

fn connected(pen: &mut Pen, snapshot: &Snapshot) {
    let c = &snapshot.connected;
    let text = pen.word(if c.coexistence { "connected.coexistence" } else { "connected.text" });
    pen.card_saying("connected", Icon::Check, "won", &text);
    if c.verified_name.is_some() || c.display_phone_number.is_some() {
        pen.open("div", "em-plate");
        if let Some(name) = &c.verified_name {
            pen.leaf("strong", "em-name", name);
        }
        if let Some(number) = &c.display_phone_number {
            pen.open("span", "em-number");
            pen.attr("dir", "ltr");
            pen.text(number);
            pen.close();
        }
        pen.close();
    }
    pen.acts();
    pen.anew("em-link", "connected.another");
    pen.close();
    pen.close();
}

fn without_number(pen: &mut Pen) {
    pen.card("without_number", Icon::Check, "good");
    pen.acts();
    pen.anew("em-button", "without_number.add");
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
    pen.restart("em-button", "continue");
    pen.close();
    quote(pen, problem);
    pen.close();
}

fn failed(pen: &mut Pen, problem: Option<&Problem>) {
    let unnamed = Problem::ours("unknown", Remedy::Contact);
    let text = explain(pen, problem.unwrap_or(&unnamed));
    pen.card_saying("failed", Icon::Alert, "bad", &text);
    pen.alert();
    pen.acts();
    pen.anew("em-button em-quiet", "start_again");
    pen.close();
    quote(pen, problem);
    pen.close();
}

/// What happened, and what to do now: said for this problem, or for whoever must act.
fn explain(pen: &Pen, problem: &Problem) -> String {
    let next = pen.words.find(&join(&["next.", &problem.code]));
    let next = next.unwrap_or_else(|| pen.words.of("remedy", remedy_word(problem.remedy)));
    join(&[&pen.words.of("problem", &problem.code), " ", &next])
}

/// What the partner's support asks for.
fn quote(pen: &mut Pen, problem: Option<&Problem>) {
    if let Some(trace) = problem.and_then(|problem| problem.fbtrace_id.as_deref()) {
        let text = pen.words.fill("failed.trace", trace);
        pen.leaf("p", "em-trace", &text);
    }
}
