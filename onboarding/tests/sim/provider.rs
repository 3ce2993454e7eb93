//! The other messaging providers: they take orders, work on them for a while, and connect the number or fail.

use crate::meta::response::http_response;
use core::time::Duration;
use embark_onboarding::providers::ProviderRequest;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::ApiResult;
use embark_protocol::SignupId;

/// All of them.
#[derive(Default)]
pub struct Providers {
    pub orders: Vec<Order>,
}

/// An order that was accepted.
pub struct Order {
    /// URL and body: the same order has the same ones.
    pub key: String,
    /// The signup that sent it last.
    pub signup: SignupId,
    pub is_infobip: bool,
    pub finished_at: UnixMillis,
    pub fails: bool,
}

/// What becomes of an order that is new.
pub struct OrderFate {
    pub takes: Duration,
    pub fails: bool,
}

impl Providers {
    /// Acts on a request. Returns the response, and after how long
    /// the provider is done, unless it said so before. It says so again if the order is done already.
    pub fn handle(
        &mut self,
        request: &ProviderRequest,
        signup: &SignupId,
        fate: OrderFate,
        now: UnixMillis,
    ) -> (ApiResult, Option<Duration>) {
        if !is_order(request.name) {
            // https://provider.example/status/<account>
            let account = request.url.rsplit('/').next().unwrap_or("");
            // The newest of the account: its other numbers have orders of their own.
            let mut orders = self.orders.iter().rev();
            let order = orders.find(|order| order.key.contains(account));
            let status = match order {
                Some(order) if now < order.finished_at => "CREATING",
                Some(order) if order.fails => "FAILED",
                Some(_) => "ONLINE",
                None => return (http_response(404, None, String::new()), None),
            };
            let body = format!(r#"{{"status":"{status}"}}"#);
            return (http_response(200, None, body), None);
        }
        let key = order_key(request);
        let accepted = http_response(201, None, r#"{"status":"CREATING"}"#.into());
        if let Some(known) = self.orders.iter().position(|order| order.key == key) {
            let mut order = self.orders.remove(known);
            order.signup = signup.clone();
            let is_finished = order.finished_at <= now;
            if !(is_finished && order.fails) {
                self.orders.push(order);
                return (accepted, is_finished.then(|| Duration::from_secs(1)));
            }
        }
        self.orders.push(Order {
            key,
            signup: signup.clone(),
            is_infobip: request.name == "share_waba",
            finished_at: now + fate.takes,
            fails: fate.fails,
        });
        (accepted, Some(fate.takes))
    }
}

/// Whether a request of this name is an order.
pub fn is_order(name: &str) -> bool {
    matches!(name, "share_waba" | "handoff")
}

/// What the provider knows an order by.
pub fn order_key(request: &ProviderRequest) -> String {
    let body = request.body.as_ref().map_or("", |(_, text)| text.as_str());
    format!("{} {body}", request.url)
}
