//! Before anything is launched: the button, and a blocked SDK.

use super::{
    Sight,
    icon::{self, icon, mark},
    tree::{Node, el},
};

/// The button. On the hosted page it stands under a title that says what it is for.
pub fn button(sight: &Sight) -> Node {
    let ready = sight.state.can_launch();
    let label = sight.looks.label.clone().unwrap_or_else(|| sight.word("start.button"));
    let button = el("button", "em-button")
        .attr("type", "button")
        .attr("data-act", "launch")
        .test_id("embark-button")
        .on("disabled", !ready)
        .kid(icon(icon::BUBBLE))
        .kid(el("span", "").text(label));
    let button = if ready { button } else { button.attr("aria-busy", "true") };
    let panel = if sight.is_page() {
        sight
            .card("start", mark(icon::BUBBLE, "good"), sight.word("start.title"), sight.word("start.text"))
            .kid(el("div", "em-acts").kid(button))
            .kid(el("p", "em-fine").text(sight.word("start.fine")))
    } else {
        el("section", "em-start").key("button").kid(button)
    };
    panel.kids(sight.trouble())
}

pub fn sdk_blocked(sight: &Sight) -> Node {
    let title = sight.word("sdk_blocked.title");
    sight
        .card("sdk_blocked", mark(icon::ALERT, "warn"), title, sight.word("sdk_blocked.text"))
        .attr("role", "alert")
        .kid(el("p", "em-fine").text(sight.word("sdk_blocked.hint")))
        .kid(el("div", "em-acts").kid(sight.press("em-button", "retry", "retry").test_id("embark-retry")))
}
