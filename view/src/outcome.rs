//! The end of a signup: connected, to be launched again, or failed with an explanation, the next action
//! and a trace id for support.

use crate::{
    icon::Icon,
    model::{Cancellation, Following, Problem},
    popup,
    renderer::Renderer,
    report,
};
use embark_protocol::{ProblemCode, Remedy, SignupStatus};

pub fn panel(renderer: &mut Renderer, following: &Following) {
    let snapshot = &following.snapshot;
    match snapshot.known_status() {
        SignupStatus::Connected => connected(renderer, following),
        SignupStatus::ConnectedWithoutNumber => without_number(renderer, following),
        SignupStatus::Relaunch => relaunch(renderer, snapshot.problem.as_ref()),
        SignupStatus::Abandoned => {
            popup::cancelled(renderer, &Cancellation::of_snapshot(snapshot));
        }
        _ => failed(renderer, snapshot.problem.as_ref()),
    }
}

/// A launch that failed before there was a signup to follow.
pub fn launch_failed(renderer: &mut Renderer, problem: &Problem) {
    if problem.remedy == Remedy::Relaunch.as_str() {
        relaunch(renderer, Some(problem));
    } else {
        failed(renderer, Some(problem));
    }
}

fn connected(renderer: &mut Renderer, following: &Following) {
    let connected = following.snapshot.connected.clone().unwrap_or_default();
    let name = connected.verified_name.as_deref().unwrap_or_default();
    let number = connected.display_phone_number.as_deref();
    let number = number.unwrap_or_default();
    // The text says that the number is ready: not before the report says so.
    let report = following.report.as_ref();
    let is_ready = report.is_some_and(|report| report.is_ready());
    let is_ready = is_ready && !connected.offboarded;
    let text = if is_ready {
        renderer.message("connected.text")
    } else {
        ""
    };
    renderer.card_with_text("connected", Icon::Check, "won", text);
    if !name.is_empty() || !number.is_empty() {
        renderer.open("div.em-plate");
        renderer.text_element("strong.em-name", name);
        renderer.text_element("span.em-number dir=ltr", number);
        renderer.close();
    }
    if let Some(percent) = following.snapshot.history_percent {
        let percent = percent.to_string();
        let text = renderer.messages.format("connected.history", &percent);
        renderer.text_element("p.em-text data-testid=embark-history", &text);
    }
    if connected.coexistence && !connected.offboarded {
        let text = renderer.message("connected.coexistence");
        renderer.text_element("p.em-text", text);
    }
    report::list(renderer, following);
    renderer.actions();
    renderer.button(
        "button.em-link data-act=anew data-testid=embark-restart",
        "connected.another",
        true,
    );
    renderer.close();
    renderer.close();
}

fn without_number(renderer: &mut Renderer, following: &Following) {
    renderer.card("without_number", Icon::Check, "good");
    report::list(renderer, following);
    renderer.actions();
    renderer.button(
        "button.em-button data-act=anew data-testid=embark-restart",
        "without_number.add",
        true,
    );
    renderer.close();
    renderer.close();
}

fn relaunch(renderer: &mut Renderer, problem: Option<&Problem>) {
    let text = match problem {
        Some(problem) => explain(renderer, problem),
        None => renderer.message("relaunch.text").to_owned(),
    };
    renderer.card_with_text("relaunch", Icon::Window, "calm", &text);
    if let Some(account) = problem.and_then(|problem| problem.waba_id.as_deref()) {
        renderer.open("p.em-text");
        renderer.text_element("bdi.em-id dir=ltr", account);
        renderer.close();
    }
    renderer.actions();
    renderer.relaunch_button("continue");
    renderer.close();
    if problem.is_some_and(|problem| problem.fbtrace_id.is_some()) {
        trace(renderer, problem);
    }
    renderer.close();
}

fn failed(renderer: &mut Renderer, problem: Option<&Problem>) {
    let text = match problem {
        Some(problem) => explain(renderer, problem),
        None => explain_code(renderer, "unknown", Remedy::Contact.as_str()),
    };
    renderer.alert_card_with_text("failed", Icon::Alert, "bad", &text);
    // If nothing can be launched from this page, or only the operator can help, the explanation says what to do.
    let is_operators = problem.is_some_and(|one| one.remedy == Remedy::Operator.as_str());
    if !renderer.model.is_refused && !is_operators {
        renderer.actions();
        renderer.button(
            "button.em-quiet data-act=anew data-testid=embark-restart",
            "start_again",
            true,
        );
        renderer.close();
    }
    trace(renderer, problem);
    renderer.close();
}

/// What happened, and what to do now: the next action for this problem code, else for its remedy.
fn explain(renderer: &Renderer, problem: &Problem) -> String {
    // The PIN was wrong too often: to begin again would ask for the same one.
    let is_pin = problem.code == ProblemCode::TooManyTries.as_str()
        && problem.step.as_deref() == Some("register");
    let text = explain_code(renderer, &problem.code, &problem.remedy);
    match is_pin {
        true => {
            let what = renderer.message_in("problem", &problem.code);
            [what, " ", renderer.message("next.pin_mismatch")].concat()
        }
        false => text,
    }
}

fn explain_code(renderer: &Renderer, code: &str, remedy: &str) -> String {
    let messages = renderer.messages;
    let next = messages.lookup_optional(&["next.", code].concat());
    let next = next.unwrap_or_else(|| messages.lookup_or_unknown("remedy", remedy));
    [messages.lookup_or_unknown("problem", code), " ", next].concat()
}

/// Meta's trace id, if there is one, and the signup's id.
fn trace(renderer: &mut Renderer, problem: Option<&Problem>) {
    renderer.trace(&[problem.and_then(|problem| problem.fbtrace_id.as_deref())]);
}
