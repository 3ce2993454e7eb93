//! A funnel of signups: how many came to each stage, and where those that went no further stand or have stopped.

use embark_protocol::signup_counts::SignupCount;
use embark_protocol::{ProblemCode, SignupStatus, Step};
use std::collections::BTreeMap;

/// How many signups came to each of the stages, where the others stopped, and how long it took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Funnel {
    /// Meta's window was opened.
    pub launched: u32,
    /// Connected.
    pub connected: u32,
    /// From the launch to the connection, in the order of the workflow.
    pub stages: Vec<StageCount>,
    /// Of those without a code, that have ended: by Meta's screen or error where the person left. The most frequent first.
    pub left_at: Vec<(String, u32)>,
    /// Of those with a code, that failed or have to be launched again: by the problem. The most frequent first.
    pub failed_with: Vec<(String, u32)>,
    /// Those that go on by themselves, or wait for their customer.
    pub open: u32,
    /// Half of those that connected did so within so many seconds. `None`: none did.
    pub median_s: Option<u32>,
    /// And 95 of 100.
    pub p95_s: Option<u32>,
}

/// A stage of the funnel. In the order in which signups come to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FunnelStage {
    /// Meta's window was opened.
    Launched,
    /// Meta's flow was completed, and its code is exchanged for a token. Signups whose step is not known stand here.
    Code,
    /// A step of the workflow.
    Step(usize),
    /// Connected.
    Connected,
}

/// How many signups came to a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageCount {
    /// The stage.
    pub stage: FunnelStage,
    /// How many came to it. A signup whose policy lacks the step, or that did not need it, counts as soon as it has come further.
    pub reached: u32,
    /// Of these, how many stand at it: they go on by themselves, or wait for their customer.
    pub open: u32,
    /// And how many have stopped at it: they left, failed, or have to be launched again.
    pub stopped: u32,
}

impl StageCount {
    /// How many went on from it.
    pub const fn passed(&self) -> u32 {
        self.reached.saturating_sub(self.open + self.stopped)
    }
}

impl FunnelStage {
    /// The step. `None`: it is none of the steps behind the code.
    pub fn step(self) -> Option<Step> {
        match self {
            Self::Step(position) => ORDER.get(position).copied(),
            Self::Launched | Self::Code | Self::Connected => None,
        }
    }

    fn of(step: Step) -> Self {
        let position = ORDER.iter().position(|ordered| *ordered == step);
        position.map_or(Self::Code, Self::Step)
    }

    fn of_count(count: &SignupCount) -> Self {
        match count.status {
            SignupStatus::Launched | SignupStatus::Abandoned => Self::Launched,
            SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber => Self::Connected,
            SignupStatus::Running
            | SignupStatus::Waiting
            | SignupStatus::NeedsInput
            | SignupStatus::Relaunch
            | SignupStatus::Failed => match count.step {
                Some(step) => Self::of(step),
                None if is_cancelled(count) => Self::Launched,
                None => Self::Code,
            },
        }
    }
}

