//! The pages of the dialog as HTML. Buttons and choices have a `data-testid`, listed in README.md. Only the closing page
//! runs a script.

use super::admission::DialogRefusal;
use super::extra_assets;
use super::messages::WindowMessage;
use super::screens::{sms_code, wabas_to_choose_from};
use crate::world::{Dialog, NumberChoice, ReturnPath, Screen, World};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The screen the dialog is at, with `problem` as an error message.
pub fn screen_page(world: &World, dialog: &Dialog, problem: Option<&str>) -> Markup {
    let app = world
        .apps
        .get(&dialog.app_id)
        .map(|app| app.name.as_str())
        .unwrap_or_default();
    let is_last = dialog.screen == Screen::Permissions;
    layout(html! {
        p class="app" { "Connecting to " strong { (app) } }
        form method="post" action={"/dialog/screen/" (dialog.id)} data-testid="screen" data-step=(dialog.screen.step_name()) {
            @if let Some(problem) = problem { p class="problem" role="alert" data-testid="problem" { (problem) } }
            @match dialog.screen {
                Screen::Business => (business_screen(world, dialog)),
                Screen::Waba => (waba_screen(world, dialog)),
                Screen::Profile => (profile_screen(dialog)),
                Screen::Number => (number_screen(world, dialog)),
                Screen::Verify => (verify_screen(world, dialog)),
                Screen::Permissions => (permissions_screen(world, dialog)),
            }
            div class="main" {
                @if is_last {
                    button id="finish" name="do" value="finish" data-testid="finish" { "Finish" }
                } @else {
                    button id="continue" name="do" value="continue" data-testid="continue" { "Continue" }
                }
                // After Continue: the Enter key presses the first button.
                @if dialog.screen == Screen::Verify && !dialog.is_coexistence() {
                    button id="later" class="quiet" name="do" value="later" data-testid="later" { "Verify later" }
                }
                button id="cancel" class="quiet" name="do" value="cancel" data-testid="cancel" { "Cancel" }
            }
            div class="report" {
                label for="error_code" { "Error code" }
                input id="error_code" name="error_code" data-testid="report-code" inputmode="numeric" value=(dialog.screen.error_code());
                button id="report" class="quiet" name="do" value="report" data-testid="report" { "Report a problem" }
            }
        }
    })
}

/// The last page of a popup: posts the messages to its opener, in their order, and closes itself.
pub fn closing_page(title: &str, messages: &[WindowMessage]) -> Markup {
    // `</script>` or `<!--` inside the JSON must not end the element.
    let messages = serde_json::to_string(messages)
        .unwrap_or_default()
        .replace('<', "\\u003c");
    layout(html! {
        h1 data-testid="closing" { (title) }
        p id="no-opener" hidden { "The page that opened this window can't be reached any more. You can close it." }
        script type="application/json" id="messages" { (PreEscaped(messages)) }
        script { (PreEscaped(CLOSING_SCRIPT)) }
    })
}

/// Why the dialog does not open.
pub fn refusal_page(refusal: &DialogRefusal) -> Markup {
    layout(html! {
        h1 data-testid="refused" { (refusal.title) }
        p class="problem" { (refusal.text) }
        @if let Some(code) = refusal.code { p { "Error code " (code) } }
    })
}

/// The dialog was finished or cancelled, or never existed.
pub fn expired_page() -> Markup {
    layout(
        html! { h1 data-testid="over" { "This dialog is over" } p { "Start again from the page that opened it." } },
    )
}

fn business_screen(world: &World, dialog: &Dialog) -> Markup {
    let prefill = dialog
        .extras
        .setup
        .business
        .as_ref()
        .and_then(|business| business.name.clone());
    let name = prefill.unwrap_or_else(|| "Fresh Business".into());
    let mut owned = world
        .businesses
        .values()
        .filter(|business| business.owned_by_person)
        .peekable();
    html! {
        h1 { "Choose a business portfolio" }
        @let none = owned.peek().is_none();
        @for (n, business) in owned.enumerate() {
            (radio("business", &business.id, &business.name, &business.id, n == 0))
        }
        (radio("business", "new", "Create a business portfolio", "", none))
        div class="fresh" { (field("business_name", "business-name", "Name of the new portfolio", &name)) }
        @if let Some(phone) = dialog.extras.setup.business.as_ref().and_then(|business| business.phone.as_ref()) {
            p { "Its phone: +" (phone.code) " " (phone.number) }
        }
    }
}

fn waba_screen(world: &World, dialog: &Dialog) -> Markup {
    let wabas = wabas_to_choose_from(world, dialog);
    html! {
        h1 { "Choose a WhatsApp Business account" }
        @for (n, id) in wabas.iter().enumerate() {
            (radio("waba", id, &world.wabas[id].name, id, n == 0))
        }
        @if wabas.len() > 1 { (radio("waba", "all", "Share all of them", "", false)) }
        (radio("waba", "new", "Create a WhatsApp Business account", "", wabas.is_empty()))
    }
}

