//! What an operator does at Infobip. Its responses are passed on as they are
//! (<https://www.infobip.com/docs/api/channels/whatsapp>).

use super::apps::COPY_FOLLOWS;
use crate::content::Content;
use crate::description::{Access, Description, get, post};
use embark_protocol::ProblemCode::{
    AppMisconfigured, BadId, BadJson, Conflict, ProviderRefused, ProviderUnavailable, UnknownSite,
};
use embark_protocol::admin::LinkResponse;
use embark_protocol::infobip::{InfobipMessageRequest, InfobipSenderRequest};

pub fn create_webhook() -> Description {
    let link = || Some(Content::of::<LinkResponse>());
    post("/v1/admin/sites/{site}/infobip/webhook", Access::Operator)
        .about("Creates a webhook address for Infobip. The previous one ceases to work.")
        .answers(200, "The address.", link())
        .answers(202, COPY_FOLLOWS, link())
        .refuses(&[UnknownSite])
}

pub fn add_sender() -> Description {
    passed_on(post(
        "/v1/admin/sites/{site}/infobip/senders",
        Access::Operator,
    ))
    .about("Adds a number to an account that is shared with Infobip.")
    .takes::<InfobipSenderRequest>()
    .refuses(&[BadJson])
}

pub fn send_message() -> Description {
    passed_on(post(
        "/v1/admin/sites/{site}/infobip/messages",
        Access::Operator,
    ))
    .about("Sends a test message.")
    .takes::<InfobipMessageRequest>()
    .refuses(&[BadJson])
}

pub fn get_message() -> Description {
    passed_on(get(
        "/v1/admin/sites/{site}/infobip/messages/{message}",
        Access::Operator,
    ))
    .about("The delivery report of a message. Infobip returns each report once.")
    .refuses(&[BadId])
}

fn passed_on(description: Description) -> Description {
    description
        .answers(200, "What Infobip answered.", Some(Content::any()))
        .refuses(&[
            UnknownSite,
            Conflict,
            AppMisconfigured,
            ProviderRefused,
            ProviderUnavailable,
        ])
}
