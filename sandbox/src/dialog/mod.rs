//! Meta's dialog: the popup of FB.login, or a whole page that redirects back. Screens a person clicks
//! through, with their state on the server, so that the pages need no script until the last one.

mod entry;
mod finish;
mod pages;
mod screens;

use crate::call::Call;
use crate::reply::Reply;
use crate::state::State;
use crate::world::{Phone, World};
use serde::Deserialize;

pub use entry::XD_ARBITER;

#[derive(Debug, Clone)]
pub struct Dialog {
    pub id: String,
    pub app_id: String,
    pub scopes: Vec<String>,
    pub extras: Extras,
    pub way_back: WayBack,
    pub screen: Screen,
    pub choice: Choice,
}

/// How the result reaches the page that asked.
#[derive(Debug, Clone)]
pub enum WayBack {
    /// By messages to the opener. `captured` is the SDK's own redirect_uri.
    Popup {
        cb: String,
        opener: String,
        captured: String,
        page: String,
    },
    Redirect {
        uri: String,
        state: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    Business,
    Waba,
    Profile,
    Number,
    Verify,
    Permissions,
}

/// What the person chose so far. `None` in `business` and an empty `wabas` mean: a new one.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    pub business: Option<String>,
    pub business_name: String,
    pub wabas: Vec<String>,
    pub waba_name: String,
    pub number: Number,
    pub verified: bool,
}

#[derive(Debug, Clone, Default)]
pub enum Number {
    Existing(String),
    New {
        display: String,
        name: String,
    },
    #[default]
    None,
}

/// The part of `extras` the screens act on ("Embedded Signup", Pre-filled data).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Extras {
    pub setup: Setup,
    #[serde(rename = "featureType")]
    pub feature_type: Option<String>,
    #[serde(rename = "sessionInfoVersion")]
    pub session_info_version: Option<serde_json::Value>,
    pub version: Option<String>,
    pub features: Vec<Feature>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Setup {
    pub business: Option<Prefill>,
    pub phone: Option<Prefill>,
    #[serde(rename = "solutionID")]
    pub solution_id: Option<String>,
    #[serde(rename = "preVerifiedPhone")]
    pub pre_verified_phone: Option<Ids>,
    #[serde(rename = "whatsAppBusinessAccount")]
    pub waba: Option<Ids>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Ids {
    pub ids: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Prefill {
    pub name: Option<String>,
    #[serde(rename = "displayName")]
    pub display_name: Option<String>,
    /// Of the business; its code is the one number in all of this.
    pub phone: Option<Dialled>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Dialled {
    pub code: u16,
    pub number: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Feature {
    pub name: String,
}

/// `GET /{v}/dialog/oauth`: checks what Meta checks, then shows the first screen.
pub fn open(state: &mut State, call: &Call) -> Reply {
    match entry::admit(state, call) {
        Ok(dialog) => {
            let page = pages::screen(&state.world, &dialog, None);
            state.dialogs.insert(dialog.id.clone(), dialog);
            Reply::page(200, page)
        }
        Err(refusal) => {
            let mut reply = Reply::page(400, pages::refused(&refusal));
            reply.error_code = refusal.code;
            reply
        }
    }
}

/// `GET /dialog/screen/{id}`: the screen the dialog is at.
pub fn show(state: &State, id: &str) -> Reply {
    match state.dialogs.get(id) {
        Some(dialog) => Reply::page(200, pages::screen(&state.world, dialog, None)),
        None => Reply::page(404, pages::over()),
    }
}

/// `POST /dialog/screen/{id}`: one button of one screen.
pub fn submit(state: &mut State, call: &Call, id: &str) -> Reply {
    let Some(mut dialog) = state.dialogs.remove(id) else {
        return Reply::page(404, pages::over());
    };
    match call.text("do").as_deref() {
        Some("cancel") => finish::cancelled(state, &dialog),
        Some("report") => finish::reported(state, &dialog, call.text("error_code").as_deref()),
        Some("finish") if dialog.screen == Screen::Permissions => finish::finished(state, &dialog),
        _ => match screens::advance(&state.world, &mut dialog, call) {
            Ok(()) => {
                state.dialogs.insert(id.to_owned(), dialog);
                Reply::redirect(303, &format!("/dialog/screen/{id}"))
            }
            Err(problem) => {
                let page = pages::screen(&state.world, &dialog, Some(&problem));
                state.dialogs.insert(id.to_owned(), dialog);
                Reply::page(200, page)
            }
        },
    }
}

impl Dialog {
    pub fn coexistence(&self) -> bool {
        self.extras.feature_type.as_deref() == Some("whatsapp_business_app_onboarding")
    }

    pub fn app_only_install(&self) -> bool {
        self.extras
            .features
            .iter()
            .any(|feature| feature.name == "app_only_install")
    }

    /// The chosen number where it exists already.
    pub fn phone<'a>(&self, world: &'a World) -> Option<&'a Phone> {
        match &self.choice.number {
            Number::Existing(id) => world.phones.get(id),
            Number::New { .. } | Number::None => None,
        }
    }
}

impl Screen {
    /// Meta's word for it in a CANCEL event.
    pub fn step(self) -> &'static str {
        match self {
            Screen::Business => "BUSINESS_ACCOUNT_SELECTION",
            Screen::Waba => "WABA_PHONE_PROFILE_PICKER",
            Screen::Profile => "WHATSAPP_BUSINESS_PROFILE_SETUP",
            Screen::Number => "PHONE_NUMBER_SETUP",
            Screen::Verify => "PHONE_NUMBER_VERIFICATION",
            Screen::Permissions => "PERMISSIONS",
        }
    }
}
