//! What the customer reads: the sentences of the English locale, by the keys the widget uses
//! (`widget/src/view`: `ends::explain`, `progress::waiting`, `form::complaint`).

use embark_protocol::{Code, Snapshot, Status};
use serde_json::Value;

pub struct Words(Value);

impl Words {
    pub fn load() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/locales/en.json");
        let text = std::fs::read_to_string(path).expect("the English words");
        Self(serde_json::from_str(&text).expect("a flat object"))
    }

    /// The sentence of a snapshot that has something to say. `Err`: a word is missing.
    pub fn of(&self, snapshot: &Snapshot) -> Result<Option<String>, String> {
        let problem = snapshot.problem.as_ref();
        match snapshot.status {
            Status::Waiting => {
                let problem = problem.ok_or("waiting, and nobody says why")?;
                self.problem(problem.code).map(Some)
            }
            Status::NeedsInput => {
                let need = snapshot.input.as_ref().ok_or("asks, and not for what")?;
                let kind = serde_json::to_value(need.kind).unwrap();
                let asked = self.get(&format!("input.{}.text", kind.as_str().unwrap()))?;
                Ok(Some(match need.error {
                    Some(code) => format!("{asked} {}", self.problem(code)?),
                    None => asked,
                }))
            }
            Status::Relaunch | Status::Failed => {
                let problem = problem.ok_or("ended, and nobody says why")?;
                let next = self.get(&format!("next.{}", problem.code.word()));
                let next =
                    next.or_else(|_| self.get(&format!("remedy.{}", problem.remedy.word())))?;
                Ok(Some(format!("{} {next}", self.problem(problem.code)?)))
            }
            _ => Ok(None),
        }
    }

    fn problem(&self, code: Code) -> Result<String, String> {
        self.get(&format!("problem.{}", code.word()))
    }

    fn get(&self, key: &str) -> Result<String, String> {
        let text = self.0[key].as_str().unwrap_or_default();
        if text.is_empty() {
            return Err(format!("no words for {key}"));
        }
        Ok(text.to_owned())
    }
}
