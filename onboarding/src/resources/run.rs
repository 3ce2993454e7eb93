//! The requests that the Run object answers. A Run object holds one signup: its record, and the workflow that
//! runs it.

use crate::auth::grant::Grant;
use crate::providers::infobip::RegistrationWebhook;
use crate::resources::deadlines;
use crate::resources::rpc::ObjectRequest;
use crate::resources::users::Withdrawal;
use crate::resources::waba::AccountUpdate;
use core::time::Duration;
use embark_protocol::requests::{
    AssetsRequest, EndedRequest, InputRequest, LaunchedRequest, OutcomeRequest,
};
use embark_protocol::{AppKey, BusinessId, Problem, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A request to the Run object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunRequest {
    /// Applies a post of a page, and replies with the snapshot. The first post of a signup creates its record.
    Post {
        /// The verified grant of the page.
        grant: Box<Grant>,
        /// What the page posted.
        post: Box<PagePost>,
    },
    /// Replies with the snapshot, once its `seq` exceeds `after` (long poll, 20 s at most).
    Get {
        /// The verified grant of the page.
        grant: Box<Grant>,
        /// The `seq` that the page has.
        after: u32,
    },
    /// Runs the workflow if anything is due, and replies with the snapshot.
    #[serde(rename = "poke")]
    Wake,
    /// Takes a registration webhook of Infobip in, if the signup belongs to the site, and replies with the
    /// snapshot.
    #[serde(rename = "news")]
    InfobipWebhook {
        /// The site whose webhook address was called.
        site: SiteId,
        /// The webhook.
        #[serde(rename = "news")]
        webhook: RegistrationWebhook,
    },
    /// Starts a signup that has no page, unless it was started, and replies with the snapshot.
    StartHosted(HostedSignup),
    /// Takes in what happened to the account, and replies with the snapshot.
    AccountUpdate {
        /// The account.
        waba: WabaId,
        /// What happened.
        update: AccountUpdate,
    },
    /// Replies with the link by which the customer goes on, if the signup belongs to the site.
    Link {
        /// The site whose back end asks.
        site: SiteId,
    },
    /// An operator cancels the signup, if it belongs to the site. Replies with the snapshot: once it has ended, or after a few
    /// seconds.
    Cancel {
        /// The site.
        site: SiteId,
    },
    /// An operator has the signup tried again, if it belongs to the site. Replies with a
    /// [`SignupRetry`](embark_protocol::backend::SignupRetry): once it is known what came of it, or after a few seconds.
    Retry {
        /// The site.
        site: SiteId,
    },
    /// Replies with the calls that it made, if the signup belongs to the site.
    Calls {
        /// The site.
        site: SiteId,
    },
    /// Replies with the operator's readiness report.
    Report {
        /// Reads it from Meta again first.
        #[serde(rename = "again")]
        refresh: bool,
    },
    /// The site's settings of messages may have changed: applies them anew, and replies with the snapshot.
    ApplyMessages,
    /// A person wants their data deleted: erases what is sealed in the record if they granted it, and replies with the
    /// snapshot.
    Erase(Withdrawal),
    /// Seals with the newest key what is sealed with older ones, and replies with
    /// [`RunResealed`](crate::resources::key_rotation::RunResealed). An object that does not have this key yet fails.
    Reseal {
        /// The number of the newest key.
        key: u32,
    },
}

/// A signup of a customer who came by Meta's hosted page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedSignup {
    /// The site.
    pub site: SiteId,
    /// The app.
    pub app: AppKey,
    /// The account.
    pub waba: WabaId,
    /// The customer's business portfolio.
    pub business: BusinessId,
}

/// What a page posted to `/v1/signups/{id}/{name}`, where the name is the variant's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant is documented at its content")]
pub enum PagePost {
    Launched(LaunchedRequest),
    Outcome(OutcomeRequest),
    Assets(AssetsRequest),
    Ended(EndedRequest),
    Input(InputRequest),
    /// Reads the readiness report again.
    Report,
}

/// The reply of the Run object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunReply {
    /// The JSON of a snapshot, of a readiness report, of a link, of calls or of what came of a retry. The Worker passes it on as it is.
    Document(Box<RawValue>),
    /// Why there is none.
    Refused(Box<Problem>),
}

impl ObjectRequest for RunRequest {
    type Reply = RunReply;
    type Name = SignupId;
    const BINDING: &'static str = "RUN";
    const DEADLINE: Duration = deadlines::RUN;
}
