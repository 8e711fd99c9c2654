// SPDX-License-Identifier: GPL-3.0-or-later
//! Reports of machines that are only told of, good and hostile ones.

use super::*;
use crate::types::{DiskBus, Timestamp};
use proptest::prelude::*;

const SERVER: &str = include_str!("../../../tests/fixtures/node/hardware-server.report");

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn read(text: &str) -> Hardware {
    read_report(text.as_bytes(), Occasion::Discovery, at(1)).unwrap()
}

fn line(text: &Option<crate::types::Line>) -> &str {
    text.as_ref().map_or("", |line| line.as_str())
}

#[test]
fn the_report_of_a_server() {
    let found = read(SERVER);
    assert_eq!(found.memory_mib, Some(257_530));
    let processor = found.processor.as_ref().unwrap();
    assert_eq!((processor.sockets, processor.cores, processor.threads), (2, 4, 8));
    assert_eq!(line(&processor.model), "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz");
    assert_eq!((line(&found.board.serial), line(&found.board.board_serial)), ("CN12345", "BOARD77"));
    assert_eq!(line(&found.board.chassis_serial), "", "what its maker left empty");
    assert_eq!(line(&found.board.firmware), "2.10.2 02/24/2021");
    let modules: Vec<(&str, u64, &str)> =
        found.modules.iter().map(|m| (line(&m.slot), m.mib, line(&m.speed))).collect();
    assert_eq!(modules, [("A1", 32_768, "2933 MT/s"), ("A2", 32_768, "2933 MT/s")], "A3 is empty");
    let bmc = found.bmc.as_ref().unwrap();
    assert_eq!((bmc.address, line(&bmc.firmware)), (Some("10.0.9.7".parse().unwrap()), "2.61"));
    let [sda, nvme, sr] = found.disks.as_slice() else { panic!("{:?}", found.disks) };
    assert_eq!((sda.bus, sda.bytes, sda.rotational), (Some(DiskBus::Sas), Some(4_000_787_030_016), Some(true)));
    assert_eq!((line(&sda.model), line(&sda.serial), line(&sda.firmware)), ("ST4000NM0025", "ZC1234", "N004"));
    let health = sda.health.unwrap();
    assert_eq!(
        (health.passed, health.celsius, health.reallocated, health.pending),
        (Some(true), Some(31), Some(8), Some(0))
    );
    assert_eq!(health.complaint(), None);
    assert_eq!(nvme.health.unwrap().used_percent, Some(104));
    assert_eq!(nvme.health.unwrap().complaint().as_deref(), Some("it reports 104 percent of its life used"));
    assert!(!sr.is_usable());
    let [eno1, eno2] = found.cards.as_slice() else { panic!("{:?}", found.cards) };
    assert_eq!((eno1.mac.to_string().as_str(), eno1.link, eno1.mbit), ("525400000001", Some(true), Some(10_000)));
    assert_eq!((eno1.max_mbit, line(&eno1.firmware)), (Some(25_000), "14.26.1040 (MT_2420110034)"));
    let neighbour = eno1.neighbour.as_ref().unwrap();
    assert_eq!((neighbour.switch.as_str(), neighbour.port.as_str()), ("rack7-sw1.example", "Ethernet1/12"));
    assert_eq!((eno2.link, eno2.mbit, &eno2.neighbour), (Some(false), None, &None));
    assert_eq!(found.summary(), "2 x Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz, 251.4 GiB of memory, 2 disks, 2 cards");
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let (record, changes) = HardwareRecord::with_report(None, read(SERVER));
    assert!(changes.is_empty());
    assert_eq!(HardwareRecord::parse(&record.to_text()), Ok(record.clone()));
    let other = record.to_text().replace("version = 1", "version = 2");
    assert!(HardwareRecord::parse(&other).unwrap_err().contains("version"));
    assert!(HardwareRecord::parse(&record.to_text().replace("ZC1234", "Z\\u001b")).is_err(), "a control character");
}

