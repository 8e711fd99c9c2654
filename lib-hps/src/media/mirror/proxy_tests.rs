// SPDX-License-Identifier: GPL-3.0-or-later
//! Which proxy each scheme has, and how one is written.

use super::*;

#[test]
fn how_a_proxy_is_written() {
    for (text, proxy) in [
        ("p", "Proxy(Http, p:1080)"),
        ("p:3128", "Proxy(Http, p:3128)"),
        ("http://p:3128/", "Proxy(Http, p:3128)"),
        ("HTTP://p:3128/x?y", "Proxy(Http, p:3128)"),
        ("https://p", "Proxy(Https, p:443)"),
        ("socks://p", "Proxy(Socks(Socks4), p:1080)"),
        ("socks4a://p:9", "Proxy(Socks(Socks4A), p:9)"),
        ("socks5://p", "Proxy(Socks(Socks5), p:1080)"),
        ("socks5h://u:s3cret@p", "Proxy(Socks(Socks5h), p:1080)"),
        ("http://[2001:db8::1]:3128", "Proxy(Http, [2001:db8::1]:3128)"),
        ("[2001:db8::1]", "Proxy(Http, [2001:db8::1]:1080)"),
    ] {
        assert_eq!(format!("{:?}", Proxy::parse("http_proxy", text).unwrap()), proxy, "{text}");
    }
    let with_user = Proxy::parse("http_proxy", "http://us%40er:p%3Ass:x@p:1").unwrap();
    assert_eq!(with_user.user(), Some(("us@er", "p:ss:x")));
    assert_eq!(with_user.for_apt().unwrap(), "http://us%40er:p%3Ass%3Ax@p:1");
    assert_eq!(Proxy::parse("all_proxy", "socks5://p").unwrap().for_apt().unwrap(), "socks5h://p:1080");
    assert_eq!(Proxy::parse("all_proxy", "socks4://p").unwrap().for_apt(), None);
    for bad in
        ["ftp://p:1", "http://", "http://p:0", "http://p:x", "http://p q", "http://u%zz@p", "http://u%0a@p", "::1"]
    {
        assert!(Proxy::parse("http_proxy", bad).is_err(), "{bad}");
    }
}
