// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state arm`, `reinstall`, `window`, `pending`, `explain` and `render`.

use crate::PROGRAM;
use crate::support::{Node, SERVER};

const MAC: &str = "52:54:00:00:00:01";
const TREE: &str = "srv/hps-resources/distros/x86_64-linux-rockylinux-10.1";
const ROCKY: &str = "x86_64-linux-rockylinux-10.1";

/// What looks like a published tree: enough for a script, not for an installation.
fn publish(node: &Node) {
    std::fs::create_dir_all(node.path(TREE).join("images/pxeboot")).unwrap();
    for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        std::fs::write(node.path(TREE).join(name), "x").unwrap();
    }
}

/// A lease that makes this node's own address the machine's, as dnsmasq would write it.
fn lease(node: &Node, mac: &str) {
    let line = format!("1795341600 {mac} {SERVER} * {mac}\n");
    std::fs::write(node.path("srv/hps-config/state/dnsmasq.leases"), line).unwrap();
}

fn boot(node: &Node, mac: &str, claims: &str) -> String {
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={mac}{claims}");
    node.run("curl", &["-sS", &url]).out
}

#[test]
fn many_are_armed_or_none() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC, "--type", "SCH"]).done();
    let before = node.snapshot("srv/hps-config/clusters/lab");
    let dry = host_state(&["arm", "sch-001", "52:54:00:00:00:02", "--type", "SCH", "--dry-run"]);
    assert_eq!(dry.code, 10, "{}", dry.err);
    assert!(dry.out.contains("sch-001 would be armed: SCH STORAGESINGLE with x86_64-linux-"), "{}", dry.out);
    assert_eq!(dry.out.lines().count(), 2, "{}", dry.out);
    host_state(&["arm", "sch-001", "52:54:00:00:00:02"]).fails(3, &["52:54:00:00:00:02 has no type on record"]);
    host_state(&["arm", "sch-001", "52:54:00:00:00:02", "--type", "SCH", "--wipe", "S1"])
        .fails(3, &["--wipe names a disk of one host"]);
    assert_eq!(node.snapshot("srv/hps-config/clusters/lab"), before, "nothing was written");
    // The type of the record is enough.
    let json = host_state(&["arm", "sch-001", "--dry-run", "--json"]);
    assert!(json.code == 10 && json.out.contains("\"host\": \"sch-001\""), "{}{}", json.out, json.err);
    let armed = host_state(&["arm", "sch-001"]);
    assert!(armed.out.starts_with("sch-001 (52:54:00:00:00:01, 10.99.0.2) is armed: SCH STORAGESINGLE with "));
    assert!(armed.code == 0 && armed.out.lines().count() == 1 && !armed.err.contains("replaces"), "{}", armed.err);
    assert!(host_state(&["list"]).out.contains("armed for"));
    let again = host_state(&["arm", "sch-001"]);
    assert!(again.err.contains("sch-001: this replaces the permission given by"), "{}", again.err);
}

#[test]
fn who_may_wipe_what_is_shown_wherever_the_permission_is() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC, "--type", "SCH"]).done();
    host_state(&["arm", "sch-001", "--wipe", "S3Z8", "--expires", "2h", "--reason", "new disk"]).done();
    let show = host_state(&["show", "sch-001"]).out;
    assert!(show.contains(", may wipe S3Z8, given by ") && show.contains(": new disk\n"), "{show}");
    assert!(host_state(&["list"]).out.contains("h, may wipe S3Z8\n"), "{}", host_state(&["list"]).out);
    let history = || host_state(&["history", "sch-001"]).out;
    let armed = history();
    let line = armed.lines().last().unwrap();
    for part in [" armed: SCH STORAGESINGLE with x86_64-linux-", ", until 20", ", may wipe S3Z8: new disk, "] {
        assert!(line.contains(part), "{part} in {line}");
    }
    // Each time, although nothing else of the record changes.
    host_state(&["arm", "sch-001"]).done();
    assert_eq!(history().lines().count(), armed.lines().count() + 1);
    let show = host_state(&["show", "sch-001"]).out;
    assert!(show.lines().any(|l| l.starts_with("permission ") && l.ends_with(" with host-state")), "{show}");
    host_state(&["disarm", "sch-001"]).done();
    assert!(history().contains(" CONFIGURED disarmed: given by "), "{}", history());
    host_state(&["arm", "sch-001", "--expires", "1s"]).done();
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    assert!(host_state(&["list"]).out.contains("permission expired "), "{}", host_state(&["list"]).out);
}

