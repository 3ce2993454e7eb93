//! The tables of `docs/operating.md` about the doctor and the checklist have what the code has.

use embark_onboarding::doctor::checklist;
use embark_protocol::checklist::ChecklistStep;
use embark_protocol::doctor::DoctorItem;
use std::collections::BTreeMap;

const PAGE: &str = include_str!("../../../docs/operating.md");

/// The rows of the table below this head, as their cells, without marks of code.
fn table(head: &str) -> Vec<Vec<String>> {
    let (_, rest) = PAGE.split_once(head).unwrap();
    let rows = rest
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|line| {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().replace('`', "")).collect()
    })
    .collect()
}

fn steps() -> Vec<ChecklistStep> {
    checklist(&[], &[]).steps
}

#[test]
fn every_check_of_the_doctor_is_documented_with_its_screen() {
    let rows = table("| item | what is read | Meta's screen | right |");
    let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let items = DoctorItem::ALL.map(|item| serde_json::to_value(item).unwrap());
    let items: Vec<&str> = items.iter().map(|item| item.as_str().unwrap()).collect();
    assert_eq!(names, items);
    let screens: BTreeMap<&str, &str> = rows
        .iter()
        .map(|row| (row[0].as_str(), row[2].as_str()))
        .collect();
    for step in steps() {
        let Some(item) = step.item else { continue };
        let item = serde_json::to_value(item).unwrap();
        let name = item.as_str().unwrap();
        assert_eq!(screens[name], step.screen, "{name}");
    }
    assert!(
        rows.iter()
            .all(|row| row.iter().all(|cell| !cell.is_empty()))
    );
}

#[test]
fn every_step_that_is_marked_by_hand_is_documented_with_its_screen() {
    let rows = table("| step | Meta's screen, or a command | right |");
    let documented: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row[0].as_str(), row[1].as_str()))
        .collect();
    let steps = steps();
    let by_hand = steps.iter().filter(|step| step.item.is_none());
    let by_hand: Vec<(&str, &str)> = by_hand
        .map(|step| (step.title.as_str(), step.screen.as_str()))
        .collect();
    assert_eq!(documented, by_hand);
    assert!(rows.iter().all(|row| !row[2].is_empty()));
}
