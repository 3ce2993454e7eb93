//! From screen to screen: what "Continue" takes from a form, and which screen comes next.

use super::{Dialog, Number, Screen};
use crate::call::Call;
use crate::graph::code_for;
use crate::world::World;

/// Takes the form and moves on, or says what is wrong with it.
pub fn advance(world: &World, dialog: &mut Dialog, call: &Call) -> Result<(), String> {
    let text = |name: &str| {
        call.text(name)
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
            dialog.choice.business_name = named(
                text("business_name"),
                "a name for the new portfolio",
                id == "new",
            )?;
            dialog.choice.business = owned.then_some(id);
            if dialog.coexistence() {
                Screen::Number
            } else {
                Screen::Waba
            }
        }
        Screen::Waba => {
            let own = wabas_of(world, dialog);
            dialog.choice.wabas = match text("waba").as_str() {
                "new" => Vec::new(),
                "all" => own,
                id if own.iter().any(|known| known == id) => vec![id.to_owned()],
                _ => return Err("Choose a WhatsApp Business account.".into()),
            };
            if dialog.choice.wabas.is_empty() {
                Screen::Profile
            } else {
                Screen::Number
            }
        }
        Screen::Profile => {
            dialog.choice.waba_name = named(text("waba_name"), "a name for the new account", true)?;
            Screen::Number
        }
        Screen::Number => {
            dialog.choice.number = number(world, dialog, &text)?;
            let verified = dialog
                .phone(world)
                .is_some_and(|phone| phone.code_verification_status == "VERIFIED");
            dialog.choice.verified = verified;
            if verified || matches!(dialog.choice.number, Number::None) {
                Screen::Permissions
            } else {
                Screen::Verify
            }
        }
        Screen::Verify => {
            let later = text("do") == "later" && !dialog.coexistence();
            if !later && !dialog.coexistence() && text("verification_code") != code(dialog) {
                return Err("That code isn't right. Try again.".into());
            }
            dialog.choice.verified = !later;
            Screen::Permissions
        }
        Screen::Permissions => Screen::Permissions,
    };
    Ok(())
}

/// The WABAs of the chosen portfolio, oldest first.
pub fn wabas_of(world: &World, dialog: &Dialog) -> Vec<String> {
    let Some(business) = &dialog.choice.business else {
        return Vec::new();
    };
    world
        .wabas
        .values()
        .filter(|waba| &waba.business_id == business)
        .map(|waba| waba.id.clone())
        .collect()
}

/// The code the popup pretends to send by SMS.
pub fn code(dialog: &Dialog) -> String {
    code_for(&dialog.id, 1)
}

fn number(
    world: &World,
    dialog: &Dialog,
    text: &impl Fn(&str) -> String,
) -> Result<Number, String> {
    let choice = if dialog.coexistence() {
        "new".to_owned()
    } else {
        text("number")
    };
    match choice.as_str() {
        "none" => Ok(Number::None),
        "new" => {
            let display = text("number_text");
            let digits = digits(&display);
            if !display.starts_with('+') || !(8..=15).contains(&digits.len()) {
                return Err("Enter the number with its country code, e.g. +1 631-555-0150.".into());
            }
            if world
                .phones
                .values()
                .any(|phone| self::digits(&phone.display_phone_number) == digits)
            {
                return Err(
                    "This number is already registered to a WhatsApp account (3441030).".into(),
                );
            }
            Ok(Number::New {
                display,
                name: named(text("display_name"), "a display name", true)?,
            })
        }
        id => match world.phones.get(id) {
            Some(phone) if dialog.choice.wabas.contains(&phone.waba_id) => {
                Ok(Number::Existing(id.to_owned()))
            }
            _ => Err("Choose a phone number.".into()),
        },
    }
}

fn named(name: String, what: &str, needed: bool) -> Result<String, String> {
    if needed && name.is_empty() {
        Err(format!("Enter {what}."))
    } else {
        Ok(name)
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
