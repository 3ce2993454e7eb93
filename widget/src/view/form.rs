//! What a run asks a person for. The fields are named `value`; what is typed stays in the document until
//! it is submitted.

use super::{
    Sight,
    icon::{self, mark},
    progress::bar,
    tree::{Node, el},
};
use crate::{
    flow::{
        Following, Form,
        snapshot::{Need, need_word},
    },
    json::digits,
};
use embark_protocol::snapshot::NeedKind;

pub fn panel(sight: &Sight, following: &Following) -> Node {
    let Some(need) = &following.snapshot.input else {
        return super::progress::panel(sight, following);
    };
    let group = need_word(need.kind);
    let number = need.display_phone_number.as_deref().unwrap_or_default();
    let text = sight.words.fill(&["input.", group, ".text"].concat(), "{number}", number);
    let title = sight.word(&["input.", group, ".title"].concat());
    let busy = following.form == Form::Sending;
    let mut form = el("form", "em-form").attr("novalidate", "").kid(fields(sight, need));
    form = form.kids(complaint(sight, need, &following.form));
    let submit = el("button", "em-button")
        .attr("type", "submit")
        .test_id("embark-submit")
        .on("disabled", busy)
        .text(sight.word(&["input.", group, ".submit"].concat()));
    let submit = if busy { submit.attr("aria-busy", "true") } else { submit };
    let mut acts = el("div", "em-acts").kid(submit);
    if need.kind == NeedKind::VerificationCode {
        acts = acts
            .kid(sight.press("em-link", "sms", "input.verification_code.sms").on("disabled", busy))
            .kid(sight.press("em-link", "voice", "input.verification_code.voice").on("disabled", busy));
    }
    sight
        .card(group, mark(icon::KEY, "calm"), title, text)
        .kid(bar(&following.snapshot.steps))
        .kid(form.kid(acts))
        .kids(sight.trouble())
}

fn fields(sight: &Sight, need: &Need) -> Node {
    match need.kind {
        NeedKind::Waba => radios(sight, need, "embark-input-waba", &need.choices),
        NeedKind::Number => radios(sight, need, "embark-input-number", &need.choices),
        NeedKind::Verification => {
            let choice = |id: &str, key| (id.to_owned(), sight.word(key));
            let ways = [choice("SMS", "input.verification.sms"), choice("VOICE", "input.verification.voice")];
            radios(sight, need, "embark-input-verification", &ways)
        }
        NeedKind::Pin => digits_field(sight, need, "embark-input-pin", "6"),
        NeedKind::VerificationCode => digits_field(sight, need, "embark-input-verification_code", "8"),
    }
}

fn radios(sight: &Sight, need: &Need, test_id: &'static str, choices: &[(String, String)]) -> Node {
    let legend = sight.word(&["input.", need_word(need.kind), ".label"].concat());
    let choice = |(at, (id, label)): (usize, &(String, String))| {
        let radio = el("input", "")
            .attr("type", "radio")
            .attr("name", "value")
            .attr("value", id.clone())
            .on("checked", at == 0)
            .on("autofocus", at == 0);
        el("label", "em-choice").kid(radio).kid(el("span", "").text(label.clone()))
    };
    el("fieldset", "em-choices")
        .test_id(test_id)
        .kid(el("legend", "em-label").text(legend))
        .kids(choices.iter().enumerate().map(choice))
}

fn digits_field(sight: &Sight, need: &Need, test_id: &'static str, most: &'static str) -> Node {
    let label = sight.word(&["input.", need_word(need.kind), ".label"].concat());
    let one_time = if need.kind == NeedKind::Pin { "off" } else { "one-time-code" };
    // No maxlength: it would cut a pasted "123 456". `most` only sizes the field.
    let input = el("input", "em-digits")
        .test_id(test_id)
        .attr("name", "value")
        .attr("type", "text")
        .attr("inputmode", "numeric")
        .attr("autocomplete", one_time)
        .attr("size", most)
        .attr("dir", "ltr")
        .on("autofocus", true);
    el("label", "em-field").kid(el("span", "em-label").text(label)).kid(input)
}

/// Why the last answer did not do, and how many tries are left.
fn complaint(sight: &Sight, need: &Need, form: &Form) -> Option<Node> {
    let code = match form {
        Form::Wrong(code) => code.as_str(),
        Form::Open => need.error.as_deref()?,
        Form::Sending => return None,
    };
    let mut text = sight.words.of("problem", code);
    if let (Form::Open, Some(left)) = (form, need.tries_left) {
        let mut number = String::new();
        digits(&mut number, left);
        text.push(' ');
        text.push_str(&sight.words.fill("input.tries_left", "{n}", &number));
    }
    Some(el("p", "em-wrong").key("wrong").attr("role", "alert").text(text))
}
