// SPDX-License-Identifier: GPL-3.0-or-later
//! Files of older versions, what is written, and bad lines.

use super::*;

#[test]
fn an_old_file_is_read_and_the_rest_has_defaults() {
    let conf =
        HpsConf::parse("# x\nexport HPS_LOG_DIR=\"/var/log/hps\"\nHPS_TFTP_DIR=/tftp\nexport MINE='a b'\n\n").unwrap();
    assert_eq!(conf.dir(Dir::Log), Path::new("/var/log/hps"));
    assert_eq!(conf.dir(Dir::Tftp), Path::new("/tftp"));
    assert_eq!(conf.dir(Dir::Clusters), Path::new("/srv/hps-config/clusters"));
    assert_eq!(conf.syslog(), Some(Path::new("/dev/log")));
}

#[test]
fn what_is_written_is_read_back() {
    let conf = HpsConf::with_base(Path::new("/tmp/lab/")).unwrap().with_service_manager(ServiceManagerSetting::Plain);
    assert_eq!(HpsConf::parse(&conf.to_text()).unwrap(), conf);
    assert_eq!(conf.dir(Dir::Run), Path::new("/tmp/lab/run/hps"));
    assert_eq!(conf.syslog(), Some(Path::new("/tmp/lab/dev/log")));
    let silent = HpsConf::parse("export HPS_SYSLOG=\"none\"\n").unwrap();
    assert_eq!((silent.syslog(), HpsConf::parse(&silent.to_text()).unwrap()), (None, silent.clone()));
    assert_eq!(silent.ksvalidator(), Path::new("/usr/local/bin/ksvalidator"));
    let own = HpsConf::parse("HPS_KSVALIDATOR=/opt/pykickstart/bin/ksvalidator\n").unwrap();
    assert_eq!(HpsConf::parse(&own.to_text()).unwrap().ksvalidator(), Path::new("/opt/pykickstart/bin/ksvalidator"));
}

#[test]
fn folders_that_are_not_below_the_common_base_are_found() {
    let lab = HpsConf::with_base(Path::new("/lab")).unwrap().to_text();
    let without: String = lab.lines().filter(|l| !l.contains("HPS_STATE_DIR")).map(|l| format!("{l}\n")).collect();
    let strays = |text: &str| {
        let conf = HpsConf::parse(text).unwrap();
        conf.strays(text).into_iter().map(|(name, path)| format!("{name} {}", path.display())).collect::<Vec<_>>()
    };
    assert_eq!(strays(&without), ["HPS_STATE_DIR /srv/hps-config/state"]);
    assert!(strays(&lab).is_empty());
    assert!(strays("HPS_DISTROS_DIR=/big/distros\nHPS_LOG_DIR=/srv/log\n").is_empty(), "an ordinary system");
    assert!(strays("").is_empty());
}

#[test]
fn a_bad_line_is_named() {
    for (text, line, word) in [
        ("\nexport HPS_LOG_DIR=\"$HOME/x\"", 2, "not plain"),
        ("HPS_LOG_DIR=log", 1, "absolute"),
        ("HPS_LOG_DIR=/a/../b", 1, "without .."),
        ("rm -rf /", 1, "NAME"),
        ("A B=1", 1, "variable name"),
        ("HPS_LOG_DIR=/a b", 1, "not plain"),
        ("HPS_SYSLOG=off", 1, "absolute"),
        ("HPS_KSVALIDATOR=ksvalidator", 1, "absolute"),
        ("HPS_SERVICE_MANAGER=runit", 1, "supervisord"),
        ("MINE=1\nHPS_STATE_DIRR=/lab/state", 2, "did you mean HPS_STATE_DIR?"),
        ("HPS_LOG_DIR=\"/a\"; rm x", 1, "not plain"),
    ] {
        let error = HpsConf::parse(text).unwrap_err();
        assert_eq!(error.line, line, "{text}");
        assert!(error.problem.contains(word), "{text}: {error}");
    }
}

#[test]
fn the_debian_package_installs_the_defaults() {
    let text = HpsConf::with_base(Path::new("/")).unwrap().to_text();
    crate::golden::golden("../../packaging/files", "hps.conf", &text);
}
