//! The end of a dialog: the selections are applied, a code is issued, and the result goes back by messages or by
//! redirect.

use super::extra_assets;
use super::messages::{EVENT_TYPE, event_messages, finish_messages, sdk_message};
use super::pages::{closing_page, expired_page};
use crate::http::Reply;
use crate::rules::{CoexistenceIds, Rules};
use crate::state::SandboxState;
use crate::world::{
    Dialog, Grant, IdKind, Job, NumberChoice, PartnerAdded, Phone, RedirectBinding, ReturnPath,
    World, random_alphanumeric,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::Url;

/// The person pressed "Cancel".
pub fn cancelled_reply(state: &SandboxState, dialog: &Dialog) -> Reply {
    let data = json!({"current_step": dialog.screen.step_name()});
    let event = json!({"type": EVENT_TYPE, "event": "CANCEL", "version": 3, "data": data});
    cancel_reply(state, dialog, event)
}

/// The person reported a problem: also a CANCEL event, with the data that Meta's support asks for.
pub fn reported_reply(state: &SandboxState, dialog: &Dialog, code: Option<&str>) -> Reply {
    let code = code.filter(|code| !code.is_empty()).unwrap_or("524126");
    let data = json!({
        "error_message": "Something went wrong on this screen. Try again later.",
        "error_code": code,
        "session_id": random_alphanumeric(32).to_ascii_lowercase(),
        "timestamp": (state.now_ms() / 1000).to_string(),
    });
    let event = json!({"type": EVENT_TYPE, "event": "CANCEL", "data": data});
    cancel_reply(state, dialog, event)
}

/// The person pressed "Finish".
pub fn finished_reply(state: &mut SandboxState, dialog: &Dialog) -> Reply {
    let now_ms = state.now_ms();
    let assets = apply_selections(&mut state.world, dialog, now_ms);
    let extra_assets = extra_assets::shared(&mut state.world, dialog, &state.rules);
    let grant = Grant {
        app_id: dialog.app_id.clone(),
        business_id: assets.business.clone(),
        waba_ids: assets.wabas.clone(),
        scopes: dialog.scopes.clone(),
        granular: true,
        solution_id: dialog.extras.setup.solution_id.clone(),
        extra_assets: extra_assets.clone(),
    };
    let bound_to = match &dialog.return_path {
        ReturnPath::Popup { captured, page, .. } => RedirectBinding::Sdk {
            captured: captured.clone(),
            page: page.clone(),
        },
        ReturnPath::Redirect { uri, .. } => RedirectBinding::Redirect { uri: uri.clone() },
    };
    state.pending_jobs.push(Job::SendPartnerAdded(PartnerAdded {
        app_id: dialog.app_id.clone(),
        waba_ids: assets.wabas.clone(),
        app_only: dialog.is_app_only_install(),
    }));
    let code = state.world.issue_code(grant, bound_to, now_ms);
    let reply = match &dialog.return_path {
        ReturnPath::Popup { cb, opener, .. } => {
            let event = finish_event(dialog, &assets, &extra_assets, &state.rules);
            let code = sdk_message(cb, opener, "code", &code);
            let messages = finish_messages(&state.rules, dialog, event, code);
            Reply::html_page(200, closing_page("Finished", &messages))
        }
        ReturnPath::Redirect { uri, state } => {
            redirect_back(uri, state.as_deref(), &[("code", &code)])
        }
    };
    reply.with_effect(true)
}

/// Ids of the assets that the person shared; the event names the first WABA.
struct SharedAssets {
    business: String,
    wabas: Vec<String>,
    phone: Option<String>,
}

/// Creates what the person chose to create, and verifies the number where they did.
fn apply_selections(world: &mut World, dialog: &Dialog, now_ms: u64) -> SharedAssets {
    let selections = &dialog.selections;
    let business = match &selections.business {
        Some(id) => id.clone(),
        None => world.add_business(Some(&selections.business_name)),
    };
    let mut wabas = selections.wabas.clone();
    if wabas.is_empty() {
        let name = match &selections.number {
            NumberChoice::New { name, .. } if selections.waba_name.is_empty() => name,
            _ => &selections.waba_name,
        };
        wabas.push(world.add_waba(&business, name));
    }
    let phone = match &selections.number {
        NumberChoice::None => None,
        NumberChoice::Existing(id) => Some(id.clone()),
        NumberChoice::New { display, name } => {
            let id = world.new_id(IdKind::Phone);
            let mut phone = Phone {
                id: id.clone(),
                waba_id: wabas[0].clone(),
                display_phone_number: display.clone(),
                verified_name: name.clone(),
                code_verification_status: "NOT_VERIFIED".into(),
                ..Phone::default()
            };
            if dialog.is_coexistence() {
                phone.is_on_biz_app = true;
                phone.mark_connected(now_ms);
            }
            world.phones.insert(id.clone(), phone);
            Some(id)
        }
    };
    if let Some(phone) = phone.as_ref().and_then(|id| world.phones.get_mut(id)) {
        if selections.verified {
            phone.code_verification_status = "VERIFIED".into();
        }
        // The event names the WABA of the chosen number.
        wabas.sort_by_key(|id| *id != phone.waba_id);
    }
    SharedAssets {
        business,
        wabas,
        phone,
    }
}

/// The session info event of a finished dialog.
fn finish_event(
    dialog: &Dialog,
    assets: &SharedAssets,
    extra_assets: &BTreeMap<String, Vec<String>>,
    rules: &Rules,
) -> Value {
    let mut data = json!({"waba_id": assets.wabas[0], "business_id": assets.business});
    if let Some(phone) = &assets.phone {
        data["phone_number_id"] = phone.clone().into();
    }
    for (name, ids) in extra_assets {
        data[name] = ids.clone().into();
    }
    if assets.wabas.len() > 1 {
        data["waba_ids"] = assets.wabas.clone().into();
    }
    let name = if dialog.is_coexistence() {
        if rules.coexistence_ids == CoexistenceIds::Waba {
            data = json!({"waba_id": assets.wabas[0]});
        }
        "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
    } else if dialog.is_app_only_install() {
        "FINISH_GRANT_ONLY_API_ACCESS"
    } else if assets.phone.is_none() {
        "FINISH_ONLY_WABA"
    } else {
        "FINISH"
    };
    let name = rules.finish_event.as_deref().unwrap_or(name);
    json!({"type": EVENT_TYPE, "event": name, "version": 3, "data": data})
}

/// The event, then the SDK's message without a code; or a redirect with an OAuth error.
fn cancel_reply(state: &SandboxState, dialog: &Dialog, mut event: Value) -> Reply {
    if let Some(name) = &state.rules.cancel_event {
        event["event"] = name.as_str().into();
    }
    match &dialog.return_path {
        ReturnPath::Popup { cb, opener, .. } => {
            let mut messages = event_messages(&state.rules, event, 0);
            messages.push(sdk_message(cb, opener, "error", "access_denied"));
            Reply::html_page(200, closing_page("Cancelled", &messages))
        }
        ReturnPath::Redirect { uri, state } => redirect_back(
            uri,
            state.as_deref(),
            &[
                ("error", "access_denied"),
                ("error_reason", "user_denied"),
                ("error_description", "Permissions error"),
            ],
        ),
    }
}

/// To the redirect URI, with `params` and the `state` of the request added.
fn redirect_back(uri: &str, state: Option<&str>, params: &[(&str, &str)]) -> Reply {
    let Ok(mut url) = Url::parse(uri) else {
        return Reply::html_page(400, expired_page());
    };
    url.query_pairs_mut()
        .extend_pairs(params)
        .extend_pairs(state.map(|state| ("state", state)));
    // Facebook Login appends this fragment.
    url.set_fragment(Some("_=_"));
    Reply::redirect(302, url.as_str())
}
