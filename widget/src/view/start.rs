//! Before anything is launched: the button, and a blocked SDK.

use super::{icon::Icon, pen::Pen};
use embark_protocol::launch::Mode;

/// The button. On the hosted page it stands under a title that says what it is for.
pub fn button(pen: &mut Pen) {
    let page = pen.is(Mode::Page);
    if page {
        pen.card("start", Icon::Bubble, "good");
        pen.acts();
    } else {
        pen.open("section", "em-start");
    }
    let ready = pen.state.can_launch();
    let label = pen.looks.label.clone().unwrap_or_else(|| pen.word("start.button"));
    pen.open("button", "em-button");
    pen.attr("type", "button");
    pen.attr("data-act", "launch");
    pen.test_id("embark-button");
    pen.flag("disabled", !ready);
    pen.icon(Icon::Bubble);
    pen.leaf("span", "", &label);
    pen.close();
    if page {
        let fine = pen.word("start.fine");
        pen.close();
        pen.leaf("p", "em-fine", &fine);
    }
    pen.trouble();
    pen.close();
}

pub fn sdk_blocked(pen: &mut Pen) {
    let hint = pen.word("sdk_blocked.hint");
    pen.card("sdk_blocked", Icon::Alert, "warn");
    pen.alert();
    pen.leaf("p", "em-fine", &hint);
    pen.acts();
    pen.press("em-button", "retry", "retry", "embark-retry", true);
    pen.close();
    pen.close();
}
