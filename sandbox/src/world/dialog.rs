//! One open Embedded Signup dialog: what it was opened with, and what the person chose so far.

use super::assets::Phone;
use super::dialog_extras::Extras;
use super::tables::World;

/// Kept between the requests of its screens.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// Random; part of the address of its screens.
    pub id: String,
    pub app_id: String,
    pub scopes: Vec<String>,
    pub extras: Extras,
    pub return_path: ReturnPath,
    /// The screen it is at.
    pub screen: Screen,
    pub selections: Selections,
}

/// How the result reaches the page that opened the dialog.
#[derive(Debug, Clone)]
pub enum ReturnPath {
    /// By `postMessage` to the opener of the popup.
    Popup {
        /// Callback id of the SDK, which it expects in its message.
        cb: String,
        /// Origin of the opener.
        opener: String,
        /// The `redirect_uri` the SDK sent.
        captured: String,
        /// Address of the opener's page.
        page: String,
    },
    /// By redirect to `uri`, with the OAuth parameter `state` where one was given.
    Redirect { uri: String, state: Option<String> },
}

/// In the order of the flow; [`Screen::Profile`] and [`Screen::Verify`] only appear where they are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    Business,
    Waba,
    Profile,
    Number,
    Verify,
    Permissions,
}

/// What the person chose so far.
#[derive(Debug, Clone, Default)]
pub struct Selections {
    /// `None`: a new portfolio with the name `business_name`.
    pub business: Option<String>,
    pub business_name: String,
    /// Empty: a new WABA with the name `waba_name`.
    pub wabas: Vec<String>,
    pub waba_name: String,
    pub number: NumberChoice,
    /// The number is verified, or will be when the dialog is finished.
    pub verified: bool,
    /// Other assets that are shared, by the names of the event's lists.
    pub extra_assets: Vec<&'static str>,
}

/// The phone number to share.
#[derive(Debug, Clone, Default)]
pub enum NumberChoice {
    /// Id of a number of the chosen WABAs.
    Existing(String),
    /// The number as text, and its display name.
    New { display: String, name: String },
    #[default]
    None,
}

impl Dialog {
    /// The person keeps the number in the WhatsApp Business app.
    pub fn is_coexistence(&self) -> bool {
        self.extras.feature_type.as_deref() == Some("whatsapp_business_app_onboarding")
    }

    pub fn is_app_only_install(&self) -> bool {
        let mut features = self.extras.features.iter();
        features.any(|feature| feature.name == "app_only_install")
    }

    /// The chosen number where it exists already.
    pub fn existing_phone<'a>(&self, world: &'a World) -> Option<&'a Phone> {
        match &self.selections.number {
            NumberChoice::Existing(id) => world.phones.get(id),
            NumberChoice::New { .. } | NumberChoice::None => None,
        }
    }
}

impl Screen {
    /// Meta's name for it in the `current_step` of a CANCEL event.
    /// <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>
    pub fn step_name(self) -> &'static str {
        match self {
            Screen::Business => "BUSINESS_ACCOUNT_SELECTION",
            Screen::Waba => "WABA_PHONE_PROFILE_PICKER",
            Screen::Profile => "WHATSAPP_BUSINESS_PROFILE_SETUP",
            Screen::Number => "PHONE_NUMBER_SETUP",
            Screen::Verify => "PHONE_NUMBER_VERIFICATION",
            Screen::Permissions => "PERMISSIONS",
        }
    }

    /// An error code that Meta lists for this screen; the preset of "Report a problem".
    /// <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/errors>
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
