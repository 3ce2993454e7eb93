//! What a signup asks of others, and what comes back.

use super::state::{CreditCall, InspectCall, OverrideChange, OverrideRead, ReportCall};
use crate::meta::GraphRequest;
use crate::providers::ProviderRequest;
use crate::resources::partner::{PartnerReply, PartnerRequest};
use crate::resources::phone_number::{PhoneReply, PhoneRequest};
use crate::resources::rpc::RpcError;
use crate::resources::site::{SiteReply, SiteRequest};
use crate::resources::waba::{WabaReply, WabaRequest};
use crate::transport::ApiResult;
use embark_protocol::{PhoneNumberId, SiteId, WabaId};

/// Names one effect of a signup. Never stored: only an incarnation's own effects are in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectId {
    /// Asks the Site object whether the site takes this signup.
    Admit,
    /// Exchanges the authorization code.
    Exchange,
    /// One of the reads of the inspect step.
    Inspect(InspectCall),
    /// Claims the phone number.
    ClaimPhone,
    /// Claims the WhatsApp Business Account.
    ClaimWaba,
    /// Subscribes our app to the account, or reads whether it is subscribed.
    Subscribe,
    /// One of the calls about the address that messages are sent to.
    CallbackOverride(OverrideCall),
    /// One of the calls of the credit step.
    Credit(CreditCall),
    /// Asks the Phone object to register the number.
    Register,
    /// Requests a verification code, submits one, or reads the number again.
    Verify,
    /// Requests a synchronisation, or reads the app's webhook fields before.
    Sync,
    /// Orders from the provider, or reads how far it is.
    Handoff,
    /// One of the reads of the readiness report.
    Report(ReportCall),
    /// Delivers the outbox message with this number.
    Outbox(u32),
}

/// A call about the address that messages are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideCall {
    /// Asks the Phone object for the number's owner.
    Owner,
    /// Asks the Site object for the address.
    Route,
    /// Reads one of Meta.
    Read(OverrideRead),
    /// Changes one at Meta.
    Change(OverrideChange),
}

/// A request of a signup.
#[derive(Debug)]
pub enum Effect {
    /// To Meta's Graph API.
    Meta(GraphRequest),
    /// To another messaging provider.
    Provider(Box<ProviderRequest>),
    /// To another Durable Object.
    Peer(Box<PeerRequest>),
}

/// What came of an [`Effect`].
#[derive(Debug)]
pub enum Outcome {
    /// Of [`Effect::Meta`] and [`Effect::Provider`].
    Api(ApiResult),
    /// Of [`Effect::Peer`]. After an error the request is repeated: every one is idempotent.
    Peer(Result<PeerReply, RpcError>),
}

/// A request to another Durable Object, with its name.
#[derive(Debug, Clone)]
pub enum PeerRequest {
    /// To the site.
    Site(SiteId, SiteRequest),
    /// To the phone number.
    Phone(PhoneNumberId, Box<PhoneRequest>),
    /// To the WhatsApp Business Account.
    Waba(WabaId, WabaRequest),
    /// To the partner.
    Partner(PartnerRequest),
}

/// The reply to a [`PeerRequest`].
#[derive(Debug, Clone)]
pub enum PeerReply {
    /// Of the site.
    Site(SiteReply),
    /// Of the phone number.
    Phone(PhoneReply),
    /// Of the WhatsApp Business Account.
    Waba(WabaReply),
    /// Of the partner.
    Partner(PartnerReply),
}

/// Effects to begin, each with its id.
pub(in crate::signup) type Effects = Vec<(EffectId, Effect)>;

impl PeerRequest {
    /// The name of this request in the object's journal and in fault injection.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Site(_, SiteRequest::Admit { .. }) => "admit",
            Self::Site(_, SiteRequest::Event(_)) => "event",
            Self::Site(_, SiteRequest::MessageRoute) => "message_route",
            Self::Site(..) => "index",
            Self::Phone(_, request) => match **request {
                PhoneRequest::Register(_) => "ask_register",
                PhoneRequest::Owner => "number_owner",
                _ => "claim_phone",
            },
            Self::Waba(_, WabaRequest::TokenRefused { .. }) => "token_refused",
            Self::Waba(..) => "claim_waba",
            Self::Partner(PartnerRequest::Users(_)) => "grant",
            Self::Partner(..) => "count",
        }
    }
}