impl Funnel {
    /// The funnel of these signups. `steps`: those that the policies of their sites have; others are stages only if a signup
    /// stands at them or has stopped.
    pub fn of<'a>(
        counts: impl IntoIterator<Item = &'a SignupCount>,
        steps: impl IntoIterator<Item = Step>,
    ) -> Self {
        let mut funnel = Self::default();
        let mut at = BTreeMap::<FunnelStage, (u32, u32)>::new();
        let planned = steps.into_iter().map(FunnelStage::of);
        let always = [
            FunnelStage::Launched,
            FunnelStage::Code,
            FunnelStage::Connected,
        ];
        at.extend(planned.chain(always).map(|stage| (stage, (0, 0))));
        let mut left_at = BTreeMap::<String, u32>::new();
        let mut failed_with = BTreeMap::<String, u32>::new();
        let mut times = BTreeMap::<u32, u32>::new();
        for count in counts {
            let reason = || count.reason.clone().unwrap_or_default();
            let (open, stopped) = at.entry(FunnelStage::of_count(count)).or_default();
            funnel.launched += count.count;
            match count.status {
                SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber => {
                    funnel.connected += count.count;
                    if let Some(seconds) = count.connected_within_s {
                        *times.entry(seconds).or_default() += count.count;
                    }
                }
                SignupStatus::Abandoned => {
                    *stopped += count.count;
                    *left_at.entry(reason()).or_default() += count.count;
                }
                SignupStatus::Failed | SignupStatus::Relaunch => {
                    *stopped += count.count;
                    *failed_with.entry(reason()).or_default() += count.count;
                }
                SignupStatus::Launched
                | SignupStatus::Running
                | SignupStatus::Waiting
                | SignupStatus::NeedsInput => {
                    *open += count.count;
                    funnel.open += count.count;
                }
            }
        }
        let mut reached = funnel.launched;
        for (stage, (open, stopped)) in at {
            let count = StageCount {
                stage,
                reached,
                open,
                stopped,
            };
            reached = count.passed();
            funnel.stages.push(count);
        }
        funnel.left_at = most_frequent_first(left_at);
        funnel.failed_with = most_frequent_first(failed_with);
        funnel.median_s = percentile(&times, 50);
        funnel.p95_s = percentile(&times, 95);
        funnel
    }
}

/// Whether an operator ended them before Meta's flow was completed, or may have: the step is not known.
fn is_cancelled(count: &SignupCount) -> bool {
    count.reason.as_deref() == Some(ProblemCode::SignupCancelled.as_str())
}

/// The least of the durations within which at least so many of 100 connected. `None`: none did.
fn percentile(times: &BTreeMap<u32, u32>, percent: u64) -> Option<u32> {
    let total: u64 = times.values().map(|count| u64::from(*count)).sum();
    let mut sum = 0;
    times.iter().find_map(|(seconds, count)| {
        sum += u64::from(*count);
        (sum * 100 >= total * percent).then_some(*seconds)
    })
}

fn most_frequent_first(counts: BTreeMap<String, u32>) -> Vec<(String, u32)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
    counts
}

