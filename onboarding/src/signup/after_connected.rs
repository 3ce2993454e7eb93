//! What goes on after a signup is connected.

use super::effects::{EffectId, Effects};
use super::record::{Kind, Signup};
use super::steps::credit::CreditInput;
use super::steps::report::ReportInput;
use super::steps::transition::StepInput;
use crate::workflow::AppContext;

impl Signup {
    /// What goes on after `connected`: a credit line that is still being shared, and the readiness report.
    pub(in crate::signup) fn run_after_connected(
        &mut self,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
        effects: &mut Effects,
    ) {
        let token = self.steps.exchange.token(&self.id, cx);
        let input = StepInput::new(
            &self.id,
            &self.site,
            &self.app,
            &self.steps.exchange,
            token.as_ref(),
        );
        let Some(verified) = &self.steps.inspect.verified else {
            return;
        };
        let solution_id = self.admission.solution_id.as_deref();
        let credit = CreditInput {
            // A renewal shares no credit line.
            settings: self
                .admission
                .settings
                .credit
                .as_ref()
                .filter(|_| self.kind == Kind::Signup),
            verified,
            in_solution: solution_id.is_some(),
        };
        let credit = self.steps.credit.poll(input, credit, in_flight, cx);
        let report = ReportInput {
            verified,
            solution_id,
            leaves_webhooks: self.leaves_webhooks(),
        };
        let report = self.steps.report.poll(input, report, in_flight, cx);
        let addresses = self.steps.callback_override.poll(
            input,
            verified,
            self.admission.messages.as_ref(),
            self.leaves_webhooks(),
            in_flight,
            cx,
        );
        self.apply(credit, cx.now, effects);
        self.apply(addresses, cx.now, effects);
        self.apply(report, cx.now, effects);
    }
}
