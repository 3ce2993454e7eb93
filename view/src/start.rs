//! Panels before the launch: the button, and the SDK that could not be loaded.

use crate::{icon::Icon, model::Panel, popup, renderer::Renderer};
use embark_protocol::launch::LaunchMode;

/// The button. On the hosted page it is in a card whose title says what it is for. Before Meta's SDK is ready it is a
/// link, which works without the SDK and without any script.
pub fn button(renderer: &mut Renderer) {
    let is_page = renderer.model.mode == LaunchMode::Page;
    if is_page {
        renderer.card("start", Icon::Bubble, "good");
        renderer.actions();
    } else {
        renderer.open("section.em-start");
    }
    let label = renderer
        .appearance
        .label
        .as_deref()
        .unwrap_or_else(|| renderer.message("start.button"));
    if !matches!(renderer.model.panel, Panel::Loading) {
        renderer.open("button.em-button type=button data-act=launch data-testid=embark-button");
        renderer.flag("disabled", !renderer.model.can_launch);
    } else if is_page {
        renderer.open("a.em-button data-act=here data-testid=embark-button");
        renderer.attr("href", &renderer.model.way_without_sdk);
    } else {
        renderer.open(
            "a.em-button target=_blank rel=noopener data-act=elsewhere data-testid=embark-button",
        );
        renderer.attr("href", &renderer.model.way_without_sdk);
    }
    renderer.icon(Icon::Bubble);
    renderer.text_element("span", label);
    renderer.close();
    if is_page {
        renderer.close();
        renderer.localized("p.em-fine", "start.fine");
    }
    renderer.connection_banner();
    renderer.close();
}

pub fn sdk_blocked(renderer: &mut Renderer) {
    renderer.card("sdk_blocked", Icon::Alert, "warn");
    renderer.mark_as_alert();
    renderer.localized("p.em-fine", "sdk_blocked.hint");
    renderer.actions();
    renderer.button(
        "button.em-button data-act=retry data-testid=embark-retry",
        "retry",
        true,
    );
    // Meta's dialog in this window works without the SDK.
    if renderer.model.has_dialog {
        popup::continue_without_popup(renderer, "link");
    }
    renderer.close();
    renderer.close();
}
