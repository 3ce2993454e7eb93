//! What a run asks a person for. The fields are named `value`; what is typed stays in the document until
//! it is submitted.

use super::{icon::Icon, pen::Pen, progress};
use crate::{
    doc::Doc,
    flow::{Following, Form},
    json::join,
};
use alloc::string::String;

pub fn panel(pen: &mut Pen, following: &Following) {
    let Some(need) = &following.snapshot.need else {
        return progress::panel(pen, following);
    };
    let kind = following.snapshot.asks_for();
    let group = join(&["input.", &kind]);
    let number = need.text_or_empty("display_phone_number");
    let text = pen.words.fill(&join(&[&group, ".text"]), &number);
    let submit = pen.word_of(&group, "submit");
    let busy = following.form == Form::Sending;
    pen.card_saying(&group, Icon::Key, "calm", &text);
    progress::bar(pen, &following.snapshot);
    pen.open("form.em-form novalidate");
    let wrong = complaint(pen, need, &following.form);
    fields(pen, need, &kind, &group, wrong.is_some());
    if let Some(wrong) = wrong {
        pen.leaf("p.em-wrong role=alert id=embark-wrong", &wrong);
    }
    pen.acts();
    pen.open("button.em-button type=submit data-testid=embark-submit");
    pen.busy(busy);
    pen.text(&submit);
    pen.close();
    if kind == "verification_code" {
        resend(pen, "sms", busy);
        resend(pen, "voice", busy);
    }
    pen.later(&following.snapshot);
    pen.close();
    pen.close();
    pen.trouble();
    pen.close();
}

/// The code in another way.
fn resend(pen: &mut Pen, way: &str, busy: bool) {
    let text = pen.word_of("input.verification_code", way);
    pen.open("button.em-link type=button");
    pen.attr("data-act", way);
    pen.attr("data-testid", &join(&["embark-resend-", way]));
    pen.busy(busy);
    pen.text(&text);
    pen.close();
}

fn fields(pen: &mut Pen, need: &Doc, kind: &str, group: &str, wrong: bool) {
    let test_id = join(&["embark-input-", kind]);
    let label = pen.word_of(group, "label");
    if kind == "pin" || kind == "verification_code" {
        return digits_field(pen, kind, &label, &test_id, wrong);
    }
    pen.open("fieldset.em-choices aria-describedby=embark-wrong");
    pen.attr("data-testid", &test_id);
    pen.leaf("legend.em-label", &label);
    if kind == "verification" {
        for (id, way) in [("SMS", "sms"), ("VOICE", "voice")] {
            let label = pen.word_of(group, way);
            radio(pen, id, &label, id == "SMS");
        }
    }
    for (at, choice) in need.items("choices").enumerate() {
        radio(
            pen,
            &choice.text_or_empty("id"),
            &choice.text_or_empty("label"),
            at == 0,
        );
    }
    pen.close();
}

fn radio(pen: &mut Pen, id: &str, label: &str, first: bool) {
    pen.keyed("label.em-choice", id);
    pen.open("input type=radio name=value");
    pen.attr("value", id);
    pen.flag("checked", first);
    pen.flag("data-focus", first);
    pen.close();
    pen.leaf("span", label);
    pen.close();
}

/// No maxlength: it would cut a pasted "123 456".
fn digits_field(pen: &mut Pen, kind: &str, label: &str, test_id: &str, wrong: bool) {
    pen.open("label.em-field");
    pen.leaf("span.em-label", label);
    pen.keyed(
        "input.em-digits name=value inputmode=numeric dir=ltr data-focus aria-describedby=embark-wrong",
        kind,
    );
    pen.attr("data-testid", test_id);
    pen.when(wrong, "aria-invalid", "true");
    pen.attr(
        "autocomplete",
        if kind == "pin" {
            "off"
        } else {
            "one-time-code"
        },
    );
    pen.close();
    pen.close();
}

/// Why the last answer did not do, and how many tries are left.
fn complaint(pen: &Pen, need: &Doc, form: &Form) -> Option<String> {
    let code = match form {
        Form::Wrong(code) => Some(code.clone()),
        Form::Open => need.text_of("error"),
        Form::Sending => None,
    };
    let mut text = pen.words.of("problem", &code?);
    if let (Form::Open, Some(left)) = (form, need.number_of("tries_left")) {
        text = join(&[&text, " ", &pen.words.count("input.tries_left", left)]);
    }
    Some(text)
}
