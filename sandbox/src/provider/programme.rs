//! The provider under `/provider/`: answers from a list, in order; the last one that fits repeats.

use crate::call::Call;
use crate::fault::glob;
use crate::reply::Reply;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    pub answers: Vec<Programmed>,
    /// Which of them were given and are over.
    #[serde(skip)]
    over: Vec<bool>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programmed {
    /// Any, where it is not named.
    #[serde(default)]
    pub method: Option<String>,
    /// Glob over the whole path, e.g. `/provider/senders/*`.
    pub path: String,
    #[serde(default = "ok")]
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Text goes out as it is, anything else as JSON, `null` as nothing.
    #[serde(default)]
    pub body: Value,
}

impl Programme {
    pub fn answer(&mut self, call: &Call) -> Reply {
        self.over.resize(self.answers.len(), false);
        let fits: Vec<usize> = (0..self.answers.len())
            .filter(|n| !self.over[*n] && self.answers[*n].fits(call))
            .collect();
        let Some(first) = fits.first() else {
            return Reply::json(404, &json!({"error": "nothing is programmed for this"}));
        };
        self.over[*first] = fits.len() > 1;
        let programmed = &self.answers[*first];
        let reply = match &programmed.body {
            Value::Null => Reply::new(programmed.status, "application/json", ""),
            Value::String(text) => {
                Reply::new(programmed.status, "text/plain; charset=utf-8", text.clone())
            }
            json => Reply::json(programmed.status, json),
        };
        let with =
            |reply: Reply, (name, value): (&String, &String)| reply.header(name.clone(), value);
        let reply = programmed.headers.iter().fold(reply, with);
        let effect = call.method != "GET" && (200..300).contains(&programmed.status);
        reply.effect(effect)
    }
}

impl Programmed {
    fn fits(&self, call: &Call) -> bool {
        let method = self.method.as_deref();
        method.is_none_or(|method| method.eq_ignore_ascii_case(&call.method))
            && glob(&self.path, &call.path)
    }
}

fn ok() -> u16 {
    200
}
