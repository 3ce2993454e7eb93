//! The API of a site for its partner's back end, below `/v1/backend`, and the operator's routes that set it up. Every
//! request has `Authorization: Bearer <token>`; the token names its site.

mod accounts;
mod all_signups;
mod events;
mod sessions;
mod signups;
mod tokens;

pub use accounts::{
    AccountPage, AccountRenewalRequest, BusinessTokenDocument, ConnectedAccount, ConnectedNumber,
};
pub use all_signups::{AllSignupsPage, SignupOfSite};
pub use events::{
    DeliveryState, DisabledReason, EndpointDetails, EndpointRequest, EndpointStatus, EventDelivery,
    EventPage, ListedEvent, ReplayRequest, ReplayResponse,
};
pub use sessions::{SessionOptions, SessionRequest, SessionResponse, SignupLink};
pub use signups::{
    SignupCancellation, SignupDetails, SignupFilter, SignupPage, SignupRetry, SignupSummary,
};
pub use tokens::{
    AuditEntry, BackendIdentity, BackendScope, BackendTokenDetails, BackendTokenRequest,
};
