//! What Meta's popup and the site said of the number, beside what Meta's node shows: whether it stays in the WhatsApp
//! Business app, and whether the customer finished without one.

use super::record::{PopupReport, Signup};
use crate::meta::login_options::is_coexistence;
use crate::meta::response::PhoneNumber;

impl PopupReport {
    /// Whether the customer finished without a number: Meta's event says so, or names an account alone.
    pub fn is_without_number(&self) -> bool {
        let names_account_alone = self.ids_received && self.ids.waba_id.is_some();
        self.ids.phone_number_id.is_none()
            && !self.has_event(COEXISTENCE_EVENT)
            && (self.has_event(WITHOUT_NUMBER_EVENT) || names_account_alone)
    }

    /// Whether Meta's event has this name, in any case.
    fn has_event(&self, name: &str) -> bool {
        let event = self.event.as_deref().map(str::trim);
        event.is_some_and(|event| event.eq_ignore_ascii_case(name))
    }
}

impl Signup {
    /// The number, if it stays in the WhatsApp Business app.
    pub fn coexisting_number(&self) -> Option<&PhoneNumber> {
        let phone = self.steps.inspect.verified.as_ref()?.phone.as_ref()?;
        (phone.is_coexistence() || self.expects_coexistence()).then_some(phone)
    }

    /// Whether Meta's popup or the site said that the number stays in the WhatsApp Business app. Such a number is not
    /// registered, whatever Meta's node shows of it. Where the site offers it and the popup reported another end, the
    /// node is believed if it denies it.
    pub fn expects_coexistence(&self) -> bool {
        let phone = self.steps.inspect.verified.as_ref();
        let phone = phone.and_then(|verified| verified.phone.as_ref());
        let is_denied = phone.is_some_and(|phone| phone.is_on_biz_app == Some(false));
        let is_denied = is_denied && self.popup.event.is_some();
        let feature_type = self.admission.settings.feature_type.as_deref();
        self.popup.has_event(COEXISTENCE_EVENT)
            || (feature_type.is_some_and(is_coexistence) && !is_denied)
    }
}

/// Meta's event for a number that stays in the WhatsApp Business app
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users>).
const COEXISTENCE_EVENT: &str = "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING";
/// Meta's event for a flow that ended without a number
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>).
const WITHOUT_NUMBER_EVENT: &str = "FINISH_ONLY_WABA";