#[test]
fn a_new_installation_names_its_disk() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC, "--type", "SCH"]).done();
    host_state(&["set", "sch-001", "state=INSTALLED"]).done();
    host_state(&["reinstall", "sch-001"])
        .fails(3, &["sch-001: name the disk", "--wipe SERIAL", "no disk of it is on record"]);
    let record = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    let text = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, text.replace("state = ", "system_disks = [\"S3Z8\"]\nstate = ")).unwrap();
    host_state(&["reinstall", "sch-001"]).fails(3, &["its last installation used: S3Z8"]);
    assert!(host_state(&["show", "sch-001"]).out.contains("installed on    S3Z8\n"));
    let wrong = host_state(&["reinstall", "sch-001", "--wipe", "WRONG"]);
    assert!(
        wrong.code == 0 && wrong.err.contains("--wipe names WRONG, and its last installation used: S3Z8"),
        "{}",
        wrong.err
    );
    host_state(&["reinstall", "sch-001", "--wipe", "S3Z8", "--distro", "x86_64-linux-debian-11"])
        .fails(3, &["debian-11 cannot be installed"]);
    let armed = host_state(&["reinstall", "sch-001", "--wipe", "S3Z8", "--reason", "new release", "--json"]);
    assert_eq!(armed.code, 0, "{}", armed.err);
    assert!(armed.out.contains("\"S3Z8\""), "{}", armed.out);
    let file = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab/permissions/525400000001.toml")).unwrap();
    let last = host_state(&["history", "sch-001", "--lines", "1"]).out;
    assert!(last.contains(" INSTALLED reinstall: SCH ") && last.contains("may wipe S3Z8: new release"), "{last}");
    assert!(!armed.err.contains("its last installation used"), "{}", armed.err);
    assert!(!armed.err.contains("start from the network once"), "the network is first: {}", armed.err);
    let cluster = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&cluster).unwrap();
    assert!(text.contains("\norder = \"network\""), "{text}");
    std::fs::write(&cluster, text.replace("order = \"network\"", "order = \"disk\"")).unwrap();
    let armed = host_state(&["reinstall", "sch-001", "--wipe", "S3Z8", "--dry-run"]);
    let once = "so have it start from the network once: the key for the boot menu of its firmware (often F12), ipmitool chassis bootdev pxe options=efiboot, or on the host efibootmgr --bootnext";
    assert!(armed.err.contains(once), "{}", armed.err);
    let new = host_state(&["arm", "52:54:00:00:00:02", "--type", "SCH", "--dry-run"]);
    assert!(!new.err.contains(once), "a machine without a system starts from the network by itself: {}", new.err);
    assert!(file.contains("wipe = [\"S3Z8\"]") && file.contains("require_blank = false"), "{file}");
}

