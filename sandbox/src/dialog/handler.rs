//! The requests of the dialog: open it, show its screen, press a button of that screen.

use super::admission::check_request;
use super::extra_assets;
use super::finish::{cancelled_reply, finished_reply, reported_reply};
use super::pages::{expired_page, refusal_page, screen_page};
use super::screens::advance;
use crate::http::{IncomingRequest, Reply};
use crate::state::SandboxState;
use crate::world::Screen;

/// `GET /{version}/dialog/oauth`: checks the request, opens a dialog and shows its first screen.
pub fn open(state: &mut SandboxState, request: &IncomingRequest) -> Reply {
    match check_request(state, request) {
        Ok(dialog) => {
            let page = screen_page(&state.world, &dialog, None);
            state.dialogs.insert(dialog.id.clone(), dialog);
            Reply::html_page(200, page)
        }
        Err(refusal) => {
            let mut reply = Reply::html_page(400, refusal_page(&refusal));
            reply.error_code = refusal.code;
            reply
        }
    }
}

/// `GET /dialog/screen/{id}`: the screen the dialog is at.
pub fn show_screen(state: &SandboxState, id: &str) -> Reply {
    match state.dialogs.get(id) {
        Some(dialog) => Reply::html_page(200, screen_page(&state.world, dialog, None)),
        None => Reply::html_page(404, expired_page()),
    }
}

/// `POST /dialog/screen/{id}`: a button (`do`) of the screen, with its form.
pub fn submit_screen(state: &mut SandboxState, request: &IncomingRequest, id: &str) -> Reply {
    let Some(mut dialog) = state.dialogs.remove(id) else {
        return Reply::html_page(404, expired_page());
    };
    match request.param_text("do").as_deref() {
        Some("cancel") => cancelled_reply(state, &dialog),
        Some("report") => {
            reported_reply(state, &dialog, request.param_text("error_code").as_deref())
        }
        Some("finish") if dialog.screen == Screen::Permissions => {
            extra_assets::select(&mut dialog, request);
            finished_reply(state, &dialog)
        }
        _ => match advance(&state.world, &mut dialog, request) {
            Ok(()) => {
                state.dialogs.insert(id.to_owned(), dialog);
                Reply::redirect(303, &format!("/dialog/screen/{id}"))
            }
            Err(problem) => {
                let page = screen_page(&state.world, &dialog, Some(&problem));
                state.dialogs.insert(id.to_owned(), dialog);
                Reply::html_page(200, page)
            }
        },
    }
}