/// What differs after a change of the report's text.
fn after(change: impl Fn(&str) -> String) -> Vec<(&'static str, bool, String)> {
    let found = changes(&read(SERVER), &read(&change(SERVER)));
    found.iter().map(|change| (change.word(), change.is_loss(), change.to_string())).collect()
}

#[test]
fn what_is_gone_smaller_or_another_one_is_reported() {
    assert_eq!(after(str::to_owned), []);
    let gone = after(|text| text.replace("section disk sda", "section other sda"));
    assert_eq!(gone, [("disk-gone", true, "disk ZC1234 (ST4000NM0025, 3.6 TiB) is gone".to_owned())]);
    let smaller = after(|text| text.replace(" mib 257530", " mib 224762").replace("Locator: A2", "Locator: A9"));
    assert_eq!(smaller, [("memory-shrank", true, "memory shrank from 257530 to 224762 MiB; gone from A2".to_owned())]);
    let unknown = after(|text| text.replace("section disk", "section other"));
    assert_eq!(unknown, [], "a list of disks that could not be read");
    let none = after(|text| text.replace("section disk ", "section other "));
    assert_eq!(none.len(), 2, "every disk is gone: {none:?}");
    let board = after(|text| text.replace("BOARD77", "BOARD78"));
    assert_eq!(board, [("board-swapped", true, "the serial of the board was BOARD77 and is BOARD78".to_owned())]);
    let card = after(|text| text.replace("mac 52:54:00:00:00:02", "mac 52:54:00:00:00:03"));
    let words: Vec<&str> = card.iter().map(|(word, ..)| *word).collect();
    assert_eq!(words, ["card-gone", "card-new"]);
    let failing = after(|text| text.replace("\"passed\":true", "\"passed\":false"));
    assert_eq!(failing[0].2, "disk ZC1234 (ST4000NM0025, 3.6 TiB): it reports that it will fail");
    let port = after(|text| text.replace("312f 3132", "312f 3133"));
    assert_eq!(port[0].0, "card-moved");
    assert!(port[0].2.ends_with("from rack7-sw1.example port Ethernet1/12 to rack7-sw1.example port Ethernet1/13"));
    let slack = after(|text| text.replace(" mib 257530", " mib 257200"));
    assert_eq!(slack, [], "what a kernel keeps for itself");
}

#[test]
fn a_program_that_is_missing_is_no_difference() {
    let without = |kind: &'static str| after(move |text| text.replace(&format!("section {kind}"), "section other"));
    for kind in ["memory", "cpuinfo", "board", "dmidecode", "ipmitool", "smartctl", "card", "ethtool", "lldp"] {
        assert_eq!(without(kind), [], "{kind}");
    }
    let (record, _) = HardwareRecord::with_report(None, read(SERVER));
    let (record, _) = HardwareRecord::with_report(Some(record), read(&SERVER.replace("section lldp", "section other")));
    assert!(record.now.cards[0].neighbour.is_some(), "an installer that does not listen forgets no neighbour");
}

#[test]
fn the_last_report_that_differs_is_kept_until_it_is_accepted() {
    let less = SERVER.replace("section disk sda", "section other sda");
    let (record, _) = HardwareRecord::with_report(None, read(SERVER));
    let (record, _) = HardwareRecord::with_report(Some(record), read(&less));
    let (mut record, again) = HardwareRecord::with_report(Some(record), read(&less));
    assert!(again.is_empty());
    assert_eq!(record.losses().len(), 1);
    record.accepted = true;
    assert!(record.losses().is_empty() && record.changes().len() == 1);
    let (record, _) = HardwareRecord::with_report(Some(record), read(SERVER));
    assert_eq!(record.changes()[0].word(), "disk-new");
    assert!(record.losses().is_empty() && !record.accepted);
}