fn profile_screen(dialog: &Dialog) -> Markup {
    let prefill = dialog
        .extras
        .setup
        .business
        .as_ref()
        .and_then(|business| business.name.clone());
    let name = prefill.unwrap_or_else(|| "Fresh Account".into());
    html! {
        h1 { "Create your WhatsApp Business profile" }
        (field("waba_name", "waba-name", "Account name", &name))
        label for="category" { "Category" }
        select id="category" name="category" data-testid="category" {
            @for category in ["OTHER", "RETAIL", "APPAREL", "RESTAURANT", "PROF_SERVICES", "TRAVEL"] {
                option { (category) }
            }
        }
    }
}

fn number_screen(world: &World, dialog: &Dialog) -> Markup {
    let phones: Vec<_> = world
        .phones
        .values()
        .filter(|phone| dialog.selections.wabas.contains(&phone.waba_id))
        .collect();
    let prefill = dialog
        .extras
        .setup
        .phone
        .as_ref()
        .and_then(|phone| phone.display_name.clone());
    let name = prefill.unwrap_or_else(|| "Fresh Shop".into());
    let new_number = format!("+1 631-555-{:04}", 200 + world.ids_issued % 9000);
    html! {
        @if dialog.is_coexistence() {
            h1 { "Connect your WhatsApp Business app" }
            p { "Enter the number you use in the WhatsApp Business app. It stays there." }
        } @else {
            h1 { "Choose a phone number" }
            @for (n, phone) in phones.iter().enumerate() {
                @let hint = format!("{} · {}", phone.verified_name, phone.code_verification_status);
                (radio("number", &phone.id, &phone.display_phone_number, &hint, n == 0))
            }
            (radio("number", "new", "Add a new number", "", phones.is_empty()))
        }
        div class="fresh" {
            (field("number_text", "number-text", "Number with country code", &new_number))
            (field("display_name", "display-name", "Display name", &name))
        }
        @if !dialog.is_coexistence() { (radio("number", "none", "Finish without a phone number", "", false)) }
    }
}

fn verify_screen(world: &World, dialog: &Dialog) -> Markup {
    let display = match &dialog.selections.number {
        NumberChoice::New { display, .. } => display.as_str(),
        _ => dialog
            .existing_phone(world)
            .map(|phone| phone.display_phone_number.as_str())
            .unwrap_or_default(),
    };
    html! {
        @if dialog.is_coexistence() {
            h1 { "Confirm in the app" }
            p { "Scan the QR code with the WhatsApp Business app on " strong { (display) } ", then continue." }
            p class="code" aria-hidden="true" { "▚▞▚▞" }
        } @else {
            h1 { "Verify your phone number" }
            p { "The sandbox plays the phone: the message to " strong { (display) } " says " strong data-testid="sent-code" { (sms_code(dialog)) } "." }
            (field("verification_code", "verification-code", "Verification code", &sms_code(dialog)))
        }
    }
}

fn permissions_screen(world: &World, dialog: &Dialog) -> Markup {
    let names: Vec<&str> = dialog
        .selections
        .wabas
        .iter()
        .map(|id| world.wabas[id].name.as_str())
        .collect();
    html! {
        h1 { "Review what you share" }
        ul {
            @if names.is_empty() { li { "A new WhatsApp Business account" } }
            @for name in names { li { "WhatsApp Business account " strong { (name) } } }
            @for scope in &dialog.scopes { li { code { (scope) } } }
            @if let ReturnPath::Redirect { uri, .. } = &dialog.return_path { li { "You go back to " (uri) } }
        }
        (extra_assets::choices(dialog))
    }
}

fn radio(name: &str, value: &str, label: &str, hint: &str, checked: bool) -> Markup {
    let id = format!("{name}-{value}");
    html! {
        label class="choice" for=(id) {
            input type="radio" id=(id) name=(name) value=(value) checked[checked] data-testid=(id);
            span { (label) @if !hint.is_empty() { small { (hint) } } }
        }
    }
}

fn field(name: &str, testid: &str, label: &str, value: &str) -> Markup {
    html! {
        label for=(testid) { (label) }
        input id=(testid) name=(name) data-testid=(testid) value=(value) autocomplete="off";
    }
}

fn layout(body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Sandbox: plays Meta" }
                style { (PreEscaped(include_str!("pages.css"))) }
            }
            body { header { "Sandbox: plays Meta" } main { (body) } }
        }
    }
}

const CLOSING_SCRIPT: &str = include_str!("closing_page.js");
