// SPDX-License-Identifier: GPL-3.0-or-later
//! Which proxy each scheme has, and how one is written.

use super::*;

fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, ProxyError> {
    Proxies::from_variables(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
}

fn of(variables: &[(&str, &str)], url: &str) -> String {
    let proxies = proxies(variables).unwrap();
    proxies.of(&url.parse().unwrap()).map_or_else(|| "direct".to_owned(), |proxy| format!("{proxy:?}"))
}

#[test]
fn each_scheme_has_its_own_as_curl_has_it() {
    let (http, https) = ("http://m.example/x", "https://m.example/x");
    let (plain, tls) = ("Proxy(Http, p:1)", "direct");
    assert_eq!(of(&[("http_proxy", "http://p:1")], http), plain);
    assert_eq!(of(&[("http_proxy", "http://p:1")], https), tls);
    assert_eq!(of(&[("HTTP_PROXY", "http://p:1")], http), "direct", "a header can name it");
    for name in ["https_proxy", "HTTPS_PROXY"] {
        assert_eq!(of(&[(name, "http://p:1")], http), "direct");
        assert_eq!(of(&[(name, "http://p:1")], https), plain);
    }
    for name in ["all_proxy", "ALL_PROXY"] {
        assert_eq!(of(&[(name, "http://p:1")], http), plain);
        assert_eq!(of(&[(name, "http://p:1"), ("https_proxy", "q:2")], https), "Proxy(Http, q:2)");
        assert_eq!(of(&[(name, "p:1"), ("http_proxy", "")], http), plain, "an empty one is none");
    }
    assert_eq!(of(&[("https_proxy", "a:1"), ("HTTPS_PROXY", "b:2")], https), "Proxy(Http, a:1)");
    for name in ["no_proxy", "NO_PROXY"] {
        assert_eq!(of(&[("http_proxy", "p:1"), (name, "other, example")], http), "direct");
    }
    assert_eq!(of(&[("http_proxy", "p:1"), ("no_proxy", "m.example:8080")], http), plain);
    assert_eq!(of(&[("http_proxy", "p:1"), ("no_proxy", "::1")], "http://[::1]:8/x"), "direct");
}

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
        assert_eq!(of(&[("http_proxy", text)], "http://m.example/"), proxy, "{text}");
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
    let error = proxies(&[("all_proxy", "quic://user:s3cret@p:1")]).unwrap_err().to_string();
    assert!(error.starts_with("all_proxy: \"quic://p:1\" is no proxy") && !error.contains("s3cret"), "{error}");
    // One that is not meant for anything need not be right.
    assert!(proxies(&[("all_proxy", "ftp://p"), ("http_proxy", "p"), ("https_proxy", "p")]).is_ok());
}
