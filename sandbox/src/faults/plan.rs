//! Selects the faults that apply to one request.

use super::fault::{Fault, FaultKind};

/// What goes wrong with one request. Latencies add up; of the other kinds the first match applies.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FaultPlan {
    pub latency_ms: u64,
    /// `None`: nothing but the latency.
    pub active_fault: Option<Fault>,
}

impl FaultPlan {
    /// The plan for one request. Counts the request against the faults that matched and drops those used up.
    pub fn select(faults: &mut Vec<Fault>, method: &str, path: &str) -> Self {
        let mut plan = Self::default();
        faults.retain_mut(|fault| {
            let is_latency = matches!(fault.kind, FaultKind::Latency { .. });
            if !fault.matches(method, path) || (plan.active_fault.is_some() && !is_latency) {
                return true;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                return true;
            }
            match fault.kind {
                FaultKind::Latency { ms } => plan.latency_ms += ms,
                _ => plan.active_fault = Some(fault.clone()),
            }
            fault.times = fault.times.map(|left| left.saturating_sub(1));
            fault.times != Some(0)
        });
        plan
    }

    /// Whether the request itself is executed.
    pub fn executes_request(&self) -> bool {
        self.active_fault.as_ref().is_none_or(|fault| {
            fault
                .effect
                .unwrap_or_else(|| fault.kind.executes_by_default())
        })
    }

    /// The kind of fault that the log shows.
    pub fn log_name(&self) -> Option<&'static str> {
        match &self.active_fault {
            Some(fault) => Some(fault.kind.as_str()),
            None if self.latency_ms > 0 => Some("latency"),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_fault(json: &str) -> Fault {
        serde_json::from_str(json).expect("a fault")
    }

    #[test]
    fn fault_with_skip_and_times_applies_after_skipping_and_is_then_dropped() {
        let mut faults = vec![parse_fault(
            r#"{"path":"*/x","kind":"reset","skip":1,"times":2}"#,
        )];
        let applied: Vec<bool> = (0..5)
            .map(|_| {
                FaultPlan::select(&mut faults, "GET", "/x")
                    .active_fault
                    .is_some()
            })
            .collect();
        assert_eq!(applied, [false, true, true, false, false]);
        assert!(faults.is_empty());
    }

    #[test]
    fn latency_without_limit_adds_up_with_the_first_other_fault() {
        let mut faults = vec![
            parse_fault(r#"{"path":"*","kind":"latency","ms":100,"times":null}"#),
            parse_fault(r#"{"path":"*/x","method":"post","kind":"answer_lost"}"#),
            parse_fault(r#"{"path":"*/x","kind":"error","http":500,"code":2}"#),
        ];
        let first = FaultPlan::select(&mut faults, "POST", "/x");
        assert_eq!(
            (first.latency_ms, first.log_name(), first.executes_request()),
            (100, Some("answer_lost"), true)
        );
        let second = FaultPlan::select(&mut faults, "POST", "/x");
        assert_eq!(
            (
                second.latency_ms,
                second.log_name(),
                second.executes_request()
            ),
            (100, Some("error"), false)
        );
        assert_eq!(
            FaultPlan::select(&mut faults, "POST", "/x").log_name(),
            Some("latency")
        );
        assert_eq!(faults.len(), 1);
    }

    #[test]
    fn fault_with_effect_executes_the_request() {
        let mut faults = vec![parse_fault(
            r#"{"path":"*","kind":"status","http":502,"effect":true}"#,
        )];
        assert!(FaultPlan::select(&mut faults, "POST", "/x").executes_request());
    }
}
