//! `events`: the events of a site.

use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::table::table;
use crate::worker::{Worker, id};
use anyhow::Result;
use clap::Args;
use embark_protocol::id::SiteId;
use serde_json::Value;

#[derive(Args)]
pub struct ListEvents {
    /// The site, by its key
    #[arg(value_parser = id(SiteId::parse))]
    site: SiteId,
    /// Only those whose delivery was given up
    #[arg(long)]
    dead: bool,
    /// Instead of the last ones, those behind this sequence, the oldest first; `0` begins with the first
    #[arg(long, value_name = "SEQUENCE")]
    after: Option<u64>,
    /// How many, at most 500
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

/// Lists events.
///
/// # Errors
/// When the Worker refuses.
pub fn list(args: &ListEvents, worker: &Worker<'_>) -> Result<Answer> {
    let page = worker.get(args.path())?;
    let events = page["events"].as_array().map_or(&[][..], Vec::as_slice);
    let rows: Vec<_> = events.iter().map(row).collect();
    let text = table(
        ["sequence", "time", "type", "signup", "delivery", "error"],
        &rows,
    );
    Ok(Answer::new(page, text))
}

impl ListEvents {
    fn path(&self) -> AdminPath {
        let events = AdminPath::new("sites").join(&self.site).join("events");
        let events = match self.after {
            Some(after) => events.with("after", after),
            None => events.with("order", "newest"),
        };
        events
            .with("limit", self.limit)
            .with_some("delivery", self.dead.then_some("dead"))
    }
}

fn row(event: &Value) -> [String; 6] {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (data, delivery) = (&event["data"], &event["delivery"]);
    let sequence = data["sequence"].as_u64();
    [
        sequence
            .map(|number| number.to_string())
            .unwrap_or_default(),
        text(&event["timestamp"]),
        text(&event["type"]),
        text(&data["signup"]),
        text(&delivery["state"]),
        text(&delivery["error"]),
    ]
}

pub const EXAMPLES: &str = "Examples:
  embark events acme
  embark events acme --dead
  embark events acme --after 0 --limit 500 --json";

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    #[test]
    fn query_lists_the_newest_unless_a_sequence_is_named() -> Result<()> {
        let list = |after, dead| -> Result<String> {
            let site = SiteId::parse("acme").map_err(anyhow::Error::msg)?;
            let list = ListEvents {
                site,
                dead,
                after,
                limit: 5,
            };
            let url = list.path().at(&Url::parse("https://o.example")?)?;
            Ok(url.query().unwrap_or_default().to_owned())
        };
        assert_eq!(list(None, false)?, "order=newest&limit=5");
        assert_eq!(list(Some(0), true)?, "after=0&limit=5&delivery=dead");
        Ok(())
    }
}