/// The steps behind the code, in an order that the plan of every policy has.
const ORDER: &[Step] = &[
    Step::Inspect,
    Step::Claim,
    Step::Subscribe,
    Step::Credit,
    Step::Register,
    Step::Sync,
    Step::Handoff,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signup::plan::plan;
    use crate::signup::record::Kind;
    use embark_protocol::policy::Policy;

    #[test]
    fn stages_are_in_the_order_of_every_plan() {
        for policy in [
            Policy::TechProvider,
            Policy::SolutionPartner,
            Policy::Infobip,
            Policy::Handoff,
        ] {
            for kind in [Kind::Signup, Kind::Renew] {
                for registers in [true, false] {
                    let plan = plan(policy, kind, registers);
                    let steps = plan.stages.iter().copied().flatten();
                    let stages: Vec<_> = steps.map(|step| FunnelStage::of(*step)).collect();
                    assert!(stages.is_sorted(), "{policy:?} {kind:?}: {stages:?}");
                    assert!(!stages.contains(&FunnelStage::Code), "{policy:?}");
                }
            }
        }
    }

    fn count(status: SignupStatus, reason: &str, step: Option<Step>, count: u32) -> SignupCount {
        SignupCount {
            day: 1,
            status,
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            step,
            connected_within_s: None,
            count,
        }
    }

    fn connected(within: u32, number: u32) -> SignupCount {
        SignupCount {
            connected_within_s: Some(within),
            ..count(SignupStatus::Connected, "", None, number)
        }
    }

    /// Name, reached, open and stopped of each stage.
    fn stages(funnel: &Funnel) -> Vec<(String, u32, u32, u32)> {
        let name = |stage: FunnelStage| match stage.step() {
            Some(step) => step.as_str().to_owned(),
            None => format!("{stage:?}"),
        };
        let of = |count: &StageCount| {
            let name = name(count.stage);
            (name, count.reached, count.open, count.stopped)
        };
        funnel.stages.iter().map(of).collect()
    }

    fn expected(stages: &[(&str, u32, u32, u32)]) -> Vec<(String, u32, u32, u32)> {
        let owned = |(name, reached, open, stopped): &(&str, u32, u32, u32)| {
            ((*name).to_owned(), *reached, *open, *stopped)
        };
        stages.iter().map(owned).collect()
    }

    #[test]
    fn every_signup_is_at_one_stage() {
        use SignupStatus::{Abandoned, Failed, Launched, NeedsInput, Relaunch, Running, Waiting};
        let counts = [
            count(Launched, "", None, 2),
            count(Abandoned, "PHONE_NUMBER_SETUP", None, 5),
            count(Abandoned, "", None, 1),
            count(Relaunch, "code_expired", Some(Step::Exchange), 1),
            count(NeedsInput, "", Some(Step::Inspect), 2),
            count(NeedsInput, "", Some(Step::Register), 3),
            count(Waiting, "", Some(Step::Register), 1),
            count(Failed, "number_refused", Some(Step::Register), 4),
            count(Failed, "owned_elsewhere", Some(Step::Claim), 1),
            count(Running, "", Some(Step::Sync), 1),
            connected(30, 10),
            connected(600, 1),
        ];
        let steps = [
            Step::Inspect,
            Step::Claim,
            Step::Subscribe,
            Step::Register,
            Step::Sync,
        ];
        let funnel = Funnel::of(&counts, steps);
        assert_eq!(
            stages(&funnel),
            expected(&[
                ("Launched", 32, 2, 6),
                ("Code", 24, 0, 1),
                ("inspect", 23, 2, 0),
                ("claim", 21, 0, 1),
                ("subscribe", 20, 0, 0),
                ("register", 20, 4, 4),
                ("sync", 12, 1, 0),
                ("Connected", 11, 0, 0),
            ])
        );
        assert_eq!((funnel.launched, funnel.connected), (32, 11));
        assert_eq!(funnel.open, 9);
        assert_eq!(funnel.left_at[0], ("PHONE_NUMBER_SETUP".to_owned(), 5));
        assert_eq!(funnel.failed_with[0], ("number_refused".to_owned(), 4));
        assert_eq!((funnel.median_s, funnel.p95_s), (Some(30), Some(600)));
    }

    #[test]
    fn step_of_no_policy_is_a_stage_only_if_a_signup_is_at_it() {
        let steps = [Step::Inspect, Step::Handoff];
        let failed = count(
            SignupStatus::Failed,
            "meta_refused",
            Some(Step::Register),
            2,
        );
        let funnel = Funnel::of([&failed, &connected(10, 1)], steps);
        assert_eq!(
            stages(&funnel),
            expected(&[
                ("Launched", 3, 0, 0),
                ("Code", 3, 0, 0),
                ("inspect", 3, 0, 0),
                ("register", 3, 0, 2),
                ("handoff", 1, 0, 0),
                ("Connected", 1, 0, 0),
            ])
        );
        assert_eq!(
            stages(&Funnel::of([], [])),
            expected(&[
                ("Launched", 0, 0, 0),
                ("Code", 0, 0, 0),
                ("Connected", 0, 0, 0)
            ])
        );
    }

    #[test]
    fn signup_whose_step_is_not_known_stands_at_the_code() {
        let old = count(SignupStatus::Failed, "meta_refused", None, 1);
        let cancelled = count(SignupStatus::Failed, "signup_cancelled", None, 1);
        // No step of the workflow's, as a newer version may have it.
        let report = count(SignupStatus::Running, "", Some(Step::Report), 1);
        let funnel = Funnel::of([&old, &cancelled, &report], []);
        assert_eq!(
            stages(&funnel),
            expected(&[
                ("Launched", 3, 0, 1),
                ("Code", 2, 1, 1),
                ("Connected", 0, 0, 0)
            ])
        );
    }
}
