//! Where a run ends: connected, back to Meta, or stopped with a sentence, a way on and what to quote.

use super::{
    Sight,
    icon::{self, mark},
    popup,
    tree::{Node, el},
};
use crate::{
    error::{Problem, remedy_word},
    flow::snapshot::Snapshot,
    listen::Cancel,
};
use embark_protocol::{Remedy, Status};

pub fn panel(sight: &Sight, snapshot: &Snapshot) -> Node {
    match snapshot.status {
        Status::Connected => connected(sight, snapshot),
        Status::ConnectedWithoutNumber => without_number(sight),
        Status::Relaunch => relaunch(sight, snapshot.problem.as_ref()),
        Status::Abandoned => popup::cancelled(sight, &Cancel::default()),
        _ => {
            let unnamed = Problem::ours("unknown", Remedy::Contact);
            failed(sight, snapshot.problem.as_ref().unwrap_or(&unnamed))
        }
    }
}

/// No run can be followed: our own end of a launch.
pub fn stopped(sight: &Sight, problem: &Problem) -> Node {
    if problem.remedy == Remedy::Relaunch { relaunch(sight, Some(problem)) } else { failed(sight, problem) }
}

fn connected(sight: &Sight, snapshot: &Snapshot) -> Node {
    let c = &snapshot.connected;
    let text = sight.word(if c.coexistence { "connected.coexistence" } else { "connected.text" });
    let name = c.verified_name.iter().map(|name| el("strong", "em-name").text(name.clone()));
    let number = c.display_phone_number.iter().map(|number| {
        el("span", "em-number").attr("dir", "ltr").text(number.clone())
    });
    let plate = el("div", "em-plate").kids(name).kids(number);
    let card = sight.card("connected", mark(icon::CHECK, "won"), sight.word("connected.title"), text);
    let card = if plate.kids.is_empty() { card } else { card.kid(plate) };
    card.kid(el("div", "em-acts").kid(sight.anew("em-link", "connected.another")))
}

fn without_number(sight: &Sight) -> Node {
    let title = sight.word("without_number.title");
    sight
        .card("without", mark(icon::CHECK, "good"), title, sight.word("without_number.text"))
        .kid(el("div", "em-acts").kid(sight.anew("em-button", "without_number.add")))
}

fn relaunch(sight: &Sight, problem: Option<&Problem>) -> Node {
    let text = match problem {
        Some(problem) => explain(sight, problem),
        None => sight.word("relaunch.text"),
    };
    sight
        .card("relaunch", mark(icon::WINDOW, "calm"), sight.word("relaunch.title"), text)
        .kid(el("div", "em-acts").kid(sight.restart("em-button", "continue")))
        .kids(quote(sight, problem))
}

fn failed(sight: &Sight, problem: &Problem) -> Node {
    sight
        .card("failed", mark(icon::ALERT, "bad"), sight.word("failed.title"), explain(sight, problem))
        .attr("role", "alert")
        .kid(el("div", "em-acts").kid(sight.anew("em-button em-quiet", "start_again")))
        .kids(quote(sight, Some(problem)))
}

/// What happened, and what to do now: said for this problem, or for whoever must act.
fn explain(sight: &Sight, problem: &Problem) -> String {
    let mut text = sight.words.of("problem", &problem.code);
    let next = sight.words.find(&["next.", &problem.code].concat());
    let next = next.unwrap_or_else(|| sight.words.of("remedy", remedy_word(problem.remedy)));
    text.push(' ');
    text.push_str(&next);
    text
}

/// What the partner's support asks for.
fn quote(sight: &Sight, problem: Option<&Problem>) -> Option<Node> {
    let problem = problem?;
    let trace = problem.fbtrace_id.as_deref()?;
    let text = sight.words.fill("failed.trace", "{id}", trace);
    Some(el("p", "em-trace").text(text))
}