#[test]
fn in_a_window_a_new_machine_is_installed_and_one_that_was_installed_is_not() {
    let node = Node::new(PROGRAM);
    node.configure(&["--enrolment", "armed", "--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    lease(&node, MAC);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    assert!(boot(&node, MAC, "&serial=S1&product=R640").contains("Nobody has permitted"));
    let waiting = host_state(&["pending"]).out;
    assert!(
        waiting.contains(MAC) && waiting.contains("unknown machine") && waiting.contains("product=R640"),
        "{waiting}"
    );

    let dry = host_state(&[
        "window",
        "open",
        "--type",
        "SCH",
        "--for",
        "2h",
        "--product",
        "R640",
        "--name",
        "rack7",
        "--dry-run",
    ]);
    assert_eq!(dry.code, 10, "{}", dry.err);
    assert!(host_state(&["window", "list"]).out.is_empty());
    let open = ["window", "open", "--type", "SCH", "--for", "2h"];
    let open = |more: &[&str]| host_state(&[&open, more].concat());
    assert_eq!(open(&["--name", "rack7"]).code, 2, "which machines?");
    assert_eq!(open(&["--name", "rack7", "--any", "--product", "R640"]).code, 2);
    let opened = open(&["--product", "R640", "--name", "rack7"]);
    let said = "window rack7: until 20";
    assert!(opened.code == 0 && opened.out.starts_with(said) && opened.out.contains("product=R640"), "{}", opened.out);
    open(&["--any", "--name", "rack7"]).fails(3, &["there is a window called rack7"]);
    let tie = open(&["--product", "R640", "--name", "rack8"]);
    assert!(tie.code == 0 && tie.err.contains("window rack7 means the same machines"), "{}", tie.err);
    assert_eq!(host_state(&["window", "close", "rack8", "--dry-run"]).code, 10);
    assert!(host_state(&["window", "list"]).out.contains("rack8"));
    host_state(&["window", "close", "rack8"]).done();
    let other = open(&["--any", "--name", "all", "--dry-run"]);
    assert!(other.code == 10 && !other.err.contains("same machines"), "{}", other.err);
    assert!(host_state(&["window", "list"]).out.contains("rack7"));

    assert!(boot(&node, MAC, "&product=other").contains("Nobody has permitted"));
    let script = boot(&node, MAC, "&product=R640");
    assert!(script.contains("menu_item=enrol"), "{script}");
    assert!(host_state(&["list"]).out.lines().count() <= 1, "asking moves nothing");
    let url =
        format!("http://{SERVER}/cgi-bin/boot_manager?cmd=process_menu_item&mac={MAC}&menu_item=enrol&product=R640");
    let script = node.run("curl", &["-sS", &url]).out;
    assert!(script.contains("inst.ks="), "{script}");
    assert!(host_state(&["list"]).out.contains("sch-001"));
    assert!(host_state(&["pending"]).out.is_empty());
    let why = host_state(&["explain", "sch-001"]).out;
    assert!(why.contains("given by window rack7"), "{why}");
    let show = host_state(&["show", "sch-001"]).out;
    assert!(show.contains("given by window rack7 of ") && show.contains("enrolled: by window rack7"), "{show}");
    assert!(host_state(&["list"]).out.contains("  armed by window rack7 for "), "{}", host_state(&["list"]).out);
    assert!(host_state(&["show", "sch-001", "--json"]).out.contains("\"source\": \"window\""));

    // Another one of the same product, which was installed in its life.
    let other = "52:54:00:00:00:02";
    host_state(&["add", other, "--type", "SCH"]).done();
    host_state(&["set", "sch-002", "state=INSTALLED"]).done();
    host_state(&["set", "sch-002", "state=UNCONFIGURED"]).done();
    lease(&node, other);
    let script = boot(&node, other, "&product=R640");
    assert!(script.contains("sanboot") && !script.contains("enrol"), "{script}");

    host_state(&["window", "close", "rack7"]).done();
    host_state(&["window", "close", "rack7"]).fails(4, &["rack7"]);
}

/// What a person reads who asks why, for a host in each state; and that it is the boot manager's own decision.
#[test]
fn explain_says_what_is_served_and_what_to_do() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    lease(&node, MAC);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let explain = |wanted: &str, answer: &str, served: &str| {
        let text = host_state(&["explain", MAC]).out;
        assert!(text.contains(wanted), "{wanted} in {text}");
        assert_eq!(text.matches("<- this decides").count(), 1, "{text}");
        let json = host_state(&["explain", MAC, "--json"]).out;
        assert!(json.contains(&format!("\"answer\": \"{answer}\"")), "{json}");
        let script = boot(&node, MAC, "");
        assert!(script.contains(served), "{served} in {script}");
        text
    };
    explain("there is none", "menu", "item --key i");
    assert!(host_state(&["pending"]).out.contains("new machine, nothing chosen"));
    host_state(&["arm", MAC, "--type", "SCH", "--reason", "first host"]).done();
    let text = explain("is not published on this node", "stop", "is not published");
    assert!(text.contains("(first host)"), "{text}");
    publish(&node);
    let text = explain("a live permission gives the installer", "install", "inst.ks=");
    assert!(text.contains("sch-001 is CONFIGURED, SCH STORAGESINGLE, 10.99.0.2"), "{text}");
    assert!(text.contains("taken to be the host itself; --from ADDRESS"), "{text}");
    assert!(text.contains("permissions/525400000001.toml") && text.contains("host-state disarm sch-001"), "{text}");
    host_state(&["set", "sch-001", "state=FAILED", "reason=disk full"]).done();
    explain("host-state log sch-001", "menu", "disk full");
    host_state(&["set", "sch-001", "state=INSTALLED"]).done();
    let text = explain("boots its disk where no live permission says otherwise", "local_boot", "sanboot");
    assert!(
        text.contains("host-state reinstall sch-001 --wipe SERIAL") && text.contains("ever-installed/525400000001"),
        "{text}"
    );
    host_state(&["set", "sch-001", "state=REINSTALL"]).done();
    let text = explain("was installed", "local_boot", "sanboot");
    assert!(text.contains("Somebody at its console asked for that"), "{text}");
    let foreign = host_state(&["explain", MAC, "--from", "10.99.0.77", "--json"]);
    assert!(foreign.out.contains("local_boot"), "{}", foreign.out);
    std::fs::write(node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml"), "version = 1\nmacs = 3\n")
        .unwrap();
    let text = explain("line 2", "local_boot", "sanboot");
    assert!(text.contains("hosts/525400000001.toml") && text.contains("host-state check"), "{text}");
}

/// A person who asks while the installer runs is not told to switch the machine on.
#[test]
fn explain_says_that_an_installation_runs() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    lease(&node, MAC);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let script = boot(&node, MAC, "");
    let url = script.split_whitespace().find_map(|w| w.strip_prefix("inst.ks=")).unwrap().to_owned();
    assert!(node.run("curl", &["-sS", &url]).out.contains("%pre"));
    let explain = || node.run("host-state", &["explain", "sch-001"]).out;
    let text = explain();
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("sch-001 (52:54:00:00:00:01) is being installed now: attempt 1, 1 of 3"), "{text}");
    assert!(first.contains("; begun since 20") && !text.contains("Switch it on"), "{text}");
    let record = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    let before = std::fs::read_to_string(&record).unwrap();
    let since = before.lines().find(|line| line.starts_with("since = ")).unwrap();
    std::fs::write(&record, before.replace(since, "since = \"2026-01-01T00:00:00Z\"")).unwrap();
    let text = explain();
    assert!(text.lines().next().unwrap().contains("STALLED in begun for ") && text.contains("To give up: "), "{text}");
}

