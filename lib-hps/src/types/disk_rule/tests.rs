// SPDX-License-Identifier: GPL-3.0-or-later

use super::*;
use std::collections::BTreeSet;

const TABLE: &str = include_str!("../../../../tests/fixtures/node/disk-rules.table");

fn rule(text: &str) -> DiskRule {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn conditions(text: &str) -> Vec<String> {
    rule(text).conditions().iter().map(ToString::to_string).collect()
}

/// A node compares the conditions in the golden file with the disks of the table: tests/node/disks.
#[test]
fn the_rules_of_the_table() {
    let mut golden = String::new();
    let mut rules = BTreeSet::new();
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (verdict, rest) = line.split_once('\t').unwrap();
        let text = rest.split('\t').next().unwrap();
        match verdict {
            "bad" => assert!(text.parse::<DiskRule>().is_err(), "{text}"),
            "fits" | "not" | "rule" if rules.insert(text) => {
                let (order, conditions) = match text {
                    "-" => (DiskOrder::Smallest, DiskCondition::without_rule()),
                    _ => (rule(text).order(), rule(text).conditions()),
                };
                assert!(text == "-" || rule(text).to_string() == text, "{text}: one canonical text");
                assert!(!conditions.is_empty(), "{text}: it would take any disk");
                golden.push_str(&format!("{text}\t{order}"));
                for condition in conditions {
                    golden.push_str(&format!("\t{condition}"));
                }
                golden.push('\n');
            }
            "fits" | "not" | "rule" | "disk" | "refused" => {}
            _ => panic!("{line}"),
        }
    }
    for bus in DiskBus::ALL {
        assert!(rules.contains(format!("bus={bus}").as_str()), "{bus} is not in the table");
    }
    crate::golden::golden("node", "disk-conditions", &golden);
}

/// What a person is told before a machine is switched on is what the machine will do.
#[test]
fn the_disks_of_the_table_fit_here_as_on_a_node() {
    let mut disks: Vec<(&str, DiskFacts<'_>)> = Vec::new();
    for line in TABLE.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let (text, wanted) = match cells.as_slice() {
            ["disk", name, bus, serial, wwn, path, gib, more @ ..] => {
                let some = |text: &'static str| (text != "-").then_some(text);
                let bytes = gib.parse::<u64>().unwrap() << 30;
                let (serial, wwn) = (some(serial), some(wwn));
                let (model, kind) =
                    (more.first().copied().and_then(some), more.get(1).and_then(|kind| kind.parse().ok()));
                disks.push((
                    name,
                    DiskFacts { bus: bus.parse().ok(), bytes: Some(bytes), serial, wwn, path: some(path), model, kind },
                ));
                continue;
            }
            ["fits", text, wanted] => (*text, *wanted),
            ["not", text] => (*text, ""),
            _ => continue,
        };
        let conditions = if text == "-" { DiskCondition::without_rule() } else { rule(text).conditions() };
        let all: Vec<DiskFacts<'_>> = disks.iter().map(|(_, facts)| *facts).collect();
        let fits = |facts: &DiskFacts<'_>| conditions.iter().all(|c| c.objection(facts, &all).is_none());
        let found: Vec<&str> = disks.iter().filter(|(_, facts)| fits(facts)).map(|(name, _)| *name).collect();
        assert_eq!(found.join(" "), wanted, "{text}");
    }
    assert!(disks.len() > 15);
}

#[test]
fn the_conditions_of_a_rule() {
    const LOCAL: &str = "bus among ata,sas,scsi,nvme,virtio,other default";
    assert_eq!(conditions("smallest"), [LOCAL]);
    assert_eq!(
        conditions("largest min=100G max=9999999G"),
        [LOCAL, "size at-least 107374182400 min=100G", "size at-most 10737417166258176 max=9999999G"]
    );
    assert_eq!(conditions("serial=S*"), [LOCAL, "serial matches S* serial=S*"]);
    for named in ["bus=usb", "bus=sas", "serial=S1", "wwn=naa.5", "path=pci1/a"] {
        assert!(!conditions(named).contains(&LOCAL.to_owned()), "{named} names its disks");
    }
    for unnamed in ["not-bus=usb", "not-serial=S1", "path=pci1/*", "max=1G", "model=PERC", "kind=ssd"] {
        assert!(conditions(unnamed).contains(&LOCAL.to_owned()), "{unnamed} names none");
    }
    assert_eq!(
        conditions("not-bus=usb not-serial=none not-serial=*"),
        [LOCAL, "bus differs usb not-bus=usb", "serial present any not-serial=none", "serial differs * not-serial=*"]
    );
    for (written, kernel) in [("naa.5000C5", "naa.5000c5"), ("0x5000C5*", "naa.5000c5*"), ("wwn-0X5", "naa.5")] {
        assert_eq!(conditions(&format!("not-wwn={written}"))[1], format!("wwn differs {kernel} not-wwn={written}"));
    }
}

