//! The partner: the directory of Meta apps. Never on the page-view path; KV holds copies.

use embark_protocol::AppKey;
use embark_protocol::config::App;
use serde::{Deserialize, Serialize};

/// The stored record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Partner {
    pub apps: Vec<App>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    PutApp { app: App },
    GetApp { key: AppKey },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    App { app: Option<App> },
    Invalid { detail: String },
}

impl Partner {
    pub fn answer(&mut self, ask: Ask) -> Answer {
        match ask {
            Ask::GetApp { key } => Answer::App {
                app: self.apps.iter().find(|app| app.key == key).cloned(),
            },
            Ask::PutApp { app } => {
                if !is_graph_version(&app.graph_version) {
                    return Answer::Invalid {
                        detail: "graph_version: like v25.0".to_owned(),
                    };
                }
                self.apps.retain(|other| other.key != app.key);
                self.apps.push(app.clone());
                Answer::App { app: Some(app) }
            }
        }
    }
}

fn is_graph_version(text: &str) -> bool {
    let digits =
        |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graph_versions_have_two_numbers() {
        for ok in ["v25.0", "v9.0", "v100.12"] {
            assert!(is_graph_version(ok), "{ok}");
        }
        for bad in ["", "25.0", "v25", "v25.0/me", "v.0", "v25.0.1", "v25.x"] {
            assert!(!is_graph_version(bad), "{bad}");
        }
    }
}
