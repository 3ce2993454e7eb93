//! The last word of a dialog: the world changes, a code is minted, and the result goes back by messages in
//! the order the rules say, or by redirect ("Embedded Signup", Session info).

use super::{Dialog, Number, Screen, WayBack, pages};
use crate::reply::Reply;
use crate::rules::{CoexistenceIds, Ids, Rules};
use crate::state::State;
use crate::world::{BoundTo, Grant, Kind, Phone, World, random_word};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

/// One message the closing page posts to its opener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    pub after_ms: u64,
    pub to: String,
    pub text: Value,
}

pub fn cancelled(state: &State, dialog: &Dialog) -> Reply {
    let data = json!({"current_step": dialog.screen.step()});
    let event = json!({"type": TYPE, "event": "CANCEL", "version": 3, "data": data});
    left(state, dialog, event)
}

/// The person reported an error: still a CANCEL, with what Meta's support asks for.
pub fn reported(state: &State, dialog: &Dialog, code: Option<&str>) -> Reply {
    let code = code.filter(|code| !code.is_empty()).unwrap_or("524126");
    let data = json!({
        "error_message": "Something went wrong on this screen. Try again later.",
        "error_code": code,
        "session_id": random_word(32).to_ascii_lowercase(),
        "timestamp": (state.now_ms() / 1000).to_string(),
    });
    let event = json!({"type": TYPE, "event": "CANCEL", "data": data});
    left(state, dialog, event)
}

pub fn finished(state: &mut State, dialog: &Dialog) -> Reply {
    let now_ms = state.now_ms();
    let ids = settle(&mut state.world, dialog, now_ms);
    let grant = Grant {
        app_id: dialog.app_id.clone(),
        business_id: ids.business.clone(),
        waba_ids: ids.wabas.clone(),
        scopes: dialog.scopes.clone(),
        granular: true,
        solution_id: dialog.extras.setup.solution_id.clone(),
    };
    let bound_to = match &dialog.way_back {
        WayBack::Popup { captured, page, .. } => BoundTo::Sdk {
            captured: captured.clone(),
            page: page.clone(),
        },
        WayBack::Redirect { uri, .. } => BoundTo::Redirect { uri: uri.clone() },
    };
    let code = state.world.mint_code(grant, bound_to, now_ms);
    let reply = match &dialog.way_back {
        WayBack::Popup { cb, opener, .. } => {
            let event = event(dialog, &ids, &state.rules);
            let words = order(
                &state.rules,
                dialog,
                event,
                private(cb, opener, "code", &code),
                opener,
            );
            Reply::page(200, pages::closing("Finished", &words))
        }
        WayBack::Redirect { uri, state } => back(uri, state.as_deref(), &[("code", &code)]),
    };
    reply.effect(true)
}

struct Settled {
    business: String,
    wabas: Vec<String>,
    phone: Option<String>,
}

/// Makes the chosen things real.
fn settle(world: &mut World, dialog: &Dialog, now_ms: u64) -> Settled {
    let choice = &dialog.choice;
    let business = match &choice.business {
        Some(id) => id.clone(),
        None => world.add_business(Some(&choice.business_name)),
    };
    let mut wabas = choice.wabas.clone();
    if wabas.is_empty() {
        let name = match &choice.number {
            Number::New { name, .. } if choice.waba_name.is_empty() => name,
            _ => &choice.waba_name,
        };
        wabas.push(world.add_waba(&business, name));
    }
    let phone = match &choice.number {
        Number::None => None,
        Number::Existing(id) => Some(id.clone()),
        Number::New { display, name } => {
            let id = world.draw_id(Kind::Phone);
            let mut phone = Phone {
                id: id.clone(),
                waba_id: wabas[0].clone(),
                display_phone_number: display.clone(),
                verified_name: name.clone(),
                code_verification_status: "NOT_VERIFIED".into(),
                ..Phone::default()
            };
            if dialog.coexistence() {
                phone.is_on_biz_app = true;
                phone.platform_type = "CLOUD_API".into();
                phone.status = "CONNECTED".into();
                phone.throughput = "STANDARD".into();
                phone.last_onboarded_ms = Some(now_ms);
            }
            world.phones.insert(id.clone(), phone);
            Some(id)
        }
    };
    if let Some(phone) = phone.as_ref().and_then(|id| world.phones.get_mut(id)) {
        if choice.verified {
            phone.code_verification_status = "VERIFIED".into();
        }
        // The WABA of the chosen number is the one the event names.
        wabas.sort_by_key(|id| *id != phone.waba_id);
    }
    Settled {
        business,
        wabas,
        phone,
    }
}

