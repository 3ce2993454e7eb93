//! How bad it is, and how one call or message fares in it. After the calm nothing fails any more.

use crate::dice::Dice;
use crate::meta::{error, reply};
use embark_edge::graph::{Heard, Unheard};
use embark_edge::run::Ms;

/// Chances in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// A Graph call meets a fault.
    pub calls: u64,
    /// A message to another object, or its answer, is lost.
    pub asks: u64,
    /// The process dies, at each operation.
    pub crashes: u64,
    /// An alarm never fires.
    pub alarms: u64,
    /// A browser's request, or its answer, is lost.
    pub posts: u64,
    /// A browser's request arrives once more, later.
    pub twice: u64,
    /// A second incarnation comes up beside the first, at each request.
    pub twins: u64,
}

impl Weather {
    pub fn draw(dice: &Dice) -> Self {
        let worst = dice.pick(&[0, 0, 30, 60, 120, 250, 450]);
        let some = |share: u64| dice.below(worst * share / 100 + 1);
        Self {
            calls: some(100),
            asks: some(80),
            crashes: some(20),
            alarms: some(100).min(300),
            posts: some(60),
            twice: some(60),
            twins: some(12),
        }
    }
}

/// What becomes of one call.
pub struct Fate {
    /// After how long Meta does it; `None`: never.
    pub lands: Option<Ms>,
    /// What is heard instead of Meta's answer.
    pub heard: Option<Heard>,
    /// After how long something is heard.
    pub after: Ms,
}

/// A call in good weather: mostly quick, now and then slow.
pub fn fair(dice: &Dice) -> Fate {
    let there = match dice.below(100) {
        0 => dice.range(1_000, 9_000),
        _ => dice.range(5, 180),
    };
    Fate {
        lands: Some(there),
        heard: None,
        after: there + dice.range(5, 180),
    }
}

/// A call while Meta is down: refused, by Meta or by a gateway in front of it.
pub fn down(dice: &Dice) -> Fate {
    let heard = match dice.below(4) {
        0 => reply(502, None, "<html>Bad Gateway</html>".into()),
        1 => error(503, 133_004, None, None),
        2 => error(400, 4, None, None),
        _ => error(503, 2, None, None),
    };
    Fate {
        lands: None,
        heard: Some(heard),
        after: dice.range(5, 300),
    }
}

/// A call that meets a fault.
pub fn foul(name: &str, dice: &Dice) -> Fate {
    let fair = fair(dice);
    let after = fair.after;
    let lands = fair.lands;
    let heard = |lands, heard| Fate {
        lands,
        heard: Some(heard),
        after,
    };
    match dice.below(if name == "exchange" { 16 } else { 17 }) {
        // Never arrived; nothing is heard until the deadline, or the connection breaks.
        0 | 1 => Fate {
            lands: None,
            heard: Some(Err(Unheard::Timeout)),
            after: Ms::MAX,
        },
        2 => heard(None, Err(Unheard::Broken)),
        // Done, and its answer is lost.
        3 => Fate {
            after: Ms::MAX,
            heard: Some(Err(Unheard::Timeout)),
            lands,
        },
        4 => heard(lands, Err(Unheard::Broken)),
        5 => heard(lands, reply(200, None, r#"{"acce"#.into())),
        6 => heard(lands, reply(502, None, "<html>Bad Gateway</html>".into())),
        // Very slow: done long after the asker gave up.
        7 => {
            let there = dice.range(9_000, 40_000);
            Fate {
                lands: Some(there),
                heard: None,
                after: there + 50,
            }
        }
        // Refused, and not done.
        8 => heard(None, reply(503, Some(2), "<html>Unavailable</html>".into())),
        9 => heard(None, error(503, 2, None, None)),
        10 => heard(None, error(500, 131_000, None, None)),
        11 => heard(None, error(400, dice.pick(&[4, 80_007, 17]), None, None)),
        12 => heard(
            None,
            reply(429, Some(dice.pick(&[1, 5, 120])), String::new()),
        ),
        13 => heard(None, error(200, 2, None, None)),
        14 => heard(None, error(503, 133_004, None, None)),
        15 => heard(lands, Err(Unheard::TooLarge)),
        _ => heard(None, error(400, 1, None, None)),
    }
}