/// Only a machine that asked, that has no system and that nothing installs by itself waits for a person.
#[test]
fn who_waits_and_who_does_not() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let pending = || host_state(&["pending"]).out;
    let unconfigured = |name: &str| host_state(&["set", name, "state=UNCONFIGURED"]).done();
    host_state(&["add", "52:54:00:00:00:02", "--type", "SCH"]).done();
    unconfigured("sch-001");
    assert_eq!(pending(), "", "added by hand, and it never asked");
    lease(&node, MAC);
    boot(&node, MAC, "");
    assert!(pending().contains("nothing chosen"), "{}", pending());
    // A window installs it without anybody's help.
    host_state(&["window", "open", "--type", "SCH", "--for", "2h", "--any", "--name", "rack7"]).done();
    assert_eq!(pending(), "");
    host_state(&["window", "close", "rack7"]).done();
    assert!(pending().contains(MAC));
    host_state(&["set", MAC, "state=INSTALLED"]).done();
    host_state(&["set", MAC, "state=UNCONFIGURED"]).done();
    assert_eq!(pending(), "", "it has a system");
    // Armed with no disk named, its console can still request that; a permission that names one grants it.
    host_state(&["arm", MAC, "--type", "SCH"]).done();
    assert_eq!(pending(), "");
    let url =
        format!("http://{SERVER}/cgi-bin/boot_manager?cmd=process_menu_item&mac={MAC}&menu_item=force_install_on");
    node.run("curl", &["-sS", &url]).done();
    assert!(pending().contains("asks that a disk may be wiped"), "{}", pending());
    host_state(&["arm", MAC, "--type", "SCH", "--wipe", "S1"]).done();
    assert_eq!(pending(), "");
}