#[test]
fn one_bad_value_loses_only_itself() {
    let hostile = SERVER
        .replace("serial ZC1234", "serial \u{1b}]0;x\u{7}../../etc/passwd$(id)`id`\u{202e}")
        .replace(" bytes 4000787030016", " bytes 99999999999999999999999999")
        .replace("mac 52:54:00:00:00:02", "mac ff:ff:ff:ff:ff:ff")
        .replace("{\"smart_status\"", "{{{{")
        .replace(" mib 257530", " mib -1");
    let found = read(&hostile);
    assert_eq!(found.memory_mib, None);
    assert_eq!(found.cards.len(), 1, "a card without a MAC is none");
    assert_eq!((found.disks[0].bytes, found.disks[0].health), (None, None));
    assert_eq!(line(&found.disks[0].model), "ST4000NM0025");
    let serial = line(&found.disks[0].serial);
    assert!(!serial.chars().any(char::is_control) && !serial.contains('\u{202e}'), "{serial:?}");
    let (record, _) = HardwareRecord::with_report(None, found);
    assert!(HardwareRecord::parse(&record.to_text()).is_ok());
}

#[test]
fn a_report_that_is_not_whole_is_none() {
    let read = |text: &[u8]| read_report(text, Occasion::Discovery, at(1));
    for text in ["", "hps-hardware 1\n", "hps-hardware 2\nend\n", "section memory\n mib 1\nend\n", "end\n"] {
        assert_eq!(read(text.as_bytes()), Err(ReportError::NotWhole), "{text:?}");
    }
    assert_eq!(read(&vec![b' '; MAX_REPORT_BYTES + 1]), Err(ReportError::TooLarge));
    assert!(read(b"hps-hardware 1\nend\n").is_ok());
    let many: String = (0..5_000).map(|n| format!("section other {n}\n")).collect();
    assert_eq!(read(format!("hps-hardware 1\n{many}end\n").as_bytes()), Err(ReportError::NotWhole));
}

#[test]
fn a_record_has_a_bound() {
    let long = "x".repeat(5_000);
    let disks: String = (0..900)
        .map(|n| {
            let values = ["serial", "wwn", "path", "obstacle", "model", "firmware"];
            let lines: String = values.iter().map(|key| format!(" {key} {n}{long:.90}\n")).collect();
            format!("section disk d{n}\n{lines}")
        })
        .collect();
    let cards: String =
        (0..900).map(|n| format!("section card c{n}\n mac 52:54:00:00:{:02x}:{:02x}\n", n / 256, n % 256)).collect();
    let text = format!("hps-hardware 1\n{disks}{cards}end\n");
    let found = read(&text);
    assert_eq!((found.disks.len(), found.cards.len()), (256, 64));
    let (record, _) = HardwareRecord::with_report(None, found.clone());
    let (record, _) = HardwareRecord::with_report(Some(record), Hardware { disks: Vec::new(), ..found });
    assert!(record.to_text().len() < 1 << 20, "{} bytes", record.to_text().len());
}

proptest! {
    #[test]
    fn whatever_arrives_becomes_a_record_that_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let mut text = b"hps-hardware 1\nsection disk sda\n".to_vec();
        text.extend(bytes.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\n', b' '] } else { vec![*byte] }));
        text.extend(b"\nend\n");
        if let Ok(found) = read_report(&text, Occasion::Installation, at(1)) {
            let (record, _) = HardwareRecord::with_report(None, found);
            prop_assert_eq!(HardwareRecord::parse(&record.to_text()), Ok(record));
        }
    }

    #[test]
    fn a_frame_of_any_bytes_ends(words in proptest::collection::vec("[0-9a-f]{4}", 0..100)) {
        let head = "0180 c200 000e 4606 ed63 cf08 88cc".to_owned();
        let all: Vec<String> = std::iter::once(head).chain(words).collect();
        let text = format!("hps-hardware 1\nsection card eno1\n mac 52:54:00:00:00:01\nsection lldp eno1\n  0x0000:  {}\nend\n", all.join(" "));
        let found = read_report(text.as_bytes(), Occasion::Discovery, at(1)).unwrap();
        prop_assert_eq!(found.cards.len(), 1);
    }
}
