// SPDX-License-Identifier: GPL-3.0-or-later

use super::*;
use std::path::Path;

#[test]
fn the_list_has_each_number_once_and_in_order() {
    for (index, row) in ROWS.iter().enumerate() {
        assert_eq!(usize::from(row.number), index, "{}", row.name);
    }
    let served: Vec<u16> = ClientArchitecture::listed()
        .filter(|a| matches!(a.service(), Service::Loader(_)))
        .map(ClientArchitecture::number)
        .collect();
    assert_eq!(served, [0, 7, 9, 11, 16, 19]);
    let http: Vec<u16> = ROWS.iter().filter(|row| row.name.contains("http")).map(|row| row.number).collect();
    let by_http: Vec<u16> = ClientArchitecture::listed()
        .filter(|a| a.transport() == Transport::Http)
        .map(ClientArchitecture::number)
        .collect();
    assert_eq!(by_http, http);
}

#[test]
fn any_number_has_an_answer() {
    for number in [42, 255, 65_535] {
        let architecture = ClientArchitecture::new(number);
        assert_eq!((architecture.name(), architecture.transport()), (None, Transport::Tftp));
        assert!(matches!(architecture.service(), Service::No(_)) && architecture.to_string().contains("IANA"));
    }
    assert_eq!(ClientArchitecture::new(6).to_string(), "6 (x86 UEFI)");
}

#[test]
fn the_number_in_a_vendor_class() {
    let number = |text: &str| ClientArchitecture::from_vendor_class(text).map(ClientArchitecture::number);
    assert_eq!(number("PXEClient:Arch:00007:UNDI:003001"), Some(7));
    assert_eq!(number("HTTPClient:Arch:00019:UNDI:003000"), Some(19));
    assert_eq!(number("PXEClient:Arch:65535"), Some(65_535));
    for text in [
        "",
        "PXEClient",
        "PXEClient:Arch:",
        "PXEClient:Arch:+0007",
        "PXEClient:Arch:99999",
        "udhcp:Arch:00007",
        "PXEClient:Arch:7",
    ] {
        assert_eq!(number(text), None, "{text}");
    }
}

fn table() -> String {
    let mut text = String::from("| number | IANA's name | processor | firmware | boot loader by | served |\n");
    text.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for row in &ROWS {
        let served = match row.service {
            Service::Loader(cpu) => format!("yes, for {cpu}"),
            Service::No(why) => format!("no: {why}"),
        };
        let Row { number, name, cpu, firmware, transport, .. } = row;
        text.push_str(&format!("| {number} | {name} | {cpu} | {firmware} | {transport} | {served} |\n"));
    }
    text
}

/// `HPS_BLESS=1` writes the table.
#[test]
fn the_page_has_the_table() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/client-architectures.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let start = text.find("| number |").unwrap();
    let end = start + text[start..].find("\n\n").map_or(text.len() - start, |at| at + 1);
    if std::env::var_os("HPS_BLESS").is_some() {
        std::fs::write(&page, format!("{}{}{}", &text[..start], table(), &text[end..])).unwrap();
        return;
    }
    assert_eq!(&text[start..end], table());
}