#[test]
fn what_is_rendered_is_what_is_served() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    lease(&node, MAC);
    let render = |part: &str, more: &[&str]| {
        let mut arguments = vec!["render", MAC, "--part", part];
        arguments.extend(more);
        node.run("host-state", &arguments)
    };
    let same_script = |what: &str| {
        // A ticket changes with the full hour: whoever meets it asks again.
        let equal = (0..2).any(|_| render("boot", &["--secrets"]).out == boot(&node, MAC, ""));
        assert!(equal, "{what}: {} is not {}", render("boot", &["--secrets"]).out, boot(&node, MAC, ""));
    };
    boot(&node, MAC, "");
    same_script("menu");
    render("answer", &[]).fails(4, &["nothing permits"]);
    render("dhcp", &[]).fails(4, &["no address"]);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    same_script("installer");
    let before = node.snapshot("srv/hps-config/clusters/lab");
    let would_be = render("answer", &["--secrets"]);
    would_be.done();
    assert_eq!(node.snapshot("srv/hps-config/clusters/lab"), before, "rendering changes nothing");
    assert!(would_be.out.contains("%pre") && would_be.out.contains("attempt 1"), "{}", would_be.out);

    let script = boot(&node, MAC, "");
    let url = script.split_whitespace().find_map(|w| w.strip_prefix("inst.ks=")).unwrap().to_owned();
    let served = node.run("curl", &["-sS", &url]).out;
    assert_eq!(render("answer", &["--secrets"]).out, served);
    let masked = render("answer", &[]).out;
    assert!(!masked.contains("-179") && masked.contains("HPS_TOKEN='********'"), "{masked}");
    same_script("the second attempt");
    let entry = std::fs::read_to_string(node.path("srv/hps-config/services/dhcp-hosts.lab/525400000001")).unwrap();
    assert_eq!(render("dhcp", &[]).out, entry);
    let all = node.run("host-state", &["render", MAC]).out;
    assert!(
        all.contains("### boot script") && all.contains("### answer file") && all.contains("### DHCP entry"),
        "{all}"
    );
}

/// A sender is known by the kernel's neighbour entry for its address, and told apart from another one.
#[test]
fn the_kernel_says_who_has_an_address() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let explain = |from: &str| node.run("host-state", &["explain", MAC, "--from", from]).out;
    assert!(explain("10.99.0.2").contains("by its reserved address"));
    assert!(explain("10.99.0.50").contains("nothing proves"));
    for (address, mac) in [("10.99.0.50", MAC), ("10.99.0.51", "52:54:00:00:00:07")] {
        node.run("ip", &["neighbour", "add", address, "lladdr", mac, "dev", "br0", "nud", "permanent"]).done();
    }
    let text = explain("10.99.0.50");
    assert!(text.contains("by the kernel's neighbour table"), "{text}");
    let text = explain("10.99.0.51");
    assert!(text.contains("comes from the address of 525400000007"), "{text}");
}

