//! The readiness report of a connected signup: the lines that a customer can act on, problems first. Their
//! text is in the locale files; the reasons that Meta gives are shown in Meta's own words, in English.

use crate::{
    icon::Icon,
    model::{Check, Following},
    renderer::Renderer,
};

/// Renders nothing without a report, or if it has no lines.
pub fn list(renderer: &mut Renderer, following: &Following) {
    // What could not be done is a warning of the signup's, not a line of the report.
    for warning in &following.snapshot.warnings {
        if let Some(text) = renderer
            .messages
            .lookup_optional(&["warning.", warning].concat())
        {
            renderer.announcement = [renderer.announcement.as_str(), " ", text].concat();
            renderer.text_element("p.em-warning", text);
        }
    }
    let Some(report) = &following.report else {
        return;
    };
    if report.checks.is_empty() {
        return;
    }
    let busy = following.is_waiting(renderer.model.now);
    renderer.open("div.em-report");
    renderer.open("div.em-top");
    renderer.localized("span.em-label", "report.title");
    let label = renderer.message(if busy { "report.busy" } else { "report.again" });
    renderer.open("button.em-link type=button data-act=check data-testid=embark-check");
    renderer.aria_disabled(busy);
    renderer.text(label);
    renderer.close();
    renderer.close();
    let at = renderer.messages.describe_time(report.read_at, None);
    if let Some(at) = at.filter(|_| following.is_rechecked && !busy) {
        let text = renderer.messages.format("report.checked", &at);
        renderer.announcement = [renderer.announcement.as_str(), " ", &text].concat();
        renderer.text_element("p.em-fine data-testid=embark-checked", &text);
    }
    renderer.open("ul.em-lines");
    for problems in [true, false] {
        for check in &report.checks {
            if is_problem(check) == problems {
                line(renderer, check, problems, busy);
            }
        }
    }
    renderer.close();
    renderer.close();
}

fn is_problem(check: &Check) -> bool {
    check.state == "problem"
}

fn line(renderer: &mut Renderer, check: &Check, problem: bool, busy: bool) {
    let item = check.item.as_str();
    let next = check.next_action.as_deref().unwrap_or_default();
    let text = renderer
        .messages
        .lookup_optional(&["report.", next, ".", item].concat());
    let text = text.unwrap_or_else(|| renderer.messages.lookup_or_unknown("report", next));
    // While the report is read again the lines leave the live region, so that they are announced again
    // afterwards, also if nothing has changed.
    if !busy {
        renderer.announcement = [renderer.announcement.as_str(), " ", text].concat();
    }
    let (state, icon) = if problem {
        ("problem", Some(Icon::Alert))
    } else if next == "wait_for_meta" {
        ("active", Some(Icon::Clock))
    } else {
        ("todo", None)
    };
    renderer.open_keyed("li.em-line", item);
    renderer.attr("data-testid", &["embark-line-", item].concat());
    renderer.attr("data-state", state);
    renderer.open_keyed("span.em-sign", state);
    if let Some(icon) = icon {
        renderer.icon(icon);
    }
    renderer.close();
    renderer.open("div.em-words");
    renderer.text_element("span", text);
    let spoken = renderer.messages.lookup_or_unknown("step_state", state);
    renderer.text_element("span.em-spoken", spoken);
    for reason in &check.reasons {
        renderer.text_element("p.em-fine lang=en dir=ltr", &reason.text);
    }
    renderer.close();
    renderer.close();
}
