//! The forms of the screens: what each one stores in the dialog, and which screen comes next.

use crate::http::IncomingRequest;
use crate::world::{Dialog, NumberChoice, Screen, World, digits, verification_code};

/// Stores the form of the current screen in the dialog and moves on to the next screen.
///
/// # Errors
/// What is wrong with the form, as a sentence for the person; the dialog stays at its screen.
pub fn advance(
    world: &World,
    dialog: &mut Dialog,
    request: &IncomingRequest,
) -> Result<(), String> {
    let text = |name: &str| {
        request
            .param_text(name)
            .map(|text| text.trim().to_owned())
            .unwrap_or_default()
    };
    dialog.screen = match dialog.screen {
        Screen::Business => {
            let id = text("business");
            let owned = world
                .businesses
                .get(&id)
                .is_some_and(|business| business.owned_by_person);
            if id != "new" && !owned {
                return Err("Choose a business portfolio.".into());
            }
            dialog.selections.business_name = require_name(
                text("business_name"),
                "a name for the new portfolio",
                id == "new",
            )?;
            dialog.selections.business = owned.then_some(id);
            if dialog.is_coexistence() {
                Screen::Number
            } else {
                Screen::Waba
            }
        }
        Screen::Waba => {
            let wabas = wabas_to_choose_from(world, dialog);
            dialog.selections.wabas = match text("waba").as_str() {
                "new" => Vec::new(),
                "all" => wabas,
                id if wabas.iter().any(|waba| waba == id) => vec![id.to_owned()],
                _ => return Err("Choose a WhatsApp Business account.".into()),
            };
            if dialog.selections.wabas.is_empty() {
                Screen::Profile
            } else {
                Screen::Number
            }
        }
        Screen::Profile => {
            dialog.selections.waba_name =
                require_name(text("waba_name"), "a name for the new account", true)?;
            Screen::Number
        }
        Screen::Number => {
            dialog.selections.number = parse_number(world, dialog, &text)?;
            let verified = dialog
                .existing_phone(world)
                .is_some_and(|phone| phone.code_verification_status == "VERIFIED");
            dialog.selections.verified = verified;
            if verified || matches!(dialog.selections.number, NumberChoice::None) {
                Screen::Permissions
            } else {
                Screen::Verify
            }
        }
        Screen::Verify => {
            let verify_later = text("do") == "later" && !dialog.is_coexistence();
            if !verify_later
                && !dialog.is_coexistence()
                && text("verification_code") != sms_code(dialog)
            {
                return Err("That code isn't right. Try again.".into());
            }
            dialog.selections.verified = !verify_later;
            Screen::Permissions
        }
        Screen::Permissions => Screen::Permissions,
    };
    Ok(())
}

/// The WABAs of the chosen portfolio, oldest first.
pub fn wabas_to_choose_from(world: &World, dialog: &Dialog) -> Vec<String> {
    let Some(business) = &dialog.selections.business else {
        return Vec::new();
    };
    world
        .wabas
        .values()
        .filter(|waba| &waba.business_id == business)
        .map(|waba| waba.id.clone())
        .collect()
}

/// The verification code of the dialog; its screen shows the message that would be sent.
pub fn sms_code(dialog: &Dialog) -> String {
    verification_code(&dialog.id, 1)
}

/// # Errors
/// When nothing valid was chosen, or the new number is malformed or taken.
fn parse_number(
    world: &World,
    dialog: &Dialog,
    text: &impl Fn(&str) -> String,
) -> Result<NumberChoice, String> {
    let chosen = if dialog.is_coexistence() {
        "new".to_owned()
    } else {
        text("number")
    };
    match chosen.as_str() {
        "none" => Ok(NumberChoice::None),
        "new" => {
            let display = text("number_text");
            let number_digits = digits(&display);
            if !display.starts_with('+') || !(8..=15).contains(&number_digits.len()) {
                return Err("Enter the number with its country code, e.g. +1 631-555-0150.".into());
            }
            if world
                .phones
                .values()
                .any(|phone| digits(&phone.display_phone_number) == number_digits)
            {
                return Err(
                    "This number is already registered to a WhatsApp account (3441030).".into(),
                );
            }
            Ok(NumberChoice::New {
                display,
                name: require_name(text("display_name"), "a display name", true)?,
            })
        }
        id => match world.phones.get(id) {
            Some(phone) if dialog.selections.wabas.contains(&phone.waba_id) => {
                Ok(NumberChoice::Existing(id.to_owned()))
            }
            _ => Err("Choose a phone number.".into()),
        },
    }
}

/// # Errors
/// When a required name is empty.
fn require_name(name: String, description: &str, required: bool) -> Result<String, String> {
    if required && name.is_empty() {
        Err(format!("Enter {description}."))
    } else {
        Ok(name)
    }
}