fn event(dialog: &Dialog, ids: &Settled, rules: &Rules) -> Value {
    let mut data = json!({"waba_id": ids.wabas[0], "business_id": ids.business});
    if let Some(phone) = &ids.phone {
        data["phone_number_id"] = phone.clone().into();
    }
    if ids.wabas.len() > 1 {
        data["waba_ids"] = ids.wabas.clone().into();
    }
    let name = if dialog.coexistence() {
        if rules.coexistence_ids == CoexistenceIds::Waba {
            data = json!({"waba_id": ids.wabas[0]});
        }
        "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
    } else if dialog.app_only_install() {
        "FINISH_GRANT_ONLY_API_ACCESS"
    } else if ids.phone.is_none() {
        "FINISH_ONLY_WABA"
    } else {
        "FINISH"
    };
    let name = rules.finish.as_deref().unwrap_or(name);
    json!({"type": TYPE, "event": name, "version": 3, "data": data})
}

/// The event as the rules want it, after whatever else comes from these origins.
fn spoken(rules: &Rules, mut event: Value, after_ms: u64) -> Vec<Word> {
    if let Some(data) = event["data"].as_object_mut() {
        data.extend(rules.data.clone());
        data.retain(|_, value| !value.is_null());
    }
    let text = if rules.as_object {
        event
    } else {
        event.to_string().into()
    };
    let noise = if rules.noise { noise() } else { vec![] };
    let words = noise.into_iter().chain([text]);
    words
        .map(|text| Word {
            after_ms,
            to: "*".into(),
            text,
        })
        .collect()
}

fn noise() -> Vec<Value> {
    vec![
        "cb=f1&domain=shop.example&is_canvas=false&relation=opener&frame=f2".into(),
        "{\"type\":\"WA_EMBEDDED_SIGNUP\"".into(),
        "null".into(),
        "[]".into(),
        Value::Null,
        7.into(),
        json!({"type": "OTHER", "event": "FINISH"})
            .to_string()
            .into(),
        json!({"type": TYPE}).to_string().into(),
        json!({"type": TYPE, "event": "PROGRESS", "data": {}})
            .to_string()
            .into(),
        json!({"type": TYPE, "event": "CANCELLED"}),
    ]
}

/// ES v2 posts session info only where `sessionInfoVersion` asks for it; newer versions always do.
fn order(rules: &Rules, dialog: &Dialog, event: Value, private: String, opener: &str) -> Vec<Word> {
    let silent = dialog.extras.version.as_deref() == Some("v2")
        && dialog.extras.session_info_version.is_none();
    let code = Word {
        after_ms: 0,
        to: opener.to_owned(),
        text: private.into(),
    };
    match rules.ids {
        _ if silent => vec![code],
        Ids::Before => [spoken(rules, event, 0), vec![code]].concat(),
        Ids::After => [vec![code], spoken(rules, event, rules.ids_delay_ms)].concat(),
        Ids::Never => vec![code],
    }
}

/// The person left: the event, then a private word without a code.
fn left(state: &State, dialog: &Dialog, mut event: Value) -> Reply {
    if let Some(word) = &state.rules.left {
        event["event"] = word.as_str().into();
    }
    match &dialog.way_back {
        WayBack::Popup { cb, opener, .. } => {
            let mut words = spoken(&state.rules, event, 0);
            words.push(Word {
                after_ms: 0,
                to: opener.clone(),
                text: private(cb, opener, "error", "access_denied").into(),
            });
            Reply::page(200, pages::closing("Cancelled", &words))
        }
        WayBack::Redirect { uri, state } => back(
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

/// How the SDK's own messages look: a query string, not JSON.
fn private(cb: &str, opener: &str, key: &str, value: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("cb", cb)
        .append_pair("origin", opener)
        .append_pair("relation", "opener")
        .append_pair(key, value)
        .finish()
}

fn back(uri: &str, state: Option<&str>, pairs: &[(&str, &str)]) -> Reply {
    let Ok(mut url) = Url::parse(uri) else {
        return Reply::page(400, pages::over());
    };
    url.query_pairs_mut()
        .extend_pairs(pairs)
        .extend_pairs(state.map(|state| ("state", state)));
    // Meta appends this fragment, and nobody knows why any more.
    url.set_fragment(Some("_=_"));
    Reply::redirect(302, url.as_str())
}

impl Screen {
    /// A plausible error code of this screen ("Embedded Signup", Errors).
    pub fn error_code(self) -> &'static str {
        match self {
            Screen::Business => "1690114",
            Screen::Waba => "2494067",
            Screen::Profile => "2593010",
            Screen::Number => "2388002",
            Screen::Verify => "2388093",
            Screen::Permissions => "524126",
        }
    }
}

const TYPE: &str = "WA_EMBEDDED_SIGNUP";
