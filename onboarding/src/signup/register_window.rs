//! Meta lets a number be registered for 14 days after its flow
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>). The
//! site's owner is told before they end.

use super::record::{Kind, Signup};
use super::state::RegisterPhase;
use crate::time::{UnixMillis, millis};
use core::time::Duration;
use embark_protocol::Step;

impl Signup {
    /// Enqueues the events `register_window.closing` that are due, and wakes for the next, while the number is not
    /// registered. `closes_at`: the end of the 14 days.
    pub(in crate::signup) fn report_closing_window(
        &mut self,
        closes_at: UnixMillis,
        now: UnixMillis,
    ) {
        let registers = |stage: &&[Step]| stage.contains(&Step::Register);
        let plan = self.plan().filter(|_| self.kind == Kind::Signup);
        let is_registered_by_us = plan.is_some_and(|plan| plan.stages.iter().any(registers));
        let phase = &self.steps.register.phase;
        if !is_registered_by_us || matches!(phase, RegisterPhase::Done | RegisterPhase::Skipped) {
            return;
        }
        let reported = |signup: &Self| usize::from(signup.steps.register.window_notices);
        while let Some(before) = NOTICES.get(reported(self)) {
            let due = UnixMillis(closes_at.0.saturating_sub(millis(*before)));
            if now < due {
                return self.schedule_wake(due);
            }
            self.steps.register.window_notices += 1;
            self.emit_window_notice(reported(self), closes_at, now);
        }
    }
}

/// How long before the end.
const NOTICES: [Duration; 2] = [Duration::from_hours(7 * 24), Duration::from_hours(2 * 24)];
