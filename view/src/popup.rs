//! Panels while Meta's popup is open, and after it was closed, cancelled or blocked, or brought no code.

use crate::{
    icon::Icon,
    model::{Cancellation, PopupPanel, PopupStatus},
    renderer::Renderer,
};
use embark_protocol::launch::LaunchMode;

pub fn panel(renderer: &mut Renderer, popup: &PopupPanel<'_>) {
    match popup.status {
        PopupStatus::Open => open(renderer, popup),
        PopupStatus::Closed => closed(renderer),
        PopupStatus::CodeMissing => code_missing(renderer),
        PopupStatus::Blocked => blocked(renderer),
        PopupStatus::Cancelled => {
            return cancelled(renderer, popup.cancel.unwrap_or(&Cancellation::default()));
        }
    }
    renderer.close();
    renderer.connection_banner();
    renderer.close();
}

fn open(renderer: &mut Renderer, popup: &PopupPanel<'_>) {
    renderer.card("popup", Icon::Window, "busy");
    renderer.actions();
    if popup.is_own {
        renderer.button(
            "button.em-quiet data-act=show data-testid=embark-show",
            "popup.show",
            true,
        );
    }
    if popup.open_long {
        renderer.relaunch_link("start_again");
    }
}

fn closed(renderer: &mut Renderer) {
    renderer.card("popup_closed", Icon::Pause, "calm");
    renderer.actions();
    renderer.relaunch_button("popup_closed.again");
    if renderer.model.mode != LaunchMode::Inline {
        continue_without_popup(renderer, "link");
    }
}

fn code_missing(renderer: &mut Renderer) {
    renderer.card("popup_silent", Icon::Alert, "warn");
    renderer.mark_as_alert();
    renderer.actions();
    renderer.relaunch_button("continue");
}

fn blocked(renderer: &mut Renderer) {
    let has_dialog = renderer.model.has_dialog;
    let text = renderer.message(if has_dialog {
        "popup_blocked.page"
    } else {
        "popup_blocked.text"
    });
    renderer.card_with_text("popup_blocked", Icon::Window, "warn", text);
    renderer.mark_as_alert();
    renderer.actions();
    continue_without_popup(renderer, "button");
    renderer.relaunch_link("popup_blocked.again");
}

/// The person left Meta's popup. The text depends on the screen they left; an error message of Meta's is
/// quoted unchanged.
pub fn cancelled(renderer: &mut Renderer, cancel: &Cancellation) {
    let error = Some(cancel).filter(|cancel| cancel.is_error());
    let text = match error {
        Some(error) => {
            let message = error
                .error_message
                .as_deref()
                .or(error.error_code.as_deref());
            renderer
                .messages
                .format("cancelled.error", message.unwrap_or_default())
        }
        None => {
            let step = cancel.current_step.as_deref();
            renderer
                .messages
                .lookup_or_unknown("cancelled.step", step.unwrap_or_default())
                .to_owned()
        }
    };
    let (icon, tone) = if error.is_some() {
        (Icon::Alert, "warn")
    } else {
        (Icon::Pause, "calm")
    };
    renderer.card_with_text("cancelled", icon, tone, &text);
    renderer.actions();
    renderer.relaunch_button("continue");
    renderer.close();
    if let Some(error) = error {
        // For Meta's support, with the same label as the trace id of a failed step.
        let code = error.error_code.as_deref().unwrap_or_default();
        let session = error.session_id.as_deref().unwrap_or_default();
        let ids = [code, " ", session].concat();
        if ids.len() > 1 {
            let text = renderer.messages.format("failed.trace", &ids);
            renderer.text_element("p.em-trace", &text);
        }
    }
    renderer.close();
}

/// How to continue without a popup: on the hosted page Meta's dialog in the same window, elsewhere the
/// hosted page in a new tab. `style` is `button` or `link`.
pub fn continue_without_popup(renderer: &mut Renderer, style: &str) {
    if renderer.model.has_dialog {
        let tag = [
            "button.em-",
            style,
            " data-act=here data-testid=embark-here",
        ]
        .concat();
        return renderer.button(&tag, "popup_blocked.here", true);
    }
    let tag = [style, " data-testid=embark-continue-link"].concat();
    let href = &renderer.model.way_without_sdk;
    renderer.link(&tag, href, "popup_blocked.link");
}
