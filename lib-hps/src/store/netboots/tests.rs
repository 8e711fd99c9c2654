// SPDX-License-Identifier: GPL-3.0-or-later

use super::*;
use std::time::{Duration, UNIX_EPOCH};

const NOW: &str = "2026-11-29T17:30:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn written() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(now().as_unix())
}

/// The lines of one packet and its answer, at a minute of the last hour.
fn dhcp(minute: u8, mac: &str, vendor_class: &str, tags: &str, address: &str) -> String {
    let begin = format!("Nov 29 17:{minute:02}:00 dnsmasq-dhcp[7]: 530948849");
    let offer = if address.is_empty() { String::new() } else { format!("{begin} DHCPOFFER(br0) {address} {mac} \n") };
    format!(
        "{begin} available DHCP range: 10.0.0.128 -- 10.0.0.254\n{begin} vendor class: {vendor_class}\n\
         {begin} DHCPDISCOVER(br0) {mac} \n{begin} tags: {tags}, br0\n{offer}"
    )
}

fn list(dnsmasq: &str, web: Option<&str>) -> Vec<StoppedNetboot> {
    let whole = format!("{dnsmasq}Nov 29 17:30:00 dnsmasq[7]: end\n");
    stopped(&whole, written(), web.map(|text| (text, written())), now())
}

const A: &str = "52:54:00:00:00:01";
const IA32: &str = "PXEClient:Arch:00006:UNDI:003016";

#[test]
fn a_machine_stops_where_its_last_sign_is() {
    let begin = dhcp(1, A, IA32, "arch6", "10.0.0.130");
    let found = &list(&begin, None)[0];
    assert_eq!((found.mac.colons().as_str(), found.stage), (A, NetbootStage::Address));
    assert_eq!(found.address, Some("10.0.0.130".parse().unwrap()));
    assert_eq!(found.architecture, Some(ClientArchitecture::new(6)));
    assert_eq!(found.vendor_class.as_ref().unwrap().as_str(), IA32);
    assert_eq!(found.first.to_string(), "2026-11-29T17:01:00Z");
    assert_eq!(list(&dhcp(1, A, IA32, "arch6", ""), None)[0].stage, NetbootStage::Asked);
    let sent = "Nov 29 17:02:00 dnsmasq-tftp[7]: sent /srv/tftp/a b to 10.0.0.130\n";
    let stage = |text: &str, web| list(text, web).first().map(|found| found.stage);
    assert_eq!(stage(&format!("{begin}{sent}"), None), Some(NetbootStage::Loader));
    let missing = "Nov 29 17:02:00 dnsmasq-tftp[7]: file /srv/tftp/a not found for 10.0.0.130\n";
    assert_eq!(stage(&format!("{begin}{missing}"), None), Some(NetbootStage::Address));
    let before = "10.0.0.9 2026-11-29T16:00:00+0000 GET / 200 1\n";
    let loader = format!("{before}10.0.0.130 2026-11-29T17:02:00+0000 GET /boot/snponly.efi 200 9\n");
    assert_eq!(stage(&begin, Some(&loader)), Some(NetbootStage::Loader));
    let ipxe = format!("{begin}{sent}{}", dhcp(3, A, "PXEClient:Arch:00006:UNDI:003010", "arch6, ipxe", "10.0.0.130"));
    assert_eq!(stage(&ipxe, Some(before)), Some(NetbootStage::Ipxe));
    assert_eq!(list(&ipxe, None)[0].vendor_class.as_ref().unwrap().as_str(), IA32, "what the firmware sent");
    let asked = format!("{before}10.0.0.130 2026-11-29T17:03:00+0000 GET /cgi-bin/boot_manager 200 9\n");
    assert_eq!(stage(&ipxe, Some(&asked)), None, "it reached the boot manager");
    let again = format!("{ipxe}{}", dhcp(9, A, IA32, "arch6", "10.0.0.130"));
    let found = list(&again, Some(&asked));
    assert_eq!(found[0].first.to_string(), "2026-11-29T17:09:00Z", "a later boot counts alone");
}

#[test]
fn another_machine_of_the_same_address_is_another_one() {
    let text = format!(
        "{}{}",
        dhcp(1, A, IA32, "arch6", "10.0.0.130"),
        dhcp(2, "52:54:00:00:00:02", IA32, "arch6", "10.0.0.130")
    );
    let asked = "10.0.0.9 2026-11-29T16:00:00+0000 GET / 200 1\n10.0.0.130 2026-11-29T17:03:00+0000 GET /cgi-bin/boot_manager 200 9\n";
    let found = list(&text, Some(asked));
    assert_eq!(found.iter().map(|found| found.mac.colons()).collect::<Vec<_>>(), [A]);
}

#[test]
fn what_is_not_stopped_is_not_listed() {
    let lists = |text: &str, web| !list(text, web).is_empty();
    assert!(!lists(&dhcp(1, A, "udhcp 1.36", "known", "10.0.0.130"), None), "a running system");
    assert!(!lists(&dhcp(30, A, IA32, "arch6", "10.0.0.130"), None), "it has just begun");
    assert!(lists(&dhcp(28, A, IA32, "arch6", "10.0.0.130"), None));
    let old = dhcp(1, A, IA32, "arch6", "10.0.0.130").replace("Nov 29", "Nov 20");
    assert!(!lists(&old, None), "more than a week ago");
    // A rotated log may have had its request to the boot manager.
    let later = "10.0.0.9 2026-11-29T17:05:00+0000 GET / 200 1\n";
    assert!(!lists(&dhcp(1, A, IA32, "arch6", "10.0.0.130"), Some(later)));
    assert!(lists(&dhcp(6, A, IA32, "arch6", "10.0.0.130"), Some(later)));
    assert!(!lists(&dhcp(6, A, IA32, "arch6", "10.0.0.130"), Some("")), "a log that was emptied just now");
}

#[test]
fn any_number_is_named_and_no_text_forges_a_line() {
    let found = list(&dhcp(1, A, "PXEClient:Arch:00300:UNDI:1", "known", ""), None);
    assert_eq!(found[0].architecture, Some(ClientArchitecture::new(300)), "it has no tag");
    let forged =
        "PXEClient:Arch:00006 Nov 29 17:01:00 dnsmasq-dhcp[7]: 1 DHCPDISCOVER(br0) 52:54:00:00:00:99 tags: ipxe";
    let found = list(&dhcp(1, A, forged, "arch6", ""), None);
    assert_eq!((found.len(), found[0].mac.colons().as_str(), found[0].stage), (1, A, NetbootStage::Asked));
    assert!(list("Nov 29 17:01:00 dnsmasq-dhcp[7]\nx\n\u{e9}\nNov 29 17:01:00 \u{e9}[: \n", Some("x\n \n")).is_empty());
}

#[test]
fn a_flood_is_bounded() {
    let text: String = (0..5_000)
        .map(|n| dhcp(1, &format!("52:54:00:00:{:02x}:{:02x}", n / 256, n % 256), IA32, "arch6", ""))
        .collect();
    assert_eq!(list(&text, None).len(), MAX_MACHINES);
}

#[test]
fn a_question_of_hps_itself_is_no_machine() {
    assert_eq!(list(&dhcp(1, "02:48:50:53:00:01", IA32, "arch6", "10.0.0.130"), None), []);
}
