//! How far signups come, as charts with their tables.

use super::layout::{date, duration, table};
use embark_onboarding::resources::signup_funnel::{Funnel, FunnelStage, StageCount};
use embark_protocol::signup_counts::SignupCount;
use embark_protocol::{SiteId, Step};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// One bar per stage: those that went on, those that stand at it, and those that have stopped at it.
pub fn chart(funnel: &Funnel) -> Markup {
    let stages = &funnel.stages;
    let height = ROW * stages.len();
    let bars = html! {
        svg.chart viewBox={ "0 0 420 " (height) } role="img" aria-label="Bars of the table beside them" {
            @for (row, stage) in stages.iter().enumerate() {
                @let top = row * ROW;
                @let width = |part| share(part, funnel.launched, 420);
                @let (passed, open, stopped) = (width(stage.passed()), width(stage.open), width(stage.stopped));
                text x="0" y=(top + 13) { (name(stage.stage)) }
                text x="420" y=(top + 13) text-anchor="end" { (stage.reached) " · " (percent(stage.reached, funnel.launched)) }
                rect.track x="0" y=(top + 20) width="420" height="14" rx="3" {}
                @if passed > 0 { rect.bar x="0" y=(top + 20) width=(passed) height="14" rx="3" {} }
                @if stage.open > 0 { rect.bar.open x=(passed) y=(top + 20) width=(open.max(2)) height="14" rx="3" {} }
                @if stage.stopped > 0 { rect.bar.bad x=(passed + open) y=(top + 20) width=(stopped.max(2)) height="14" rx="3" {} }
            }
        }
        p.legend {
            (swatch("bar")) " went on"
            (swatch("bar open")) " stand here"
            (swatch("bar bad")) " stopped here"
        }
    };
    let head = html! { th { "Stage" } th.number { "Came" } th.number { "Of all" } th.number { "Stand here" } th.number { "Stopped here" } th.number { "Went on" } };
    let rows = html! {
        @for stage in stages {
            tr {
                td { (name(stage.stage)) }
                td.number { (stage.reached) }
                td.number { (percent(stage.reached, funnel.launched)) }
                td.number { (unless_zero(stage.open)) }
                td.number { (unless_zero(stage.stopped)) }
                td.number { @if stage.stage != FunnelStage::Connected { (percent(stage.passed(), stage.reached)) } }
            }
        }
    };
    html! {
        div.funnel {
            div { (bars) }
            div { (table(&head, &rows)) }
        }
    }
}

fn swatch(class: &str) -> Markup {
    html! { svg.swatch viewBox="0 0 12 12" aria-hidden="true" { rect class=(class) width="12" height="12" rx="3" {} } }
}

/// How many were launched and connected on each day; as a table, how many of each day came to each stage. `all`: the funnel of all
/// of them.
pub fn by_day(counts: &[&SignupCount], all: &Funnel) -> Markup {
    let mut of_days = BTreeMap::<u32, Vec<&SignupCount>>::new();
    for count in counts {
        of_days.entry(count.day).or_default().push(count);
    }
    let funnel_of = |(day, counts): (u32, Vec<&SignupCount>)| (day, Funnel::of(counts, steps(all)));
    let days: Vec<_> = of_days.into_iter().map(funnel_of).collect();
    let launched = days.iter().map(|(_, funnel)| funnel.launched);
    let most = launched.max().unwrap_or_default();
    let first = days.first().map_or(0, |day| day.0);
    let last = days.last().map_or(0, |day| day.0);
    let slots = (last - first + 1).max(10);
    let rows = days.iter().rev().map(|(day, funnel)| {
        let text = date(*day);
        (html! { time datetime=(text) { (text) } }, funnel)
    });
    html! {
        @if days.is_empty() { p.hint { "No signups in this time." } }
        @else {
            svg.chart viewBox="0 0 420 120" role="img" aria-label="Columns of the table below" {
                @for (day, funnel) in &days {
                    @let left = share(day - first, slots, 420);
                    @let width = (420 / slots).saturating_sub(2).max(2);
                    @let (tall, inner) = (share(funnel.launched, most, 100).max(2), share(funnel.connected, most, 100));
                    rect.track x=(left) y=(110 - tall) width=(width) height=(tall) rx="2" {}
                    rect.bar x=(left) y=(110 - inner) width=(width) height=(inner) rx="2" {}
                }
            }
            p.hint { "Tall: launched. Filled: connected." }
            details {
                summary { "As a table" }
                (stage_table("Day (UTC)", all, rows))
            }
        }
    }
}

