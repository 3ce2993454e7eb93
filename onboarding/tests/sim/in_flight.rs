//! What is in flight: Graph calls, and requests to other objects. Whether and when one takes effect, and whether and
//! when its sender learns of it, are independent of each other.

use crate::executor::{Completion, Incarnation, OneShot};
use crate::fault_model::CallFate;
use crate::meta::state::Caller;
use crate::provider::OrderFate;
use crate::provider::order_key;
use crate::state::event::Event;
use crate::state::in_flight::{CallInFlight, OutgoingRequest, PeerRequestInFlight};
use crate::state::operation::{Operation, Service};
use crate::state::phone::PhoneObject;
use crate::state::world::World;
use core::time::Duration;
use embark_onboarding::providers::ProviderRequest;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::signup::{PeerReply, PeerRequest};
use embark_onboarding::transport::{ApiResult, TransportError};
use embark_protocol::SignupId;
use std::rc::Rc;

impl World {
    /// Sends a Graph call or a request to a provider. `signup`: the one that it is for.
    pub fn call(
        &self,
        incarnation: &Rc<Incarnation>,
        request: OutgoingRequest,
        signup: Option<&SignupId>,
    ) -> Completion<ApiResult> {
        let completion = OneShot::new();
        if incarnation.ended.get() || self.maybe_crash(incarnation) {
            return Completion(completion);
        }
        let fate = self.fate_of(&request);
        let times_out = fate.response_after > request.deadline();
        let response_after = fate.response_after.min(request.deadline());
        let replaced_response = if times_out {
            Some(Err(TransportError::Timeout))
        } else {
            fate.response
        };
        self.log(|| {
            let (name, effect_after) = (request.name(), fate.effect_after);
            format!(
                "  {name} sent; effect after {effect_after:?}, response after {response_after:?}"
            )
        });
        if request.name() == "register" && self.fault_occurs(self.fault_rates.get().crashes * 3) {
            let soon = self.random.millis(1..=300);
            self.schedule(soon, Event::Evict(incarnation.clone()));
        }
        if request.name() == "register" && self.fault_occurs(TRANSFERRED_MEANWHILE) {
            // The operator transfers the number while it is registered.
            let OutgoingRequest::Meta(register) = &request else {
                unreachable!("providers are not sent register calls")
            };
            let is_named = |phone: &Rc<PhoneObject>| register.target.contains(phone.id.as_str());
            let number = self.phones.iter().position(is_named).unwrap_or_default();
            let transfer = Operation::TransferNumber(number);
            self.schedule(self.random.millis(1..=300), Event::Operation(transfer));
        }
        let index = self.calls.borrow().len();
        self.calls.borrow_mut().push(Some(CallInFlight {
            incarnation: incarnation.clone(),
            request,
            signup: signup.cloned(),
            sent_at_clock: self.clock(),
            sent_at: self.now.get(),
            replaced_response,
            response: None,
            completion: completion.clone(),
            pending_events: 1 + u8::from(fate.effect_after.is_some()),
        }));
        if let Some(effect_after) = fate.effect_after {
            self.schedule(effect_after, Event::CallTakesEffect(index));
        }
        self.schedule(response_after, Event::CallResponds(index));
        Completion(completion)
    }

    fn fate_of(&self, request: &OutgoingRequest) -> CallFate {
        let is_provider = matches!(request, OutgoingRequest::Provider(_));
        if self.is_out(Service::Meta) && !is_provider {
            CallFate::outage(&self.random)
        } else if self.fault_occurs(self.fault_rates.get().graph_calls) {
            match request {
                OutgoingRequest::Meta(request) => CallFate::faulty(request.name, &self.random),
                OutgoingRequest::Provider(_) => CallFate::faulty_provider(&self.random),
            }
        } else {
            CallFate::nominal(&self.random)
        }
    }

    /// Meta acts on a call. Half of the calls of a crashed process never left it.
    pub fn call_takes_effect(&self, index: usize) {
        let mut calls = self.calls.borrow_mut();
        let Some(call) = &mut calls[index] else {
            return;
        };
        if call.incarnation.ended.get() && self.random.chance(500) {
            calls[index] = None;
            return;
        }
        let now = self.now.get();
        let deadline = call.request.deadline();
        let caller = Caller {
            signup: call.signup.clone(),
            sent_at: call.sent_at,
            has_given_up: self.clock() > call.sent_at_clock + deadline
                || now > call.sent_at + deadline,
        };
        let response = match &call.request {
            OutgoingRequest::Meta(request) => self.meta.borrow_mut().handle(request, &caller, now),
            OutgoingRequest::Provider(request) => self.provider_handles(request, &caller),
        };
        self.log(|| {
            format!(
                "  {} took effect: {}",
                call.request.name(),
                in_short(&response)
            )
        });
        call.response = Some(response);
        call.pending_events -= 1;
        if call.pending_events == 0 {
            calls[index] = None;
        }
    }