#[test]
fn words() {
    for good in
        ["smallest", "largest min=100G", "serial=S3Z*", "path=pci0000:00/0000:00:05.0/*", "wwn=naa.5000c500 max=4000G"]
    {
        assert!(good.parse::<DiskRule>().is_ok(), "{good}");
    }
    for bad in [
        "",
        " ",
        "smallest ",
        "smallest  largest",
        "tiny",
        "serial=",
        "serial=a;b",
        "min=100",
        "min=0G",
        "min=-1G",
        "size=1G",
        "kind=sdd",
        "not-kind=ssd",
        "model=",
        "model=a b",
        "serial=$(x)",
        "serial='a'",
        "min=100G\n",
    ] {
        assert!(bad.parse::<DiskRule>().is_err(), "{bad:?}");
    }
    let why = |text: &str| rule(text).contradicts_itself().map(|why| why.to_string());
    assert_eq!(why("largest min=10G max=10G"), None);
    assert_eq!(why("min=200G max=300G max=100G").unwrap(), "min=200G is above max=100G");
    assert!(why("smallest largest").is_some());
    assert_eq!(why("kind=ssd kind=hdd").unwrap(), "kind=ssd and kind=hdd contradict each other");
    assert_eq!(why("model=A not-model=A").unwrap(), "model=A and not-model=A contradict each other");
    assert_eq!(why("bus=usb bus=usb not-bus=nvme"), None);
    assert_eq!(why("bus=usb bus=nvme").unwrap(), "bus=usb and bus=nvme contradict each other");
    assert_eq!(why("path=pci* not-path=pci*").unwrap(), "path=pci* and not-path=pci* contradict each other");
    let nothing = |text: &str| rule(text).means_nothing().map(|why| why.to_string());
    let long = "S".repeat(65);
    for (rule, words) in [
        ("serial=none".to_owned(), "a disk without a serial has no name"),
        (format!("serial={long}"), "at most 64 characters of a serial"),
        (format!("not-serial={long}"), "at most 64 characters of a serial"),
        (format!("not-serial=*{long}*"), "at most 64 characters of a serial"),
        ("smallest not-path=*".to_owned(), "excludes every disk"),
        ("wwn=wwn-".to_owned(), "no WWN after the prefix"),
        ("not-wwn=wwn-".to_owned(), "no WWN after the prefix"),
        ("path=pci1/a not-path=pci1/*".to_owned(), "path=pci1/a and not-path=pci1/* contradict"),
        ("model=A1 model=A2".to_owned(), "model=A1 and model=A2 contradict"),
        ("model=A1 not-model=A*".to_owned(), "contradict"),
        ("serial=S1 not-serial=*1".to_owned(), "contradict"),
        ("serial=S1 serial=S2".to_owned(), "serial=S1 and serial=S2 contradict"),
    ] {
        assert!(nothing(&rule).is_some_and(|why| why.contains(words)), "{rule}: {:?}", nothing(&rule));
        assert_eq!(why(&rule), None, "an older file with it is read: {rule}");
    }
    for rule in [
        "smallest not-serial=*",
        "smallest not-serial=none",
        "serial=S1 serial=S*",
        "path=pci1/a not-path=pci2/*",
        "wwn=0x5000 wwn=naa.5000",
        "not-wwn=naa.* min=1G",
        &format!("serial={}", "S".repeat(64)),
        &format!("wwn=nvme.{long}"),
    ] {
        assert_eq!(nothing(rule), None, "{rule}");
    }
    assert!(DiskRule::default().orders() && !rule("min=1G").orders());
    assert_eq!(rule("min=1G").order(), DiskOrder::Smallest);
    assert_eq!(rule("max=2G largest").order(), DiskOrder::Largest);
}
