//! Backups of the deployment.

use crate::description::{Access, Description, get, post};
use crate::parameters::{pattern, query, required_query, text};
use embark_protocol::ProblemCode::{BadJson, BadRequest, BodyTooLarge, Conflict};
use embark_protocol::backup::{
    ActivateRequest, ActivateResult, BackupHeader, BackupPage, RestoreRequest, RestoreResult,
};

pub fn begin() -> Description {
    post("/v1/admin/backup", Access::Operator)
        .about("Begins a backup: what its file begins with. Only for owners.")
        .notes("Nothing is stored but an entry of the audit log. `embark backup export` writes the file.")
        .gives::<BackupHeader>("The first line of the file.")
}

pub fn read() -> Description {
    get("/v1/admin/backup", Access::Operator)
        .about("The next parts of a backup. Only for owners.")
        .notes("Everything that the deployment stores, object by object; secrets are sealed with its keys. A page has about 2 MB: a large object spans several.")
        .with([
            required_query("backup", "The `id` of the backup.", pattern("^[0-9a-f]{32}$")),
            query("after", "`next` of the page before.", text()),
        ])
        .gives::<BackupPage>("The parts.")
        .refuses(&[BadRequest])
}

pub fn restore() -> Description {
    post("/v1/admin/backup/restore", Access::Operator)
        .about("Stores the next parts of a backup, in a deployment that has nothing set up. Only for owners.")
        .notes("The deployment needs the sealing keys of the one that was backed up. Without parts: checks whether it takes the backup. With the first part it has taken it on, and takes no other. A part that was damaged or altered is refused. Repeated, it changes nothing.")
        .takes::<RestoreRequest>()
        .gives::<RestoreResult>("How many parts are stored.")
        .refuses(&[BadJson, BadRequest, BodyTooLarge, Conflict])
}

pub fn activate() -> Description {
    post("/v1/admin/backup/activate", Access::Operator)
        .about("Has objects of a restored backup work. Only for owners.")
        .notes("Once all parts are stored: copies in KV are written, and alarms set. Repeated, it does no harm.")
        .takes::<ActivateRequest>()
        .gives::<ActivateResult>("How many objects work now.")
        .refuses(&[BadJson, BadRequest, Conflict])
}
