// SPDX-License-Identifier: GPL-3.0-or-later

use super::super::{ClientKind, Discover};
use super::*;

/// A reply to `xid` 7 with these fields.
fn reply(yiaddr: [u8; 4], sname: &[u8], file: &[u8], options: &[u8]) -> Vec<u8> {
    let mut bytes = vec![2, 1, 6, 0];
    bytes.extend(7_u32.to_be_bytes());
    bytes.extend([0; 8]);
    bytes.extend(yiaddr);
    bytes.extend([10, 0, 0, 9, 0, 0, 0, 0, 0x52, 0x54, 0, 0, 0, 1]);
    bytes.resize(SNAME.start, 0);
    bytes.extend(sname);
    bytes.resize(FILE.start, 0);
    bytes.extend(file);
    bytes.resize(COOKIE.start, 0);
    bytes.extend(MAGIC);
    bytes.extend(options);
    bytes
}

fn line(text: &str) -> Option<Line> {
    Some(Line::lossy(text))
}

#[test]
fn an_offer_is_read() {
    let bytes = reply([10, 0, 0, 77], b"tftp", b"pxelinux.0", &[53, 1, 2, 54, 4, 10, 0, 0, 254, 255]);
    let read = Reply::read(&bytes).unwrap();
    assert_eq!(read.xid, 7);
    assert_eq!(read.mac, "52:54:00:00:00:01".parse().unwrap());
    assert_eq!(read.address, Some(Ipv4Addr::new(10, 0, 0, 77)));
    assert_eq!(read.server_identifier, Some(Ipv4Addr::new(10, 0, 0, 254)));
    assert_eq!(read.next_server, Some(Ipv4Addr::new(10, 0, 0, 9)));
    assert_eq!((read.server_name.clone(), read.boot_file.clone()), (line("tftp"), line("pxelinux.0")));
    assert!(!read.is_proxy());
}

#[test]
fn a_proxy_gives_no_address_and_says_what_it_is() {
    let options = [&[53, 1, 2, 60, 9][..], b"PXEClient", &[255]].concat();
    let read = Reply::read(&reply([0; 4], b"", b"", &options)).unwrap();
    assert!(read.is_proxy() && read.address.is_none() && read.boot_file.is_none());
    let options = [&[53, 1, 2, 60, 9][..], b"PXEClient", &[255]].concat();
    assert!(!Reply::read(&reply([10, 0, 0, 77], b"", b"", &options)).unwrap().is_proxy());
}

#[test]
fn options_in_the_fields_of_names_are_read() {
    let file = [&[67, 5][..], b"a.efi", &[255]].concat();
    let sname = [&[66, 3][..], b"one", &[255]].concat();
    let read =
        |overload| Reply::read(&reply([10, 0, 0, 77], &sname, &file, &[52, 1, overload, 53, 1, 2, 255])).unwrap();
    assert_eq!((read(3).server_name, read(3).boot_file), (line("one"), line("a.efi")));
    assert_eq!((read(1).server_name, read(1).boot_file), (line("B?one\u{fffd}"), line("a.efi")));
    assert_eq!(read(2).server_name, line("one"));
}

#[test]
fn parts_of_one_option_are_one_value() {
    let options = [&[53, 1, 2, 67, 3][..], b"a.e", &[67, 2], b"fi", &[255]].concat();
    assert_eq!(Reply::read(&reply([10, 0, 0, 77], b"", b"", &options)).unwrap().boot_file, line("a.efi"));
}

#[test]
fn other_messages_are_no_reply() {
    let good = reply([10, 0, 0, 77], b"", b"", &[53, 1, 2, 255]);
    assert!(Reply::read(&good).is_some());
    for length in 0..HEAD_BYTES {
        assert!(Reply::read(&good[..length]).is_none(), "{length}");
    }
    for (at, value) in [(0, 1), (1, 6), (2, 16), (236, 0), (28, 0x53)] {
        let mut bytes = good.clone();
        bytes[at] = value;
        assert!(Reply::read(&bytes).is_none(), "byte {at}");
    }
    let acknowledged = reply([10, 0, 0, 77], b"", b"", &[53, 1, 5, 255]);
    assert!(Reply::read(&acknowledged).is_none(), "an ACK answers a REQUEST, which HPS never sends");
    let question = Discover { xid: 7, mac: "525400000001".parse().unwrap(), kind: ClientKind::Plain, uuid: [0; 16] };
    assert!(Reply::read(&question.to_bytes()).is_none(), "a question");
}

#[test]
fn lengths_beyond_the_message_end_the_options() {
    for options in [&[53, 1, 2, 67][..], &[53, 1, 2, 67, 255, b'a'], &[53, 1, 2, 52, 1, 3]] {
        assert_eq!(Reply::read(&reply([10, 0, 0, 77], b"", b"", options)).unwrap().boot_file, None);
    }
}

/// Each kind of client says what dnsmasq and other servers tell it by: options 53, 60, 77, 93, 97 and 175.
#[test]
fn a_question_says_what_the_client_is() {
    let mac = "02:48:50:53:00:01".parse().unwrap();
    let of = |kind| {
        let bytes = Discover { xid: 0x0102_0304, mac, kind, uuid: [7; 16] }.to_bytes();
        assert!(bytes.len() >= 300 && bytes[..8] == [1, 1, 6, 0, 1, 2, 3, 4] && bytes[10..12] == [0x80, 0]);
        assert_eq!(bytes[28..34], [2, 0x48, 0x50, 0x53, 0, 1]);
        let mut options = Options::default();
        options.add(&bytes[HEAD_BYTES..]);
        assert_eq!(options.get(53), Some(&[1][..]));
        options
    };
    let plain = of(ClientKind::Plain);
    assert!([60, 77, 93, 97, 175].iter().all(|code| plain.get(*code).is_none()));
    let http = of(ClientKind::Http(16));
    assert_eq!(http.get(60), Some(&b"HTTPClient:Arch:00016:UNDI:003016"[..]));
    assert_eq!((http.exact::<2>(93), http.get(97).map(<[u8]>::len)), (Some([0, 16]), Some(17)));
    let ipxe = of(ClientKind::Ipxe(7));
    assert_eq!(ipxe.get(60), Some(&b"PXEClient:Arch:00007:UNDI:003016"[..]));
    assert!(ipxe.get(77) == Some(&b"iPXE"[..]) && ipxe.get(175).is_some());
    assert!(of(ClientKind::Pxe(0)).get(175).is_none());
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>) {
        let _whatever = Reply::read(&bytes);
    }

    #[test]
    fn any_options_are_answered(sname: [u8; 32], file: [u8; 32], options: Vec<u8>) {
        let _whatever = Reply::read(&reply([10, 0, 0, 77], &sname, &file, &options));
    }
}
