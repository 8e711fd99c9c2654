// SPDX-License-Identifier: GPL-3.0-or-later
//! Conversations without a terminal.

use super::super::machine::Machine;
use super::super::plan::Plan;
use super::*;
use hps::exec::ip::Interface;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin@site";

fn interface(name: &str, addresses: &[&str]) -> Interface {
    Interface { name: name.parse().unwrap(), addresses: addresses.iter().map(|a| a.parse().unwrap()).collect() }
}

fn session(plan: Plan) -> Session {
    let interfaces = vec![interface("eth1", &["10.20.0.1/16"]), interface("eth2", &[])];
    let mut machine = Machine::default();
    (machine.interfaces, machine.keys) = (interfaces, vec![KEY.parse().unwrap()]);
    let mut draft = Draft::new(plan, None, machine, true);
    draft.must_be_there = true;
    Session::new(draft)
}

/// Answers questions until this one is next.
fn up_to(session: &mut Session, question: Question) {
    while session.question() != Some(question) {
        let at = session.question();
        assert!(matches!(session.take(""), Outcome::Taken(_)), "{at:?} has a default");
    }
}

fn refused(session: &mut Session, text: &str) -> String {
    match session.take(text) {
        Outcome::Refused(why) => why,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn enter_at_each_question_makes_a_cluster() {
    let mut session = session(Plan::default());
    let mut asked = 0;
    while session.question().is_some() {
        assert!(matches!(session.take(""), Outcome::Taken(_)));
        asked += 1;
    }
    let cluster = session.draft.cluster().unwrap();
    assert_eq!((asked, cluster.name.as_str()), (18, "site1"));
    assert_eq!(cluster.install.enrolment, hps::config::Enrolment::Armed);
    let ranges = (cluster.network.host_range.to_string(), cluster.network.dhcp_range.to_string());
    assert_eq!(ranges, ("10.20.1.1-10.20.127.254".to_owned(), "10.20.128.1-10.20.255.254".to_owned()));
}

#[test]
fn a_wrong_answer_is_refused_when_it_is_given() {
    let mut session = session(Plan::default());
    for (question, text, word) in [
        (Question::Name, "a b", "cluster name"),
        (Question::Interface, "eth9", "there are: eth1 (10.20.0.1/16), eth2 (no address)"),
        (Question::Interface, "7", "interface 7 is not on this machine"),
        (Question::Address, "10.30.0.1/24", "ip address add 10.30.0.1/24 dev eth1"),
        (Question::Address, "10.30.0.1", "10.30.0.1/24"),
        (Question::Address, "eth1", "such as 10.0.0.1/24"),
        (Question::Gateway, "10.21.0.1", "10.20.0.0/16"),
        (Question::Gateway, "10.20.0.1", "than 10.20.0.1"),
        (Question::HostRange, "10.21.0.1-10.21.0.9", "outside the host addresses of 10.20.0.0/16"),
        (Question::HostRange, "10.20.0.0-10.20.0.9", "outside"),
        (Question::HostRange, "10.20.0.1-10.20.0.9", "this node's own address"),
        (Question::DhcpRange, "10.20.2.1-10.20.2.9", "overlaps Addresses reserved for hosts"),
        (Question::Domain, "site .internal", "domain"),
        (Question::Dns, "10.20.0.300", "10.20.0.300"),
        (Question::Timezone, "Mars/Base", "/usr/share/zoneinfo"),
        (Question::StorageNetworks, "6", "0 to 5"),
        (Question::System, "debian-11", "debian"),
        (Question::Disks, "many", "mirror-raid"),
        (Question::SshKey, "-----BEGIN OPENSSH PRIVATE KEY-----", "private key"),
        (Question::Enrolment, "3", "menu"),
        (Question::Enrolment, "\u{1b}[A", "arrow"),
    ] {
        up_to(&mut session, question);
        let why = refused(&mut session, text);
        assert!(why.contains(word), "{text}: {why}");
        assert_eq!(session.question(), Some(question), "the same question again");
    }
}

#[test]
fn an_address_without_its_prefix_is_that_of_the_interface() {
    let mut session = session(Plan::default());
    up_to(&mut session, Question::Address);
    assert_eq!(session.take("10.20.0.1"), Outcome::Taken(Question::Address));
    assert_eq!(session.draft.address().unwrap().to_string(), "10.20.0.1/16");
}

#[test]
fn a_list_takes_the_number_and_the_word() {
    for text in ["2", "menu"] {
        let mut session = session(Plan::default());
        up_to(&mut session, Question::Enrolment);
        assert_eq!(session.take(text), Outcome::Taken(Question::Enrolment));
        assert_eq!(session.draft.enrolment(), hps::config::Enrolment::Menu, "{text}");
    }
}

/// What no longer fits is asked again with a new default; what fits stays.
#[test]
fn back_keeps_answers_that_still_fit() {
    let mut session = session(Plan::default());
    assert_eq!(session.take("<"), Outcome::AtStart);
    session.take("rack7");
    up_to(&mut session, Question::HostRange);
    session.take("10.20.1.1-10.20.1.9");
    assert_eq!((session.take("back"), session.take(" < ")), (Outcome::Back, Outcome::Back));
    assert_eq!(session.question(), Some(Question::Gateway));
    session.take("10.20.1.5");
    assert_ne!(session.draft.default_text(Question::HostRange).unwrap(), "10.20.1.1-10.20.1.9");
    session.take("<");
    session.take("none");
    up_to(&mut session, Question::HostRange);
    session.take("10.20.3.1-10.20.3.9");
    session.take("<");
    assert_eq!(session.draft.default_text(Question::HostRange).unwrap(), "10.20.3.1-10.20.3.9");
    assert_eq!(session.draft.name().unwrap().as_str(), "rack7");
}

#[test]
fn what_a_flag_decided_is_not_asked_and_not_contradicted() {
    let plan = Plan { host_range: Some("10.20.0.20-10.20.0.99".parse().unwrap()), ..Plan::default() };
    let mut session = session(plan);
    up_to(&mut session, Question::Gateway);
    assert!(refused(&mut session, "10.20.0.50").contains("--host-range"));
    session.take("");
    assert_eq!(session.question(), Some(Question::DhcpRange), "the other range is given");
    assert!(refused(&mut session, "10.20.0.90-10.20.0.120").contains("--host-range"));
}

#[test]
fn the_mode_of_dhcp_is_asked_where_another_server_answers() {
    let mut session = session(Plan::default());
    up_to(&mut session, Question::Gateway);
    let other = "10.20.0.254".parse().unwrap();
    session.hear(vec![other]);
    assert_eq!((session.question(), session.progress()), (Some(Question::Dhcp), (4, 19)));
    session.take("beside");
    assert_eq!(session.draft.other_dhcp_servers(), vec![other]);
    session.take("<");
    session.take("proxy");
    assert!(session.draft.other_dhcp_servers().is_empty());
    assert_eq!(session.draft.dhcp(), hps::config::DhcpMode::Proxy);
}

#[test]
fn help_is_one_line_and_asks_again() {
    let mut session = session(Plan::default());
    assert!(matches!(session.take("?"), Outcome::Help(help) if !help.contains('\n')));
    assert_eq!(session.question(), Some(Question::Name));
}
