//! Another provider: takes orders, and does what it is told to do with them.

use super::Meta;
use embark_edge::graph::{Heard, Reply, Unheard};
use embark_edge::outbound::Request;

#[derive(Default)]
pub struct Provider {
    /// Answers for the next calls; after them, each order is accepted.
    pub script: Vec<Heard>,
    /// What the status address says, one by one; the last one again and again.
    pub words: Vec<&'static str>,
    /// The number is connected by the order, as Infobip does.
    pub connects: bool,
    pub seen: Vec<Request>,
}

pub fn said(status: u16, body: &str) -> Heard {
    Ok(Reply {
        status,
        retry_after: None,
        body: body.as_bytes().to_vec(),
    })
}

impl Provider {
    pub fn answer(&mut self, request: &Request, meta: &mut Meta) -> Heard {
        meta.calls.push(request.name);
        self.seen.push(request.clone());
        let order = matches!(request.name, "share_waba" | "handoff");
        let scripted = (!self.script.is_empty()).then(|| self.script.remove(0));
        let landed = matches!(&scripted, None | Some(Err(Unheard::Broken)));
        if order && landed && self.connects {
            meta.phones[0]["platform_type"] = "CLOUD_API".into();
            meta.phones[0]["status"] = "CONNECTED".into();
        }
        if let Some(scripted) = scripted {
            return scripted;
        }
        if order {
            return said(201, r#"{"sid":"XE1","status":"CREATING"}"#);
        }
        let word = match self.words.as_slice() {
            [only] => only,
            [_, ..] => self.words.remove(0),
            [] => "ONLINE",
        };
        said(200, &format!(r#"{{"sid":"XE1","status":"{word}"}}"#))
    }
}
