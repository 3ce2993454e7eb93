//! Reads the number again where Meta's fields contradict each other, or what the site or Meta's popup said: just after a
//! number was taken over from the WhatsApp Business app, its node shows it late
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users>).
//! Meanwhile, and afterwards if they still do, the number is not registered: it may be in use.

use super::transition::{StepInput, Transition};
use crate::meta::request;
use crate::meta::response::{PhoneNumber, decode};
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::state::{RegisterPhase, RegisterState, VerifiedAssets};
use crate::time::UnixMillis;
use crate::workflow::AppContext;
use core::time::Duration;
use embark_protocol::PhoneNumberId;

impl RegisterState {
    /// Schedules the next read. Once the last one was made, the number is left as it is.
    pub(super) fn reread_or_skip(&mut self, cx: &AppContext<'_>) -> Transition {
        match PAUSES_S.get(usize::from(self.rereads)) {
            Some(pause) => {
                let at = cx.now + Duration::from_secs(*pause);
                self.phase = RegisterPhase::Rereading { at };
                Transition::wake_at(at)
            }
            None => {
                self.phase = RegisterPhase::Skipped;
                Transition::done()
            }
        }
    }

    /// Reads the number when that is due.
    pub(super) fn poll_reread(
        &mut self,
        at: UnixMillis,
        input: StepInput<'_>,
        phone: &PhoneNumberId,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        if in_flight.contains(&EffectId::Verify) {
            return Transition::pending();
        }
        // The clock may have been put back.
        if cx.now < at && at <= cx.now + LONGEST_PAUSE {
            return Transition::wake_at(at);
        }
        let Some(token) = input.token else {
            return self.reread_or_skip(cx);
        };
        self.rereads = self.rereads.saturating_add(1);
        let request = request::phone(phone).sign(cx.credentials, token);
        Transition::effect(EffectId::Verify, Effect::Meta(request))
    }

    /// Takes in the number as it is now. A read that failed is one of the few.
    pub(super) fn on_reread(
        &mut self,
        verified: Option<&mut VerifiedAssets>,
        outcome: Outcome,
    ) -> Transition {
        if let (Outcome::Api(result), Some(verified)) = (outcome, verified)
            && let Ok(phone) = decode::<PhoneNumber>(result)
        {
            verified.phone = Some(phone);
        }
        self.phase = RegisterPhase::Todo;
        Transition::pending()
    }
}

/// The pauses before the reads, in seconds: four minutes in all.
const PAUSES_S: [u64; 7] = [5, 10, 15, 30, 60, 60, 60];
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
