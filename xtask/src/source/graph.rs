//! A directed graph of imports, and the circles in it.

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::{self, Display};
use std::path::PathBuf;

/// Imports between named nodes. That a node imports itself is ignored.
#[derive(Default)]
pub struct Graph {
    /// By source and target: the first place that imports.
    arrows: BTreeMap<(String, String), Location>,
}

/// The place of an import.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
}

/// Nodes that reach each other.
pub struct Circle<'a> {
    /// All of them, sorted.
    pub members: Vec<&'a str>,
    /// For each member a shortest path from it back to it, none of them twice. The node that closes the path is
    /// not repeated.
    paths: Vec<Vec<&'a str>>,
    graph: &'a Graph,
}

impl Graph {
    pub fn add(&mut self, from: &str, to: &str, location: Location) {
        if from == to {
            return;
        }
        let key = (from.to_owned(), to.to_owned());
        let first = self.arrows.entry(key).or_insert_with(|| location.clone());
        if location < *first {
            *first = location;
        }
    }

    pub fn arrow_count(&self) -> usize {
        self.arrows.len()
    }

    /// Each target with the first place that imports it, sorted by source and target.
    #[cfg(test)]
    pub fn arrows(&self) -> impl Iterator<Item = (&str, &Location)> {
        self.arrows.iter().map(|((_, to), at)| (to.as_str(), at))
    }

    /// The groups of nodes that reach each other; empty when there is no circle.
    pub fn circles(&self) -> Vec<Circle<'_>> {
        let arrows = self.arrows.keys();
        let graph: DiGraphMap<&str, ()> = arrows
            .map(|(from, to)| (from.as_str(), to.as_str()))
            .collect();
        let mut circles: Vec<Circle<'_>> = tarjan_scc(&graph)
            .into_iter()
            .filter(|group| group.len() > 1)
            .map(|mut members| {
                members.sort_unstable();
                let paths = members.iter().filter_map(|from| way_back(&graph, from));
                Circle {
                    paths: paths.collect::<BTreeSet<_>>().into_iter().collect(),
                    members,
                    graph: self,
                }
            })
            .collect();
        circles.sort_by(|a, b| a.members.cmp(&b.members));
        circles
    }
}

/// A shortest path from a node to itself, begun at its smallest name.
fn way_back<'a>(graph: &DiGraphMap<&'a str, ()>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut reached_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(node) = open.pop_front() {
        for next in graph.neighbors(node) {
            if next == start {
                let mut path = vec![node];
                let mut at = node;
                while at != start {
                    at = reached_from.get(at)?;
                    path.push(at);
                }
                path.reverse();
                let smallest = (0..path.len()).min_by_key(|n| path.get(*n))?;
                path.rotate_left(smallest);
                return Some(path);
            }
            if !reached_from.contains_key(next) {
                reached_from.insert(next, node);
                open.push_back(next);
            }
        }
    }
    None
}

impl Display for Circle<'_> {
    /// One path a paragraph: `a -> b -> a`, then the place of each arrow.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.members.len() > 2 {
            writeln!(
                out,
                "{} that reach each other: {}",
                self.members.len(),
                self.members.join(" ")
            )?;
        }
        for path in &self.paths {
            let closed = [path.as_slice(), path.get(..1).unwrap_or_default()].concat();
            writeln!(out, "{}", closed.join(" -> "))?;
            for arrow in closed.windows(2) {
                let [from, to] = arrow else { continue };
                let key = ((*from).to_owned(), (*to).to_owned());
                if let Some(Location { file, line }) = self.graph.arrows.get(&key) {
                    writeln!(out, "    {}:{line} imports {to}", file.display())?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(arrows: &[(&str, &str, usize)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to, line) in arrows {
            let location = Location {
                file: PathBuf::from(format!("{from}.rs")),
                line: *line,
            };
            graph.add(from, to, location);
        }
        graph
    }

    #[test]
    fn graph_without_way_back_has_no_circle() {
        let graph = graph(&[("a", "b", 1), ("b", "c", 1), ("a", "c", 2), ("c", "c", 3)]);
        assert!(graph.circles().is_empty());
        assert_eq!(graph.arrow_count(), 3);
    }

    #[test]
    fn circle_shows_path_with_first_line_of_each_arrow() {
        let graph = graph(&[("b", "a", 9), ("a", "b", 7), ("a", "b", 3), ("a", "c", 1)]);
        let circles: Vec<String> = graph.circles().iter().map(Circle::to_string).collect();
        let expected = "a -> b -> a\n    a.rs:3 imports b\n    b.rs:9 imports a\n";
        assert_eq!(circles, [expected]);
    }

    #[test]
    fn circle_shows_a_shortest_path_for_each_member() {
        let arrows = [("a", "b", 1), ("b", "a", 1), ("b", "c", 2), ("c", "a", 1)];
        let graph = graph(&arrows);
        let circles = graph.circles();
        assert_eq!(circles.len(), 1);
        let paths: Vec<&[&str]> = circles[0].paths.iter().map(Vec::as_slice).collect();
        assert_eq!(paths, [&["a", "b"][..], &["a", "b", "c"]]);
    }
}
