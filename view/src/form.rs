//! The form for what the signup asks a person for. Its field is named `value`; typed text stays in the
//! document until it is submitted.

use crate::{
    icon::Icon,
    model::{Following, Form, InputPrompt},
    progress,
    renderer::Renderer,
};

pub fn panel(renderer: &mut Renderer, following: &Following) {
    let Some(input) = &following.snapshot.input else {
        return progress::panel(renderer, following);
    };
    let group = ["input.", &input.kind].concat();
    let number = input.display_phone_number.as_deref().unwrap_or_default();
    let text = renderer
        .messages
        .format(&[group.as_str(), ".text"].concat(), number);
    let submit = renderer.message_in(&group, "submit");
    let busy = following.form == Form::Sending;
    let icon = match input.kind.as_str() {
        "waba" => Icon::Bubble,
        "pin" => Icon::Key,
        _ => Icon::Phone,
    };
    let key = [group.as_str(), ".text"].concat();
    renderer.card_with(&group, icon, "calm", &text, |renderer| {
        renderer.text_with_number(&key, number);
    });
    progress::bar(renderer, &following.snapshot);
    renderer.open("form.em-form novalidate");
    let error = error_text(renderer, input, &following.form);
    fields(renderer, input, &group, error.is_some());
    if let Some(error) = error {
        renderer.text_element("p.em-wrong role=alert id=embark-wrong", &error);
    }
    renderer.actions();
    renderer.open("button.em-button type=submit data-testid=embark-submit");
    renderer.aria_disabled(busy);
    renderer.text(submit);
    renderer.close();
    if input.kind == "verification_code" {
        resend(renderer, "sms", busy);
        resend(renderer, "voice", busy);
    }
    renderer.close();
    renderer.close();
    renderer.resume_link(&following.snapshot);
    renderer.connection_banner();
    renderer.close();
}

/// A button that requests another verification code; `method` is `sms` or `voice`.
fn resend(renderer: &mut Renderer, method: &str, busy: bool) {
    let text = renderer.message_in("input.verification_code", method);
    renderer.open("button.em-link type=button");
    renderer.attr("data-act", method);
    renderer.attr("data-testid", &["embark-resend-", method].concat());
    renderer.aria_disabled(busy);
    renderer.text(text);
    renderer.close();
}

fn fields(renderer: &mut Renderer, input: &InputPrompt, group: &str, invalid: bool) {
    let kind = input.kind.as_str();
    let test_id = ["embark-input-", kind].concat();
    let label = renderer.message_in(group, "label");
    if kind == "pin" || kind == "verification_code" {
        return digits_field(renderer, kind, label, &test_id, invalid);
    }
    renderer.open("fieldset.em-choices aria-describedby=embark-wrong");
    renderer.attr("data-testid", &test_id);
    renderer.text_element("legend.em-label", label);
    if kind == "verification" {
        for (id, name) in [("SMS", "sms"), ("VOICE", "voice")] {
            let label = renderer.message_in(group, name);
            radio(renderer, id, ["", label], id == "SMS");
        }
    }
    for (index, choice) in input.choices.iter().enumerate() {
        // A number, and the name that it is shown under: each keeps its direction beside the other.
        let number = Some(choice.label.as_str()).filter(|_| kind == "number");
        let parts = number.map(|label| label.split_once('·').unwrap_or((label, "")));
        let (number, name) = parts.unwrap_or(("", &choice.label));
        radio(
            renderer,
            &choice.id,
            [number.trim(), name.trim()],
            index == 0,
        );
    }
    renderer.close();
}

/// `label`: a number and a name; one of them may be empty.
fn radio(renderer: &mut Renderer, id: &str, [number, name]: [&str; 2], first: bool) {
    renderer.open_keyed("label.em-choice", id);
    renderer.open("input type=radio name=value");
    renderer.attr("value", id);
    renderer.flag("checked", first);
    renderer.flag("data-focus", first);
    renderer.close();
    renderer.open("span");
    if !number.is_empty() {
        renderer.text_element("bdi.em-id dir=ltr", number);
        renderer.text_element("span", if name.is_empty() { "" } else { " · " });
    }
    renderer.text_element("bdi", name);
    renderer.close();
    renderer.close();
}

/// A text field for digits. Without `maxlength`, which would cut a pasted "123 456".
fn digits_field(renderer: &mut Renderer, kind: &str, label: &str, test_id: &str, invalid: bool) {
    renderer.open("label.em-field");
    renderer.text_element("span.em-label", label);
    renderer.open_keyed(
        "input.em-digits name=value inputmode=numeric dir=ltr data-focus aria-describedby=embark-wrong",
        kind,
    );
    renderer.attr("data-testid", test_id);
    renderer.attr_if(invalid, "aria-invalid", "true");
    renderer.attr(
        "autocomplete",
        if kind == "pin" {
            "off"
        } else {
            "one-time-code"
        },
    );
    renderer.close();
    renderer.close();
}

/// Why the last answer was not accepted, and how many tries are left. `None` for a first answer.
fn error_text(renderer: &Renderer, input: &InputPrompt, form: &Form) -> Option<String> {
    let code = match form {
        Form::Rejected(code) => Some(code),
        Form::Open => input.error.as_ref(),
        Form::Sending => None,
    };
    let code = code?;
    // What is wrong with this kind of answer, else in general.
    let of_kind = ["problem.", code, ".", &input.kind].concat();
    let of_kind = renderer.messages.lookup_optional(&of_kind);
    let text = of_kind.unwrap_or_else(|| renderer.messages.lookup_or_unknown("problem", code));
    if let (Form::Open, Some(left)) = (form, input.attempts_left) {
        let left = renderer.messages.plural("input.tries_left", left.into());
        return Some([text, " ", &left].concat());
    }
    Some(text.to_owned())
}
