//! Before anything is launched: the button, and a blocked SDK.

use super::{icon::Icon, pen::Pen, popup};
use embark_protocol::launch::Mode;

/// The button. On the hosted page it stands under a title that says what it is for.
pub fn button(pen: &mut Pen) {
    let page = pen.state.launch.mode == Mode::Page;
    if page {
        pen.card("start", Icon::Bubble, "good");
        pen.acts();
    } else {
        pen.open("section.em-start");
    }
    let label = pen
        .looks
        .label
        .clone()
        .unwrap_or_else(|| pen.word("start.button"));
    pen.open("button.em-button type=button data-act=launch data-testid=embark-button");
    pen.flag("disabled", !pen.state.can_launch());
    pen.icon(Icon::Bubble);
    pen.leaf("span", &label);
    pen.close();
    if page {
        pen.close();
        pen.say("p.em-fine", "start.fine");
    }
    pen.trouble();
    pen.close();
}

pub fn sdk_blocked(pen: &mut Pen) {
    pen.card("sdk_blocked", Icon::Alert, "warn");
    pen.alert();
    pen.say("p.em-fine", "sdk_blocked.hint");
    pen.acts();
    pen.press(
        "button.em-button data-act=retry data-testid=embark-retry",
        "retry",
        true,
    );
    // Meta's own page needs no script of Meta's here.
    if pen.state.launch.dialog_url().is_some() {
        popup::go_on(pen, "link");
    }
    pen.close();
    pen.close();
}