#[test]
fn a_removal_ends_what_rules_and_windows_permit_too() {
    let node = Node::new(PROGRAM);
    node.configure(&["--enrolment", "armed", "--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    lease(&node, MAC);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["window", "open", "--type", "SCH", "--for", "2h", "--any", "--name", "all"]).done();
    host_state(&["window", "open", "--type", "SCH", "--for", "2h", "--mac-prefix", "52:54:00", "--name", "some"])
        .done();
    // The operator's permission stands in front of both.
    host_state(&["arm", MAC, "--type", "SCH"]).done();
    host_state(&["rm", MAC]).done();
    let script = boot(&node, MAC, "");
    assert!(script.contains("Nobody has permitted"), "{script}");
}

#[test]
fn what_a_rule_permits_is_shown_until_it_is_used_up() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let rule = "\n[[rule]]\nname = \"rack 9\"\nmac_prefix = \"52:54:00\"\ntype = \"SCH\"\n";
    std::fs::write(&file, format!("{text}{rule}")).unwrap();
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC, "--type", "SCH"]).done();
    let show = || host_state(&["show", "sch-001"]).out;
    assert!(show().contains("given by rule rack 9: mac_prefix="), "{}", show());
    assert!(host_state(&["list"]).out.contains("  armed by rule rack 9\n"), "{}", host_state(&["list"]).out);
    // As at the menu, with the state that says so it ends.
    let set = host_state(&["set", "sch-001", "state=UNCONFIGURED"]);
    assert!(set.code == 0 && set.out.contains("given by rule rack 9"), "{}", set.out);
    let show = show();
    assert!(show.contains("permission      none\n") && show.contains("disarmed: state set by hand"), "{show}");
    assert!(show.contains("type            -\n") && show.contains("profile         -\n"), "{show}");
    // Two that contradict each other are said.
    let open = ["window", "open", "--type", "SCH", "--for", "2h", "--mac-prefix", "52:54:00", "--name", "now"];
    let opened = host_state(&open);
    assert!(opened.code == 0 && opened.err.contains("rule rack 9 means the same machines"), "{}", opened.err);
    host_state(&["add", "52:54:00:00:00:02"]).done();
    let show = host_state(&["show", "52:54:00:00:00:02"]).out;
    assert!(show.contains("permission      none: rule rack 9 and window now of "), "{show}");
}

/// The MAC that joins has a permission of its own, and was installed: both permissions end, and both are shown.
#[test]
fn macs_that_end_a_permission_say_so() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let other = "52:54:00:00:00:02";
    host_state(&["arm", MAC, "--type", "SCH"]).done();
    host_state(&["arm", other, "--type", "SCH", "--wipe", "D2"]).done();
    // Its record goes, and a permission of it is there, as an older version could leave it.
    let permission = node.path("srv/hps-config/clusters/lab/permissions/525400000002.toml");
    let mut text = std::fs::read_to_string(&permission).unwrap();
    let digit = text.find("id = \"").unwrap() + 6;
    text.replace_range(digit..=digit, if text[digit..].starts_with('a') { "b" } else { "a" });
    host_state(&["rm", other]).done();
    std::fs::write(&permission, text).unwrap();
    node.run("chmod", &["0640", &permission.display().to_string()]).done();
    std::fs::write(node.path("srv/hps-config/state/ever-installed/525400000002"), "2026-01-01T00:00:00Z lab\n")
        .unwrap();
    let set =
        |more: &[&str]| host_state(&[&["set", "sch-001", "macs=52:54:00:00:00:01,52:54:00:00:00:02"], more].concat());
    let dry = set(&["--dry-run"]);
    assert_eq!(dry.code, 10, "{}", dry.err);
    for part in [
        "the permission of 52:54:00:00:00:02 given by ",
        " ends: its machine became a part of another host\n",
        " ends: the host got other MACs, and with them other marks of installations\n",
    ] {
        assert!(dry.out.contains(part), "{part}: {}", dry.out);
    }
    let json = set(&["--json", "--dry-run"]);
    assert_eq!(json.out.matches("\"given_by\"").count(), 2, "{}", json.out);
    let done = set(&["--json"]);
    assert!(done.code == 0 && done.out.contains("\"ended_permissions\": ["), "{}{}", done.out, done.err);
    assert_eq!(done.out.matches("\"given_by\"").count(), 2, "{}", done.out);
    assert_eq!(host_state(&["history", "sch-001"]).out.matches(" disarmed: ").count(), 2);
    // Nor does what ended come back with the MACs of before.
    host_state(&["unset", "sch-001", "macs"]).done();
    let explain = host_state(&["explain", "sch-001"]).out;
    assert!(explain.contains("it is used up (the host got other MACs"), "{explain}");
}

