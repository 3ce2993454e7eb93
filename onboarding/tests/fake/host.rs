//! The hosts that run the workflow in the tests: of the signup, and of the Phone object that it asks.

use super::fault::FaultPoint;
use super::key_rotation::assert_resealable;
use super::{WORKER_ORIGIN, World};
use core::time::Duration;
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::resources::key_rotation::reseal;
use embark_onboarding::resources::partner::PartnerReply;
use embark_onboarding::resources::phone_number::{PhoneRecord, PhoneReply, PhoneRequest, serve};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::resources::site_admission::Candidate;
use embark_onboarding::retention::Retention;
use embark_onboarding::signup::{Effect, Outcome, PeerReply, PeerRequest, Signup};
use embark_onboarding::transport::{ApiResult, TransportError};
use embark_onboarding::workflow::{AppContext, CommitError, Context, Host, WorkflowHost};
use embark_protocol::PhoneNumberId;
use futures_util::FutureExt;
use std::future::pending;

impl Host<Signup> for World {
    fn context(&self) -> AppContext<'_> {
        let context = Context {
            now: self.now.get(),
            keyring: &self.keyring,
            random_bytes: &*self.random_bytes,
            retention: Retention::default(),
        };
        AppContext {
            context,
            credentials: &self.credentials,
        }
    }

    async fn call(&self, request: GraphRequest) -> ApiResult {
        let reply = || self.meta.borrow_mut().reply(&request);
        self.send(request.name, request.deadline, reply).await
    }

    /// A save has no reply that could be lost alone: every fault ends the process.
    fn save(&self, signup: &Signup) -> Result<(), CommitError> {
        if self.crashed.get() {
            return Err(CommitError::Superseded);
        }
        let stores_token = || signup.has_token() && !self.open_stored().has_token();
        let fault = self.begin_operation("save", stores_token);
        if fault.is_none_or(FaultPoint::takes_effect) {
            self.store(signup);
        }
        if fault.is_some() {
            self.crashed.set(true);
            return Err(CommitError::Superseded);
        }
        Ok(())
    }
}

impl WorkflowHost<Signup> for World {
    async fn perform(&self, effect: Effect) -> Outcome {
        match effect {
            Effect::Meta(request) => Outcome::Api(self.call(request).await),
            Effect::Provider(request) => {
                let reply = || {
                    let meta = &mut *self.meta.borrow_mut();
                    self.provider.borrow_mut().reply(&request, meta)
                };
                Outcome::Api(self.send(request.name, request.deadline, reply).await)
            }
            Effect::Peer(request) => Outcome::Peer(self.ask_peer(*request).await),
        }
    }
}

impl World {
    /// Asks the Phone object. No fault occurs.
    pub fn ask_phone(&self, id: PhoneNumberId, request: PhoneRequest) -> PhoneReply {
        self.crashed.set(false);
        let host = PhoneHost {
            world: self,
            id: &id,
        };
        let reply = serve(&self.phone, &id, request, &host);
        reply.now_or_never().unwrap().unwrap()
    }

    /// Sends a request, unless the fault prevents it. A timeout takes until the deadline.
    async fn send(
        &self,
        name: &'static str,
        deadline: Duration,
        reply: impl FnOnce() -> ApiResult,
    ) -> ApiResult {
        let fault = self.begin_request(name).await;
        if fault == Some(FaultPoint::RequestLost) {
            return Err(TransportError::Timeout);
        }
        let reply = reply();
        if let Err(TransportError::Timeout) = reply {
            self.advance(deadline);
        }
        self.end_request(fault).await;
        match fault {
            None => reply,
            Some(_) => Err(TransportError::Connection),
        }
    }

    /// Asks another Durable Object, unless the fault prevents it.
    async fn ask_peer(&self, request: PeerRequest) -> Result<PeerReply, RpcError> {
        let fault = self.begin_request(request.name()).await;
        if fault == Some(FaultPoint::RequestLost) {
            return Err(RpcError::Timeout);
        }
        let reply = self.peer_reply(request).await?;
        self.end_request(fault).await;
        match fault {
            None => Ok(reply),
            Some(_) => Err(RpcError::Timeout),
        }
    }

    /// The reply of another Durable Object, which has acted on the request.
    async fn peer_reply(&self, request: PeerRequest) -> Result<PeerReply, RpcError> {
        Ok(match request {
            PeerRequest::Site(_, SiteRequest::Admit { page_origin, .. }) => PeerReply::Site(
                self.site
                    .borrow()
                    .admit(&page_origin, WORKER_ORIGIN, Candidate::default()),
            ),
            PeerRequest::Site(_, SiteRequest::MessageRoute) => {
                let route = self.site.borrow().message_route().map(Box::new);
                PeerReply::Site(SiteReply::MessageRoute { route })
            }
            PeerRequest::Site(_, SiteRequest::Event(event)) => {
                self.events.borrow_mut().push(event);
                PeerReply::Site(SiteReply::Accepted)
            }
            PeerRequest::Site(_, SiteRequest::Index(row)) => {
                self.index_rows.borrow_mut().push(row);
                PeerReply::Site(SiteReply::Accepted)
            }
            PeerRequest::Site(..) => PeerReply::Site(SiteReply::Accepted),
            PeerRequest::Waba(id, request) => {
                let reply = self.waba.borrow_mut().handle(&id, request);
                assert_resealable(&*self.waba.borrow(), id.as_str(), |waba, cx| {
                    waba.reseal(&id, cx)
                });
                PeerReply::Waba(reply)
            }
            PeerRequest::Partner(_) => PeerReply::Partner(PartnerReply::Accepted),
            PeerRequest::Phone(id, request) => {
                let host = PhoneHost {
                    world: self,
                    id: &id,
                };
                let reply = serve(&self.phone, &id, *request, &host).await;
                PeerReply::Phone(reply.map_err(|error| RpcError::Unreachable(error.to_string()))?)
            }
        })
    }

    /// Counts the operation, and returns how it fails. Never resolves if the process has crashed or crashes here.
    async fn begin_request(&self, name: &'static str) -> Option<FaultPoint> {
        if self.crashed.get() {
            return pending().await;
        }
        let fault = self.begin_operation(name, || false);
        if fault == Some(FaultPoint::CrashBefore) {
            self.crashed.set(true);
            return pending().await;
        }
        fault
    }

    /// Never resolves if the process crashes here.
    async fn end_request(&self, fault: Option<FaultPoint>) {
        if fault == Some(FaultPoint::CrashAfter) {
            self.crashed.set(true);
            pending().await
        }
    }
}

/// The Phone object's host. Its record is `World::phone` itself, which outlives crashes.
struct PhoneHost<'w> {
    world: &'w World,
    id: &'w PhoneNumberId,
}

impl Host<PhoneRecord> for PhoneHost<'_> {
    fn context(&self) -> AppContext<'_> {
        self.world.context()
    }

    async fn call(&self, request: GraphRequest) -> ApiResult {
        self.world.call(request).await
    }

    fn save(&self, phone: &PhoneRecord) -> Result<(), CommitError> {
        let id = self.id.as_str();
        assert_resealable(phone, id, |phone, cx| reseal(phone, id, cx));
        Ok(())
    }
}
