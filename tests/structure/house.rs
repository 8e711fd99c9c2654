// SPDX-License-Identifier: GPL-3.0-or-later
//! The rooms of the library and their floors: imports go down, and no file uses another one in a circle.
//! To see it fail: name `crate::store` in a file of `lib-hps/src/types`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::imports::{Graph, room};

/// Each room, and the rooms that it may use.
const ROOMS: [(&str, &[&str]); 19] = [
    ("types", &[]),
    ("hardware", &["types"]),
    ("config", &["types", "hardware"]),
    ("host", &["types", "config"]),
    ("boot", &["types", "config", "host"]),
    ("render", &["types", "config", "host", "boot"]),
    ("exec", &["types", "config", "files"]),
    ("files", &[]),
    ("wire", &["types", "config", "files"]),
    ("power", &["types", "config", "exec", "wire"]),
    ("media", &["types", "boot", "exec", "files"]),
    ("store", &["types", "hardware", "config", "host", "boot", "files", "wire"]),
    ("answer", &["types", "config", "host", "boot", "render", "files", "media"]),
    ("reservation", &["types", "config", "host", "render", "store", "wire"]),
    ("site_archive", &["types", "host", "files"]),
    ("permitted", &["types", "host", "boot", "store"]),
    ("boot_context", &["types", "config", "host", "boot", "media", "store", "answer", "permitted"]),
    ("preflight", &["types", "config", "host", "boot", "render", "exec", "files", "media", "answer"]),
    (
        "manager",
        &[
            "types",
            "hardware",
            "config",
            "host",
            "boot",
            "render",
            "files",
            "media",
            "store",
            "answer",
            "permitted",
            "boot_context",
            "reservation",
        ],
    ),
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn graph(package: &str) -> Graph {
    Graph::read(&repository().join(package).join("src"))
}

#[test]
fn no_file_uses_another_one_in_a_circle() {
    let mut found = Vec::new();
    for package in ["cli", "lib-hps"] {
        let graph = graph(package);
        for circle in graph.circles() {
            found.push(format!("{package}:\n{}", graph.arrows_among(&circle)));
        }
    }
    assert!(found.is_empty(), "move what both sides need to a file of its own:\n\n{}", found.join("\n\n"));
}

/// The imports between rooms, with one import of a file as example.
fn between_rooms(graph: &Graph) -> BTreeMap<(&str, &str), String> {
    let mut arrows = BTreeMap::new();
    for (file, used) in &graph.uses {
        for other in used {
            if room(file) != room(other) {
                let example = format!("{} uses {}", file.display(), other.display());
                arrows.entry((room(file), room(other))).or_insert(example);
            }
        }
    }
    arrows
}

#[test]
fn no_room_uses_one_that_it_may_not() {
    let graph = graph("lib-hps");
    for ((from, to), example) in between_rooms(&graph) {
        let (_, may) = ROOMS.iter().find(|(name, _)| *name == from).unwrap_or_else(|| panic!("{from} is not in ROOMS"));
        assert!(may.contains(&to), "{example}, which {from} must not");
    }
}

#[test]
fn every_room_is_listed() {
    let text = std::fs::read_to_string(repository().join("lib-hps/src/lib.rs")).unwrap();
    let rooms: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let mut listed: Vec<&str> = ROOMS.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    assert_eq!(rooms, listed);
}

/// The floor of a room: 1 where it uses no other, else one above the highest that it uses.
fn floor(room: &str, arrows: &BTreeSet<(&str, &str)>) -> usize {
    let below = arrows.iter().filter(|(from, _)| *from == room).map(|(_, to)| floor(to, arrows));
    below.max().unwrap_or(0) + 1
}

/// The drawing in docs/development.md, made from the imports. An arrow that follows from two others is left out.
fn drawing(graph: &Graph) -> String {
    let arrows: BTreeSet<(&str, &str)> = between_rooms(graph).into_keys().collect();
    let direct = |from: &str, to: &str| {
        let through = |(a, b): &&(&str, &str)| *a == from && *b != to && reaches(b, to, &arrows);
        !arrows.iter().any(|arrow| through(&arrow))
    };
    let mut text = String::from("```mermaid\nflowchart TD\n");
    let mut rooms: Vec<(usize, &str)> = ROOMS.iter().map(|(room, _)| (floor(room, &arrows), *room)).collect();
    rooms.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    for (floor, room) in rooms {
        text.push_str(&format!("    {room}[\"{floor}: {room}\"]\n"));
    }
    for (from, to) in arrows.iter().filter(|(from, to)| direct(from, to)) {
        text.push_str(&format!("    {from} --> {to}\n"));
    }
    text.push_str("```\n");
    text
}

fn reaches(from: &str, to: &str, arrows: &BTreeSet<(&str, &str)>) -> bool {
    from == to || arrows.iter().any(|(a, b)| *a == from && reaches(b, to, arrows))
}

/// HPS_BLESS=1 draws it anew. The drawing of all files goes to the folder of this test's build, for `dot -Tsvg`.
#[test]
fn the_drawing_of_the_rooms_is_true() {
    let graph = graph("lib-hps");
    let dot = Path::new(env!("CARGO_TARGET_TMPDIR")).join("imports.dot");
    std::fs::write(&dot, graph.dot()).unwrap();
    println!("{} files and their imports: {}", graph.uses.len(), dot.display());
    let page = repository().join("docs/development.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let start = text.find("```mermaid\n").expect("docs/development.md has a drawing");
    let end = start + text[start..].find("\n```\n").unwrap() + "\n```\n".len();
    let drawn = drawing(&graph);
    if std::env::var_os("HPS_BLESS").is_some() {
        std::fs::write(&page, format!("{}{drawn}{}", &text[..start], &text[end..])).unwrap();
        return;
    }
    assert_eq!(&text[start..end], drawn, "make bless draws docs/development.md anew");
}
