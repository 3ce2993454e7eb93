//! `keys`: the sealing keys of a deployment, and their rotation.

use crate::answer::Answer;
use crate::progress::Progress;
use crate::visible::visible;
use crate::worker::Worker;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use embark_protocol::keys::{RotationState, RotationStatus, SealingKeys};
use serde::Deserialize;
use serde_json::json;
use std::thread;
use std::time::Duration;

pub const EXAMPLES: &str = "Examples:
  embark keys
  embark keys rotate
  embark keys rotate --no-wait

To replace a key: store another one under the next number (wrangler secret put EMBARK_KEY_2), wait a minute, run
`embark keys rotate`, and delete the old one once `embark keys` says that it can be removed.";

pub const ROTATE_EXAMPLES: &str = "Examples:
  embark keys rotate
  embark keys rotate --no-wait";

#[derive(Subcommand)]
pub enum KeysTask {
    /// Seals everything with the newest key, so that older ones can be removed. Takes six minutes or more
    #[command(after_help = ROTATE_EXAMPLES)]
    Rotate(Rotate),
}

#[derive(Args)]
pub struct Rotate {
    /// Ends at once; the rotation goes on by itself
    #[arg(long)]
    no_wait: bool,
}

/// Prints the keys and the last rotation, or rotates.
///
/// # Errors
/// When the Worker refuses, or a rotation ends with something left.
pub fn run(task: Option<&KeysTask>, worker: &Worker<'_>) -> Result<Answer> {
    match task {
        None => {
            let document = worker.get("keys")?;
            let keys = SealingKeys::deserialize(&document)?;
            Ok(Answer::new(document, describe(&keys)))
        }
        Some(KeysTask::Rotate(rotate)) => {
            let begun = worker.post("keys/rotation", &json!({}))?;
            let keys = SealingKeys::deserialize(&begun)?;
            if rotate.no_wait {
                return Ok(Answer::new(begun, describe(&keys)));
            }
            wait(worker)
        }
    }
}

/// Waits for the end of the rotation, and shows how far it is.
fn wait(worker: &Worker<'_>) -> Result<Answer> {
    let progress = Progress::of("sites")?;
    let mut failures = 0;
    loop {
        let document = match worker.get("keys") {
            Ok(document) => document,
            // The rotation goes on, whether it is looked at or not.
            Err(_) if failures < MOST_FAILURES => {
                failures += 1;
                thread::sleep(LOOK_AGAIN_AFTER);
                continue;
            }
            Err(error) => return Err(error),
        };
        failures = 0;
        let keys = SealingKeys::deserialize(&document)?;
        let Some(rotation) = &keys.rotation else {
            bail!("the rotation is gone: another deployment may have been restored");
        };
        match rotation.state {
            RotationState::Running | RotationState::Waiting => {
                let (done, all) = (rotation.sites_done, rotation.sites);
                progress.set(u64::from(done), u64::from(all), describe_state(rotation));
                thread::sleep(LOOK_AGAIN_AFTER);
            }
            RotationState::Done => return Ok(Answer::new(document, describe(&keys))),
            RotationState::Incomplete => {
                bail!("{}", describe_rotation(rotation));
            }
        }
    }
}

fn describe(keys: &SealingKeys) -> String {
    let mut lines: Vec<String> = keys
        .keys
        .iter()
        .map(|key| {
            let about = match (key.newest, key.removable) {
                (true, _) => "seals",
                (false, true) => "can be removed: nothing is sealed with it any more",
                (false, false) => "opens what it has sealed",
            };
            format!("EMBARK_KEY_{}  {about}", key.number)
        })
        .collect();
    lines.push(match &keys.rotation {
        None => "there was no rotation yet".to_owned(),
        Some(rotation) => describe_rotation(rotation),
    });
    lines.join("\n")
}

fn describe_rotation(rotation: &RotationStatus) -> String {
    let (key, resealed) = (rotation.key, rotation.resealed);
    let mut text = format!("rotation to key {key}: {}", describe_state(rotation));
    text.push_str(&format!("; {resealed} secrets sealed again"));
    for (count, what) in [
        (rotation.outdated_copies, "copies in KV are outdated"),
        (rotation.unreadable, "secrets cannot be opened with any key"),
        (rotation.unreachable, "objects or entries have not replied"),
    ] {
        if count > 0 {
            text.push_str(&format!("\n  {count} {what}"));
        }
    }
    for name in &rotation.names {
        text.push_str(&format!("\n    {}", visible(name)));
    }
    text
}

fn describe_state(rotation: &RotationStatus) -> String {
    match rotation.state {
        RotationState::Running => format!("visit {}", rotation.passes + 1),
        RotationState::Waiting => {
            format!("visit {} is over, another one follows", rotation.passes)
        }
        RotationState::Done => "done".to_owned(),
        RotationState::Incomplete => "given up with something left".to_owned(),
    }
}

/// In succession.
const MOST_FAILURES: u8 = 10;
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(2);
