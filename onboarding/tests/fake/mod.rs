//! What surrounds one signup in the tests: Meta with a memory, another messaging provider, the other Durable
//! Objects, a clock that is moved by hand, and a fault at any one operation.

// Every test crate uses its own part of this.
#![allow(dead_code, unused_imports)]

mod credit_line;
mod fault;
mod host;
mod json;
mod key_rotation;
mod meta;
mod overrides;
mod provider;
mod response;
mod sites;
mod world;

use embark_protocol::requests::{CodeSource, OutcomeRequest, SessionInfoIds};
use embark_protocol::{PhoneNumberId, WabaId};

pub use credit_line::OUR_CREDENTIAL;
pub use fault::{FailedOperation, FaultPoint, PlannedFault};
pub use key_rotation::assert_resealable;
pub use meta::{FakeMeta, ScriptedReply, phone_number};
pub use overrides::VERIFY_TOKEN;
pub use provider::FakeProvider;
pub use response::{graph_error, http_response, success};
pub use sites::{infobip_site, solution_partner_site};
pub use world::World;

/// The Meta app.
pub const APP: &str = "1000000000000001";
/// The account that the token reaches.
pub const WABA: &str = "5000000000000001";
/// The account's number.
pub const PHONE: &str = "6000000000000001";
/// The origin of the page with the tag.
pub const PAGE_ORIGIN: &str = "https://shop.example";
/// The origin of the Worker.
pub const WORKER_ORIGIN: &str = "https://signup.partner.example";
/// The redirect URI of the Worker.
pub const CALLBACK: &str = "https://signup.partner.example/go/callback";

/// The ids that Meta's session-info event reports.
pub fn session_ids() -> SessionInfoIds {
    SessionInfoIds {
        waba_id: WabaId::parse(WABA).ok(),
        phone_number_id: PhoneNumberId::parse(PHONE).ok(),
        business_id: None,
    }
}

/// What a page posts once the SDK returned a code. `launch`: the page's count of its popups.
pub fn outcome_post(
    code: &str,
    ids: Option<SessionInfoIds>,
    launch: Option<u32>,
) -> OutcomeRequest {
    OutcomeRequest {
        code: code.into(),
        code_source: CodeSource::Sdk,
        redirect_uri: None,
        event: None,
        ids,
        granted: Default::default(),
        attempt: launch,
    }
}
