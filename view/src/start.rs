//! Panels before the launch: the button, the SDK that could not be loaded, and the question whether to go on with a
//! signup that was begun elsewhere.

use crate::{
    icon::Icon,
    model::{DialogMode, Panel},
    popup,
    renderer::Renderer,
};
use embark_protocol::launch::LaunchMode;

/// The button. On the hosted page it is in a card whose title says what it is for. Before Meta's SDK is ready it is a
/// link, which works without the SDK and without any script.
pub fn button(renderer: &mut Renderer) {
    let is_page = renderer.model.mode == LaunchMode::Page;
    if is_page {
        let text = match partner_text(renderer) {
            Some(partner) => [&partner, " ", renderer.message("start.text")].concat(),
            None => renderer.message("start.text").to_owned(),
        };
        renderer.card_with_text("start", Icon::Bubble, "good", &text);
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
        renderer.attr("href", &renderer.model.url_without_sdk);
    } else if renderer.model.dialog_mode == DialogMode::Redirect {
        // The one view of an app has no other window to open.
        renderer.open("a.em-button target=_top data-act=elsewhere data-testid=embark-button");
        renderer.attr("href", &renderer.model.url_without_sdk);
    } else {
        renderer.open(
            "a.em-button target=_blank rel=noopener data-act=elsewhere data-testid=embark-button",
        );
        renderer.attr("href", &renderer.model.url_without_sdk);
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
    renderer.alert_card("sdk_blocked", Icon::Alert, "warn");
    renderer.localized("p.em-fine", "sdk_blocked.hint");
    renderer.actions();
    renderer.button(
        "button.em-button data-act=retry data-testid=embark-retry",
        "retry",
        true,
    );
    // The hosted page works without the SDK.
    popup::continue_without_popup(renderer, "link");
    renderer.close();
    popup::address(renderer);
    renderer.close();
}

/// Whoever began a signup elsewhere learns what is connected here, so the person is asked first.
pub fn asking(renderer: &mut Renderer) {
    let site = renderer.model.about.map_or("", |about| &about.website);
    let mut text = renderer.messages.format("begun.text", site);
    if let Some(partner) = partner_text(renderer) {
        text = [&partner, " ", &text].concat();
    }
    renderer.card_with_text("begun", Icon::Bubble, "warn", &text);
    renderer.actions();
    renderer.button(
        "button.em-button data-act=join data-testid=embark-join",
        "begun.go",
        true,
    );
    if !renderer.model.is_refused {
        renderer.button(
            "button.em-link data-act=decline data-testid=embark-decline",
            "begun.own",
            true,
        );
    }
    renderer.close();
    renderer.close();
}

/// Who connects the number. `None` if the partner's name is not known.
fn partner_text(renderer: &Renderer) -> Option<String> {
    let partner = renderer.model.about?.partner.as_deref()?;
    Some(renderer.messages.format("start.by", partner))
}