    fn provider_handles(&self, request: &ProviderRequest, caller: &Caller) -> ApiResult {
        let minutes = self.random.pick(&[0, 0, 1, 10, 120, 2_000]);
        let fate = OrderFate {
            takes: Duration::from_mins(minutes) + self.random.millis(1..=20_000),
            fails: self.fault_occurs(100),
        };
        let signup = caller.signup.as_ref();
        let signup = signup.expect("a signup sends it");
        let mut providers = self.providers.borrow_mut();
        let (response, done_after) = providers.handle(request, signup, fate, self.now.get());
        if let Some(takes) = done_after {
            let key = order_key(request);
            self.schedule(takes, Event::OrderEnds(key));
        }
        response
    }

    /// The caller gets the response of a call, unless it has crashed.
    pub fn call_responds(&self, index: usize) {
        let mut calls = self.calls.borrow_mut();
        let Some(call) = &mut calls[index] else {
            return;
        };
        call.pending_events -= 1;
        let response = call.replaced_response.take().or(call.response.take());
        let response = response.unwrap_or(Err(TransportError::Timeout));
        self.log(|| {
            format!(
                "  {} responded: {}",
                call.request.name(),
                in_short(&response)
            )
        });
        let (completion, ended) = (call.completion.clone(), call.incarnation.ended.get());
        if call.pending_events == 0 {
            calls[index] = None;
        }
        drop(calls);
        if !ended {
            completion.complete(response);
        }
    }

    /// Sends a request to another object.
    pub fn request_peer(
        &self,
        incarnation: &Rc<Incarnation>,
        request: PeerRequest,
    ) -> Completion<Result<PeerReply, RpcError>> {
        let completion = OneShot::new();
        if incarnation.ended.get() || self.maybe_crash(incarnation) {
            return Completion(completion);
        }
        let index = self.peer_requests.borrow().len();
        self.log(|| format!("  {} sent", request.name()));
        let lost = self.fault_occurs(self.fault_rates.get().peer_requests);
        let is_out = match &request {
            PeerRequest::Site(..) => self.is_out(Service::Sites),
            PeerRequest::Waba(..) | PeerRequest::Phone(..) => self.is_out(Service::Assets),
            PeerRequest::Partner(_) => false,
        };
        let in_flight = PeerRequestInFlight {
            incarnation: incarnation.clone(),
            request: Some(request),
            completion: Some(completion.clone()),
            reply: None,
        };
        self.peer_requests.borrow_mut().push(in_flight);
        let kind = self.random.below(4);
        match (lost || is_out, if is_out { 0 } else { kind }) {
            // Fails at once.
            (true, 0) => self.schedule(self.random.millis(1..=30), Event::PeerRequestEnds(index)),
            // Arrives late.
            (true, 1) => {
                let delay = self.random.millis(20_000..=90_000);
                self.schedule(delay, Event::PeerRequestArrives(index));
            }
            // Never arrives.
            (true, 2) => {}
            _ => self.schedule(self.random.millis(1..=40), Event::PeerRequestArrives(index)),
        }
        self.schedule(PEER_DEADLINE, Event::PeerRequestEnds(index));
        Completion(completion)
    }

    /// A request reaches its object, which may crash over it. Half of the requests of a crashed sender never left it.
    pub fn peer_request_arrives(self: &Rc<Self>, index: usize) {
        let (request, sender) = {
            let in_flight = &mut self.peer_requests.borrow_mut()[index];
            (in_flight.request.take(), in_flight.incarnation.clone())
        };
        let Some(request) = request else { return };
        if sender.ended.get() && self.random.chance(500) {
            return;
        }
        if let PeerRequest::Phone(id, request) = request {
            return self.phone_receives(&id, *request, index);
        }
        if self.fault_occurs(self.fault_rates.get().crashes) {
            if self.random.chance(500) {
                self.peers.reply(self, request);
            }
            self.schedule(self.random.millis(1..=30), Event::PeerRequestEnds(index));
            return;
        }
        let reply = self.peers.reply(self, request);
        self.send_peer_reply(index, reply);
    }

    /// The object has replied; the reply may be lost. `None`: the object failed.
    pub fn send_peer_reply(&self, index: usize, reply: Option<PeerReply>) {
        if self.fault_occurs(self.fault_rates.get().peer_requests) {
            return;
        }
        self.peer_requests.borrow_mut()[index].reply = reply;
        self.schedule(self.random.millis(1..=40), Event::PeerRequestEnds(index));
    }

    /// The sender gets the reply, or learns that there is none. The first of these events counts.
    pub fn peer_request_ends(&self, index: usize) {
        let (completion, reply, ended) = {
            let in_flight = &mut self.peer_requests.borrow_mut()[index];
            let ended = in_flight.incarnation.ended.get();
            (in_flight.completion.take(), in_flight.reply.take(), ended)
        };
        if let Some(completion) = completion
            && !ended
        {
            completion.complete(reply.ok_or(RpcError::Timeout));
        }
    }
}

/// The beginning of a response, for the log.
fn in_short(result: &ApiResult) -> String {
    match result {
        Ok(response) => {
            let body = String::from_utf8_lossy(&response.body);
            let body: String = body.chars().take(150).collect();
            format!("{} {body}", response.status)
        }
        Err(error) => format!("{error:?}"),
    }
}

/// How often a number is transferred during a register call, in a thousandth.
const TRANSFERRED_MEANWHILE: u64 = 30;
/// After this time the sender of a request gives up.
const PEER_DEADLINE: Duration = Duration::from_secs(45);
