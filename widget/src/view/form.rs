//! What a run asks a person for. The fields are named `value`; what is typed stays in the document until
//! it is submitted.

use super::{icon::Icon, pen::Pen, progress};
use crate::{
    flow::{
        Following, Form,
        snapshot::{Need, need_word},
    },
    json::{decimal, join},
};
use embark_protocol::snapshot::NeedKind;

pub fn panel(pen: &mut Pen, following: &Following) {
    let Some(need) = &following.snapshot.input else {
        return progress::panel(pen, following);
    };
    let group = join(&["input.", need_word(need.kind)]);
    let number = need.display_phone_number.as_deref().unwrap_or_default();
    let text = pen.words.fill(&join(&[&group, ".text"]), number);
    let submit = pen.word_of(&group, "submit");
    let busy = following.form == Form::Sending;
    pen.card_saying(&group, Icon::Key, "calm", &text);
    progress::bar(pen, &following.snapshot.steps);
    pen.open("form", "em-form");
    pen.flag("novalidate", true);
    fields(pen, need, &group);
    complaint(pen, need, &following.form);
    pen.acts();
    pen.open("button", "em-button");
    pen.attr("type", "submit");
    pen.test_id("embark-submit");
    pen.flag("disabled", busy);
    pen.text(&submit);
    pen.close();
    if need.kind == NeedKind::VerificationCode {
        for way in ["sms", "voice"] {
            pen.press("em-link", way, &join(&[&group, ".", way]), &join(&["embark-resend-", way]), !busy);
        }
    }
    pen.close();
    pen.close();
    pen.trouble();
    pen.close();
}

fn fields(pen: &mut Pen, need: &Need, group: &str) {
    let test_id = join(&["embark-input-", need_word(need.kind)]);
    match need.kind {
        NeedKind::Waba | NeedKind::Number => radios(pen, group, &test_id, &need.choices),
        NeedKind::Verification => {
            let choice = |id: &str, way| (id.to_owned(), pen.word_of(group, way));
            let ways = [choice("SMS", "sms"), choice("VOICE", "voice")];
            radios(pen, group, &test_id, &ways);
        }
        NeedKind::Pin => digits_field(pen, group, &test_id, "off"),
        NeedKind::VerificationCode => digits_field(pen, group, &test_id, "one-time-code"),
    }
}

fn radios(pen: &mut Pen, group: &str, test_id: &str, choices: &[(String, String)]) {
    let legend = pen.word_of(group, "label");
    pen.open("fieldset", "em-choices");
    pen.test_id(test_id);
    pen.leaf("legend", "em-label", &legend);
    for (at, (id, label)) in choices.iter().enumerate() {
        pen.keyed("label", "em-choice", id);
        pen.open("input", "");
        pen.attr("type", "radio");
        pen.attr("name", "value");
        pen.attr("value", id);
        pen.flag("checked", at == 0);
        pen.flag("autofocus", at == 0);
        pen.close();
        pen.leaf("span", "", label);
        pen.close();
    }
    pen.close();
}

/// No maxlength: it would cut a pasted "123 456".
fn digits_field(pen: &mut Pen, group: &str, test_id: &str, autocomplete: &str) {
    let label = pen.word_of(group, "label");
    pen.open("label", "em-field");
    pen.leaf("span", "em-label", &label);
    pen.open("input", "em-digits");
    pen.test_id(test_id);
    pen.attr("name", "value");
    pen.attr("inputmode", "numeric");
    pen.attr("autocomplete", autocomplete);
    pen.attr("dir", "ltr");
    pen.flag("autofocus", true);
    pen.close();
    pen.close();
}

/// Why the last answer did not do, and how many tries are left.
fn complaint(pen: &mut Pen, need: &Need, form: &Form) {
    let code = match form {
        Form::Wrong(code) => Some(code),
        Form::Open => need.error.as_ref(),
        Form::Sending => None,
    };
    let Some(code) = code else { return };
    let mut text = pen.words.of("problem", code);
    if let (Form::Open, Some(left)) = (form, need.tries_left) {
        text.push(' ');
        text.push_str(&pen.words.fill("input.tries_left", &decimal(left)));
    }
    pen.open("p", "em-wrong");
    pen.attr("role", "alert");
    pen.text(&text);
    pen.close();
}
