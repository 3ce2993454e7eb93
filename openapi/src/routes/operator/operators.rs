//! Operators, what they did, and the sealing keys of the deployment.

use crate::content::Content;
use crate::description::{Access, Description, delete, get, post};
use crate::parameters::{limit, number, query};
use embark_protocol::ProblemCode::{BadJson, BadRequest, Conflict, NotFound};
use embark_protocol::keys::SealingKeys;
use embark_protocol::operators::{AuditPage, OperatorDetails, OperatorIdentity, OperatorRequest};

pub fn identity() -> Description {
    get("/v1/admin", Access::Operator)
        .about("Whose token the request has.")
        .gives::<OperatorIdentity>("The operator.")
}

pub fn list() -> Description {
    get("/v1/admin/operators", Access::Operator)
        .about("The operators, in the order in which they were added.")
        .notes("Besides them, whoever has the deployment's `EMBARK_OPERATOR_TOKEN` is an owner.")
        .answers(
            200,
            "The operators.",
            Some(Content::list_of::<OperatorDetails>()),
        )
}

pub fn add() -> Description {
    post("/v1/admin/operators", Access::Operator)
        .about("Adds an operator. Only for owners.")
        .takes::<OperatorRequest>()
        .gives::<OperatorDetails>("The operator with the token, which is shown here only.")
        .refuses(&[BadJson, BadRequest, Conflict])
}

pub fn remove() -> Description {
    delete("/v1/admin/operators/{operator}", Access::Operator)
        .about(
            "Removes an operator, whose token and sessions cease to work at once. Only for owners.",
        )
        .answers(204, "The operator is removed.", None)
        .refuses(&[NotFound])
}

pub fn audit() -> Description {
    let about = "`next` of the page before.";
    get("/v1/admin/audit", Access::Operator)
        .about("What operators did, the newest first.")
        .notes(
            "An entry is stored before anything is done; its `result` follows. Kept for 400 days.",
        )
        .with([query("after", about, number()), limit()])
        .gives::<AuditPage>("The entries.")
        .refuses(&[BadRequest])
}

pub fn keys() -> Description {
    get("/v1/admin/keys", Access::Operator)
        .about("The sealing keys, and how far their rotation is.")
        .gives::<SealingKeys>("The numbers of the keys, and the last rotation.")
}

pub fn rotate_keys() -> Description {
    post("/v1/admin/keys/rotation", Access::Operator)
        .about("Seals everything with the newest key, so that older ones can be removed. Only for owners.")
        .notes("It goes on by itself, for minutes; `GET /v1/admin/keys` says how far it is. One that is under way goes on.")
        .answers(202, "How far it is.", Some(Content::of::<SealingKeys>()))
}
