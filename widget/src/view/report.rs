//! What is still to be done once it is connected: the lines of the readiness report that a customer can act
//! on, problems first. Their words are the locale files'; only Meta's own reasons are as Meta worded them.

use super::{icon::Icon, pen::Pen};
use crate::{doc::Doc, flow::Following, json::join};

pub fn list(pen: &mut Pen, following: &Following) {
    let Some(report) = &following.report else {
        return;
    };
    if report.items("lines").next().is_none() {
        return;
    }
    let busy = following.is_waiting(pen.state.now);
    pen.open("div.em-report");
    pen.open("div.em-top");
    pen.say("span.em-label", "report.title");
    let again = pen.word(if busy { "report.busy" } else { "report.again" });
    pen.open("button.em-link type=button data-act=check data-testid=embark-check");
    pen.busy(busy);
    pen.text(&again);
    pen.close();
    pen.close();
    pen.open("ul.em-lines");
    for first in [true, false] {
        for line in report.items("lines") {
            if is_problem(&line) == first {
                item(pen, &line, first, busy);
            }
        }
    }
    pen.close();
    pen.close();
}

pub fn has_problem(following: &Following) -> bool {
    let report = following.report.as_ref();
    report.is_some_and(|report| report.items("lines").any(|line| is_problem(&line)))
}

fn is_problem(line: &Doc) -> bool {
    line.text_or_empty("state") == "problem"
}

fn item(pen: &mut Pen, line: &Doc, problem: bool, busy: bool) {
    let (item, next) = (line.text_or_empty("item"), line.text_or_empty("next"));
    let text = pen.words.find(&join(&["report.", &next, ".", &item]));
    let text = text.unwrap_or_else(|| pen.words.of("report", &next));
    // What is being read anew is said when it is there, also where nothing changed.
    if !busy {
        pen.said = join(&[&pen.said, " ", &text]);
    }
    let (state, icon) = if problem {
        ("problem", Some(Icon::Alert))
    } else if next == "wait_for_meta" {
        ("active", Some(Icon::Clock))
    } else {
        ("todo", None)
    };
    pen.keyed("li.em-line", &item);
    pen.attr("data-testid", &join(&["embark-line-", &item]));
    pen.attr("data-state", state);
    pen.keyed("span.em-sign", state);
    if let Some(icon) = icon {
        pen.icon(icon);
    }
    pen.close();
    pen.open("div.em-words");
    pen.leaf("span", &text);
    let spoken = pen.words.of("step_state", state);
    pen.leaf("span.em-spoken", &spoken);
    for reason in line.items("reasons") {
        pen.leaf("p.em-fine lang=en dir=ltr", &reason.text_or_empty("text"));
    }
    pen.close();
    pen.close();
}
