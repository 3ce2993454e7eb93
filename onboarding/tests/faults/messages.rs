//! The sentences that the customer reads: those of the English locale, by the keys that the widget uses
//! (`widget/src/view`).

use embark_protocol::{ProblemCode, SignupStatus, Snapshot};
use serde_json::Value;

/// The English locale file.
pub struct Messages(Value);

impl Messages {
    /// Reads the locale file.
    pub fn load() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/locales/en.json");
        let text = std::fs::read_to_string(path).expect("the English locale");
        Self(serde_json::from_str(&text).expect("a flat JSON object"))
    }

    /// The sentence of a snapshot. `None`: it shows progress only.
    ///
    /// # Errors
    /// The locale lacks a message, or the snapshot does not say what it needs to.
    pub fn sentence(&self, snapshot: &Snapshot) -> Result<Option<String>, String> {
        let problem = snapshot.problem.as_ref();
        match snapshot.status {
            SignupStatus::Waiting => {
                let problem = problem.ok_or("a wait without a problem")?;
                self.problem(problem.code).map(Some)
            }
            SignupStatus::NeedsInput => {
                let need = snapshot.input.as_ref().ok_or("needs_input without input")?;
                let kind = serde_json::to_value(need.kind).unwrap();
                let text = self.message(&format!("input.{}.text", kind.as_str().unwrap()))?;
                Ok(Some(match need.error {
                    Some(code) => format!("{text} {}", self.problem(code)?),
                    None => text,
                }))
            }
            SignupStatus::Relaunch | SignupStatus::Failed => {
                let problem = problem.ok_or("an end without a problem")?;
                let code = problem.code.as_str();
                let remedy = problem.remedy.as_str();
                let next = self
                    .message(&format!("next.{code}"))
                    .or_else(|_| self.message(&format!("remedy.{remedy}")))?;
                Ok(Some(format!("{} {next}", self.problem(problem.code)?)))
            }
            _ => Ok(None),
        }
    }

    fn problem(&self, code: ProblemCode) -> Result<String, String> {
        self.message(&format!("problem.{}", code.as_str()))
    }

    fn message(&self, key: &str) -> Result<String, String> {
        match self.0[key].as_str() {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(format!("the locale has no {key}")),
        }
    }
}
