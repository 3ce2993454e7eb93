//! The readiness report of a connected signup: the lines that a customer can act on, problems first. Their
//! text is in the locale files; the reasons that Meta gives are shown in Meta's own words, in English.

use crate::{
    icon::Icon,
    model::{Check, Following, ReadinessReport},
    renderer::Renderer,
};
use embark_protocol::SignupStatus;

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
    heading(renderer, following, report, busy);
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

/// The line above the list: what the list is, or how much is left.
fn heading(renderer: &mut Renderer, following: &Following, report: &ReadinessReport, busy: bool) {
    let Some(count) = things_left(following.snapshot.known_status(), report) else {
        return renderer.localized("span.em-label", "report.title");
    };
    let text = renderer.messages.plural("connected.left", count);
    // With the lines, see `line`.
    if !busy {
        renderer.announcement = [renderer.announcement.as_str(), " ", &text].concat();
    }
    renderer.text_element("span.em-left", &text);
}

/// How many lines a report lists for a connected number that is not ready before they are done. `None` where the heading
/// must not say so: the number is ready, or there is none.
fn things_left(status: SignupStatus, report: &ReadinessReport) -> Option<u32> {
    let is_left = status == SignupStatus::Connected && !report.is_ready();
    let count = u32::try_from(report.checks.len()).ok();
    count.filter(|_| is_left)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn things_left_are_counted_only_for_a_number_that_is_not_ready() {
        use SignupStatus::{Connected, ConnectedWithoutNumber};
        let payment = json!({"item": "payment", "state": "attention"});
        let review = json!({"item": "account_review", "state": "attention"});
        let quality = json!({"item": "quality", "state": "attention"});
        for (status, checks, expected) in [
            (Connected, json!([payment]), Some(1)),
            (Connected, json!([payment, review]), Some(2)),
            // Every line is counted, as the list shows it.
            (Connected, json!([payment, quality]), Some(2)),
            // The number is ready as it is.
            (Connected, json!([quality]), None),
            (Connected, json!([]), None),
            // There is no number.
            (ConnectedWithoutNumber, json!([payment]), None),
        ] {
            let report = json!({"at": 1, "lines": checks});
            let report: ReadinessReport = serde_json::from_value(report).unwrap();
            assert_eq!(things_left(status, &report), expected, "{report:?}");
        }
    }
}
