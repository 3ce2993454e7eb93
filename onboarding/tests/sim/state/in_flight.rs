//! Graph calls and requests whose effect or response is to come.

use crate::executor::{Incarnation, OneShot};
use core::time::Duration;
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::providers::ProviderRequest;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::signup::{PeerReply, PeerRequest};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::ApiResult;
use embark_protocol::SignupId;
use std::rc::Rc;

/// What is sent to somebody else.
pub enum OutgoingRequest {
    Meta(GraphRequest),
    Provider(Box<ProviderRequest>),
}

impl OutgoingRequest {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Meta(request) => request.name,
            Self::Provider(request) => request.name,
        }
    }

    pub fn deadline(&self) -> Duration {
        match self {
            Self::Meta(request) => request.deadline,
            Self::Provider(request) => request.deadline,
        }
    }
}

/// A Graph call, or a request to a provider.
pub struct CallInFlight {
    pub incarnation: Rc<Incarnation>,
    pub request: OutgoingRequest,
    /// The signup that it is for.
    pub signup: Option<SignupId>,
    /// By the objects' clock, whose jumps shorten or lengthen the caller's deadline.
    pub sent_at_clock: UnixMillis,
    /// By true time.
    pub sent_at: UnixMillis,
    /// What the caller gets in place of Meta's own response.
    pub replaced_response: Option<ApiResult>,
    /// Meta's own response, once it has acted.
    pub response: Option<ApiResult>,
    pub completion: Rc<OneShot<ApiResult>>,
    /// How many of its events are still to come.
    pub pending_events: u8,
}

/// A request to another object.
pub struct PeerRequestInFlight {
    pub incarnation: Rc<Incarnation>,
    /// `None` once it has arrived.
    pub request: Option<PeerRequest>,
    /// `None` once the sender has the reply, or has given up.
    pub completion: Option<Rc<OneShot<Result<PeerReply, RpcError>>>>,
    /// `None` until the object has replied.
    pub reply: Option<PeerReply>,
}
