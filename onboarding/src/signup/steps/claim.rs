//! Claims number and account for the site: the Phone object stores the owner, the Waba object the token of
//! record. A number that another site owns stays there until an operator transfers it.

use super::transition::{StepInput, Transition};
use crate::crypto::Sealed;
use crate::meta::response::TokenInfo;
use crate::resources::phone_number::{PhoneOwner, PhoneReply, PhoneRequest};
use crate::resources::waba::{
    ClaimedNumber, TokenOfRecord, WabaReply, WabaRequest, digits, token_name,
};
use crate::signup::effects::{Effect, EffectId, Outcome, PeerReply, PeerRequest};
use crate::signup::record::End;
use crate::signup::state::{ClaimState, VerifiedAssets};
use crate::workflow::AppContext;
use embark_protocol::{Problem, ProblemCode, Step, WabaId};

/// What the claim step needs beyond [`StepInput`].
#[derive(Clone, Copy)]
pub(in crate::signup) struct ClaimInput<'a> {
    /// Account and number.
    pub(in crate::signup) verified: &'a VerifiedAssets,
    /// What Meta says of the token. `None`: nothing was read.
    pub(in crate::signup) token_info: Option<&'a TokenInfo>,
    /// Whether the site's policy has us register numbers.
    pub(in crate::signup) registers: bool,
}

impl ClaimState {
    /// Claims the number, then the account. In this order: a signup that is refused the number must not have
    /// replaced the account's token.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        claim: ClaimInput<'_>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        let ClaimInput {
            verified,
            token_info,
            registers,
        } = claim;
        if self.is_complete(verified) {
            return Transition::done();
        }
        if !self.retry.is_due(cx.now) {
            return Transition::wake_at(self.retry.not_before);
        }
        let (id, request) = match &verified.phone {
            Some(phone) if !self.phone_claimed => {
                let claim = PhoneRequest::Claim(PhoneOwner {
                    site: input.site.clone(),
                    waba: verified.waba.id.clone(),
                    signup: input.signup.clone(),
                });
                let request = PeerRequest::Phone(phone.id.clone(), Box::new(claim));
                (EffectId::ClaimPhone, request)
            }
            _ => {
                let Some(token) = self.seal_token(input, &verified.waba.id, cx) else {
                    return Transition::fail(ProblemCode::Internal, Step::Claim);
                };
                let claim = WabaRequest::Claim {
                    site: input.site.clone(),
                    token: TokenOfRecord {
                        app: input.app.clone(),
                        site: Some(input.site.clone()),
                        scopes: token_info.map_or_else(Vec::new, |info| info.scopes.clone()),
                        token,
                        is_renewal: false,
                        refused_at: None,
                        expires_at: input.token_expires_at,
                        signup: input.signup.clone(),
                        user_id: token_info.and_then(|info| info.user_id.clone()),
                        issued_at: input.token_received_at,
                        notices_sent: 0,
                    },
                    at: cx.now,
                    number: verified.phone.as_ref().map(|phone| ClaimedNumber {
                        id: phone.id.clone(),
                        digits: phone.display_phone_number.as_deref().map(digits),
                        registers,
                    }),
                };
                let request = PeerRequest::Waba(verified.waba.id.clone(), claim);
                (EffectId::ClaimWaba, request)
            }
        };
        if in_flight.contains(&id) {
            return Transition::pending();
        }
        self.retry = self.retry.begin_attempt(cx.now);
        Transition::effect(id, Effect::Peer(Box::new(request)))
    }

    /// Stores the answer, or schedules the request again.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        match outcome {
            Outcome::Peer(Ok(PeerReply::Waba(WabaReply::Claimed { renewed }))) => {
                self.waba_claimed = true;
                self.renewed = renewed;
            }
            Outcome::Peer(Ok(PeerReply::Phone(PhoneReply::Claimed {
                previously_registered: known,
            }))) => {
                self.phone_claimed = true;
                self.previously_registered = known;
            }
            Outcome::Peer(Ok(PeerReply::Phone(PhoneReply::OwnedElsewhere))) => {
                let problem = Problem::new(ProblemCode::OwnedElsewhere).at_step(Step::Claim);
                return Transition::end(End::Failed(problem));
            }
            _ => self.retry = self.retry.after_no_reply(cx),
        }
        Transition::pending()
    }

    /// Whether account and number are claimed; an account without a number has none to claim.
    pub(in crate::signup) fn is_complete(&self, verified: &VerifiedAssets) -> bool {
        self.waba_claimed && (self.phone_claimed || verified.phone.is_none())
    }

    /// Whether this turned out to be a renewal: the customer was connected through this site, and the number
    /// still is. A second number of theirs is a first connection, and so is a number that was deregistered.
    pub(in crate::signup) fn is_renewal(&self, verified: &VerifiedAssets) -> bool {
        let still_connected = verified.phone.as_ref().is_none_or(|phone| {
            self.previously_registered && (phone.is_live() || phone.is_coexistence())
        });
        self.renewed && still_connected
    }

    /// The business token under the account's name. Sealed once: a repeated claim carries the same bytes.
    fn seal_token(
        &mut self,
        input: StepInput<'_>,
        waba: &WabaId,
        cx: &AppContext<'_>,
    ) -> Option<Sealed> {
        if self.token.is_none() {
            let name = token_name(input.app, waba);
            self.token = cx.keyring.seal(&name, input.token?, cx.nonce()).ok();
        }
        self.token.clone()
    }
}