/// As between the installation of the new programs and `reload`: the marks of the older version lie in the cluster, and its boot manager
/// reads them alone.
#[test]
fn marks_of_an_older_version_are_made_in_both_places() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let (new, old) = (node.path("srv/hps-config/state/spent"), node.path("srv/hps-config/clusters/lab/spent"));
    host_state(&["arm", MAC, "--type", "SCH"]).done();
    std::fs::rename(&new, &old).unwrap();
    host_state(&["disarm", MAC]).done();
    let names = |folder: &std::path::Path| {
        let entries = std::fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!((names(&new).len(), names(&new)), (1, names(&old)));
    // Those of a cluster that is not active are brought too, one that cannot be read among them.
    let other = node.path("srv/hps-config/clusters/other/spent");
    std::fs::create_dir_all(&other).unwrap();
    let (good, bad) = ("0".repeat(32), "1".repeat(32));
    std::fs::write(other.join(&good), "disarmed\n").unwrap();
    std::fs::create_dir(other.join(&bad)).unwrap();
    node.run("reload", &[]).done();
    assert!(names(&new).is_superset(&[good, bad].into()), "{:?}", names(&new));
}

/// Nobody knows then which permissions had ended.
#[test]
fn lost_marks_end_every_permission() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["arm", MAC, "--type", "SCH", "--wipe", "D1"]).done();
    host_state(&["window", "open", "--any", "--type", "SCH", "--for", "2h"]).done();
    std::fs::remove_dir_all(node.path("srv/hps-config/state/spent")).unwrap();
    // Of the web server's user: it is in nobody's way.
    std::fs::create_dir(node.path("srv/hps-config/clusters/lab/menu-permissions/525400000009.toml")).unwrap();
    for command in [&["arm", MAC, "--type", "SCH"][..], &["disarm", MAC]] {
        host_state(command).fails(1, &["state/spent: is not there", "reload"]);
    }
    let found = host_state(&["check"]).out;
    assert!(found.contains("state/spent: is not there: no permission counts"), "{found}");
    let reload = node.run("reload", &[]);
    assert_eq!(reload.code, 1, "{reload:?}");
    assert!(
        reload.err.contains("state/spent: was missing")
            && reload.err.contains("removed all 3 entries of permissions and windows"),
        "{reload:?}"
    );
    let explain = host_state(&["explain", MAC]).out;
    assert!(explain.contains("permission     there is none"), "{explain}");
    node.run("reload", &[]).done();
    host_state(&["arm", MAC, "--type", "SCH"]).done();
}

/// The ids of what rules permit follow from the key.
#[test]
fn another_site_key_revives_no_rule() {
    const KEY: &str = "srv/hps-config/state/site.key";
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let rule = "\n[[rule]]\nname = \"rack 9\"\nmac_prefix = \"52:54:00\"\ntype = \"SCH\"\n";
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + rule).unwrap();
    node.run("reload", &[]).done();
    node.run("host-state", &["disarm", MAC]).done();
    std::fs::remove_file(node.path(KEY)).unwrap();
    let found = node.run("host-state", &["check"]).out;
    assert!(found.contains("site.key") && found.contains("run reload, which makes another"), "{found}");
    let reload = node.run("reload", &[]);
    assert_eq!(reload.code, 1, "{reload:?}");
    assert!(reload.err.contains("site.key: was missing, and reload made a new one"), "{reload:?}");
    let explain = node.run("host-state", &["explain", MAC]).out;
    assert!(explain.contains("used up (the site key"), "{explain}");
    node.run("reload", &[]).done();
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
}