/// How many of each site came to each stage. `all`: the funnel of all of them.
pub fn by_site<'a>(
    sites: impl Iterator<Item = (&'a SiteId, &'a [SignupCount])>,
    all: &Funnel,
) -> Markup {
    let funnels: Vec<_> = sites
        .map(|(site, counts)| (site, Funnel::of(counts, steps(all))))
        .collect();
    let link = |site: &SiteId| html! { a href={ "/console/sites/" (site) } { (site) } };
    let rows = funnels.iter().map(|(site, funnel)| (link(site), funnel));
    stage_table("Site", all, rows)
}

/// A row of each funnel: how many came to each stage, and within the cell how many stopped there.
fn stage_table<'a>(
    heading: &str,
    all: &Funnel,
    rows: impl Iterator<Item = (Markup, &'a Funnel)>,
) -> Markup {
    let head = html! {
        th { (heading) }
        @for stage in &all.stages { th.number { (name(stage.stage)) } }
        th.number { "Half within" }
    };
    let rows = html! {
        @for (heading, funnel) in rows {
            tr {
                td { (heading) }
                @for stage in &funnel.stages { td.number { (came(stage)) } }
                td.number { (funnel.median_s.map_or("–".to_owned(), duration)) }
            }
        }
    };
    html! {
        (table(&head, &rows))
        p.hint { "How many came to each stage; behind it, how many stopped there." }
    }
}

fn came(stage: &StageCount) -> Markup {
    html! { (stage.reached) @if stage.stopped > 0 { " " span.stopped { "−" (stage.stopped) } } }
}

/// The steps among the stages of a funnel.
fn steps(funnel: &Funnel) -> impl Iterator<Item = Step> {
    funnel.stages.iter().filter_map(|count| count.stage.step())
}

fn name(stage: FunnelStage) -> &'static str {
    match (stage, stage.step()) {
        (FunnelStage::Launched, _) => "Meta’s window opened",
        (FunnelStage::Connected, _) => "Connected",
        (_, None | Some(Step::Exchange)) => "Meta’s flow completed",
        (_, Some(Step::Inspect)) => "Reading the account",
        (_, Some(Step::Claim)) => "Claiming it for the site",
        (_, Some(Step::Subscribe)) => "Subscribing to webhooks",
        (_, Some(Step::Credit)) => "Sharing the credit line",
        (_, Some(Step::Register)) => "Registering the number",
        (_, Some(Step::Sync)) => "Requesting the chats",
        (_, Some(Step::Handoff)) => "Handing over to the provider",
        (_, Some(Step::Report | Step::Notify)) => "Other steps",
    }
}

fn unless_zero(count: u32) -> String {
    match count {
        0 => String::new(),
        count => count.to_string(),
    }
}

/// How much one is of the other, in per cent.
pub fn percent(part: u32, all: u32) -> String {
    match all {
        0 => "–".to_owned(),
        all => format!("{} %", u64::from(part) * 100 / u64::from(all)),
    }
}

/// How much of `of` one is of the other.
pub fn share(part: u32, all: u32, of: u32) -> u32 {
    let share = u64::from(part) * u64::from(of) / u64::from(all.max(1));
    u32::try_from(share).unwrap_or(of)
}

/// The height of a stage in the chart.
const ROW: usize = 44;
