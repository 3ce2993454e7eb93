//! Panels while Meta's popup is open, and after it was closed, cancelled or blocked, or brought no code.

use crate::{
    icon::Icon,
    model::{Cancellation, DialogMode, PopupPanel, PopupStatus},
    renderer::Renderer,
};
use embark_protocol::launch::LaunchMode;

pub fn panel(renderer: &mut Renderer, popup: &PopupPanel<'_>) {
    match popup.status {
        PopupStatus::Open => open(renderer, popup),
        PopupStatus::Closed => closed(renderer),
        PopupStatus::CodeMissing => code_missing(renderer),
        PopupStatus::NotOpened => not_opened(renderer),
        PopupStatus::Lost => lost(renderer),
        PopupStatus::OtherWindow => other_window(renderer),
        PopupStatus::Blocked => blocked(renderer, popup.severed),
        PopupStatus::Cancelled => {
            return cancelled(renderer, popup.cancel.unwrap_or(&Cancellation::default()));
        }
    }
    renderer.close();
    if matches!(popup.status, PopupStatus::Blocked | PopupStatus::NotOpened) {
        address(renderer);
    }
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
    renderer.alert_card("popup_silent", Icon::Alert, "warn");
    renderer.actions();
    renderer.relaunch_button("continue");
}

fn blocked(renderer: &mut Renderer, severed: bool) {
    let text = renderer.message(if renderer.model.has_dialog {
        "popup_blocked.page"
    } else if severed {
        "popup_blocked.text"
    } else {
        "popup_blocked.plain"
    });
    not_opened_because(renderer, text);
}

/// The SDK answered without opening a window.
fn not_opened(renderer: &mut Renderer) {
    let text = renderer.message("no_window.text");
    not_opened_because(renderer, text);
}

fn not_opened_because(renderer: &mut Renderer, text: &str) {
    renderer.alert_card_with_text("popup_blocked", Icon::Window, "warn", text);
    renderer.actions();
    continue_without_popup(renderer, "button");
    renderer.relaunch_link("popup_blocked.again");
}

/// The page was loaded again while Meta's window was open.
fn lost(renderer: &mut Renderer) {
    renderer.card("popup_lost", Icon::Pause, "calm");
    renderer.actions();
    renderer.relaunch_button("continue");
}

/// The person continues in another window.
fn other_window(renderer: &mut Renderer) {
    let text = renderer.message("popup.text");
    renderer.card_with_text("elsewhere", Icon::Window, "busy", text);
    renderer.actions();
    renderer.relaunch_link("start_again");
}

/// Asks for cookies instead of opening Meta's dialog in this window: without them the Worker would refuse the redirect at
/// the dialog's end, as it could not tell which browser began it.
pub fn cookies_off(renderer: &mut Renderer) {
    renderer.alert_card("cookies_off", Icon::Alert, "warn");
    renderer.actions();
    renderer.button(
        "button.em-button data-act=here data-testid=embark-here",
        "retry",
        true,
    );
    if renderer.model.dialog_mode == DialogMode::Popup {
        renderer.relaunch_link("popup_blocked.again");
    }
    renderer.close();
    address(renderer);
    renderer.close();
}

/// A field with the address at which the person can continue in another browser, to be copied where this one opens neither
/// links nor windows.
pub fn address(renderer: &mut Renderer) {
    let href = match renderer.model.mode {
        LaunchMode::Page => &renderer.model.page_url,
        LaunchMode::Frame | LaunchMode::Inline | LaunchMode::Window => {
            &renderer.model.url_without_sdk
        }
    };
    renderer.open("div.em-address");
    renderer.open("label.em-field");
    renderer.localized("span.em-fine", "address.label");
    renderer.open("input.em-url readonly dir=ltr data-testid=embark-address");
    renderer.attr("value", href);
    renderer.close();
    renderer.close();
    renderer.copy_link("link data-testid=embark-copy", href);
    renderer.close();
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
        renderer.trace(&[error.error_code.as_deref(), error.session_id.as_deref()]);
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
    let tag = [
        style,
        " data-act=elsewhere data-testid=embark-continue-link",
    ]
    .concat();
    let href = &renderer.model.url_without_sdk;
    renderer.link(&tag, href, "popup_blocked.link");
}
