// SPDX-License-Identifier: GPL-3.0-or-later
//! The wire, request by request, on a real store in a temporary folder.

use crate::config::{Cluster, Dir, HpsConf};
use crate::host::{Event, Grant, HostState, Permission, PermissionId, PermissionSource};
use crate::manager::{Body, LARGEST_BODY, Request, Response, handle};
use crate::store::{Paths, Role, Store, activate, make_dir, save_cluster};
use crate::types::{HostType, Line, MacAddr, Profile, Timestamp};

const MAC: &str = "525400000001";
const CLUSTER: &str = include_str!("../../../tests/fixtures/lab.cluster");

struct Site {
    folder: tempfile::TempDir,
    store: Store,
}

impl Site {
    fn new(enrolment: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let conf = HpsConf::with_base(folder.path()).unwrap();
        let cluster = Cluster::parse(
            &CLUSTER
                .replace("\"menu\"", &format!("{enrolment:?}"))
                .replace("debian-12", "rockylinux-10.1")
                .replace("10.0.0.127", "10.0.0.9"),
        )
        .unwrap();
        let paths = Paths::new(conf.clone(), cluster.name.clone());
        for (_, path) in conf.dirs() {
            make_dir(path, 0o755, None).unwrap();
        }
        for path in paths.shared_dirs().into_iter().chain([paths.permissions_dir(), paths.dhcp_hosts_dir()]) {
            make_dir(&path, 0o755, None).unwrap();
        }
        paths.create_site_key([7; 32], None).unwrap();
        save_cluster(&conf, &cluster).unwrap();
        activate(&conf, &cluster.name).unwrap();
        std::fs::write(folder.path().join("hps.conf"), conf.to_text()).unwrap();
        let tree = conf.dir(Dir::Distros).join("x86_64-linux-rockylinux-10.1");
        std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
        for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
            std::fs::write(tree.join(name), "x").unwrap();
        }
        let store = Store::open(&conf).unwrap();
        Self { folder, store }
    }

    fn request(&self, remote: &str, query: &str, body: &[u8]) -> Response {
        let conf = self.folder.path().join("hps.conf");
        let body = match u64::try_from(body.len()) {
            Ok(length) if length <= LARGEST_BODY => Body::Whole(body.to_vec()),
            _ => Body::TooLarge,
        };
        let request = Request::new(Some(query), remote.parse().ok(), conf).with_body(body);
        handle(&request, Timestamp::now()).response
    }

    fn ask(&self, query: &str) -> Response {
        self.request("10.0.0.2", query, b"")
    }

    fn arm(&self, number: u8) -> PermissionId {
        let role = Role { host_type: HostType::Sch, profile: Some(Profile::StorageSingle), event: Event::Armed };
        let who = crate::host::Who::operator("test", "root");
        self.store.place_host(mac(), role, None, &who, Timestamp::now()).unwrap();
        let grant = Grant {
            mac: mac(),
            host_type: HostType::Sch,
            profile: Some(Profile::StorageSingle),
            distro: "x86_64-linux-rockylinux-10.1".parse().unwrap(),
            wipe: Vec::new(),
            given_by: Line::lossy("root"),
            given_at: Timestamp::now(),
            expires: Timestamp::now().plus("1h".parse().unwrap()),
            reason: Line::lossy("test"),
        };
        let permission = Permission::new(PermissionId::from_random([number; 16]), PermissionSource::Operator, grant);
        self.store.give_permission(&permission).unwrap();
        permission.id
    }

    fn boot(&self) -> String {
        self.ask(&format!("cmd=boot_action&mac={MAC}")).body_text()
    }

    fn state(&self) -> Option<HostState> {
        self.store.host(mac()).unwrap().map(|h| h.state())
    }

    /// The ticket on the kernel's command line.
    fn ticket(&self) -> String {
        word_after(&self.boot(), "ticket=")
    }

    fn answer(&self, ticket: &str) -> Response {
        self.ask(&format!("cmd=answer&mac={MAC}&ticket={ticket}"))
    }

    fn report(&self, token: &str, stage: &str, message: &str) -> Response {
        self.ask(&format!("cmd=event&mac={MAC}&token={token}&stage={stage}&message={message}"))
    }

    /// Fetches the answer file and returns its token.
    fn begin(&self) -> String {
        let answer = self.answer(&self.ticket());
        assert_eq!(answer.status(), 200, "{}", answer.body_text());
        token_in(&answer.body_text())
    }
}

impl Response {
    fn body_text(&self) -> String {
        String::from_utf8_lossy(self.body()).into_owned()
    }
}

fn mac() -> MacAddr {
    MAC.parse().unwrap()
}

fn word_after(text: &str, mark: &str) -> String {
    let rest = text.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {text}")).1;
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

fn token_in(kickstart: &str) -> String {
    word_after(kickstart, "HPS_TOKEN='")
}

fn is_installer(script: &str) -> bool {
    script.contains("inst.ks=")
}

fn is_local_boot(script: &str) -> bool {
    script.contains("sanboot")
}

#[test]
fn from_armed_to_installed_and_never_again() {
    let site = Site::new("armed");
    assert!(site.boot().contains("Nobody has permitted"));
    assert_eq!(site.state(), None, "a machine that only asks leaves no record");
    let permission = site.arm(1);
    let script = site.boot();
    assert!(is_installer(&script), "{script}");
    assert_eq!(site.state(), Some(HostState::Configured), "asking moves no state");

    let ticket = site.ticket();
    let first = site.answer(&ticket);
    assert_eq!(first.status(), 200);
    assert_eq!(site.state(), Some(HostState::Installing));
    let second = site.answer(&ticket);
    assert_eq!(first, second, "installers fetch twice, and get the same bytes");

    let token = token_in(&first.body_text());
    assert_eq!(site.report(&token, "started", "").body_text(), "ok\n");
    assert_eq!(site.answer(&ticket).status(), 403, "the ticket is dead when the installer has reported");
    assert_eq!(site.report(&token, "disks", "QM00001,none").status(), 200);
    let recorded = site.store.host(mac()).unwrap().unwrap().attempt.unwrap();
    assert_eq!(recorded.disks.iter().map(ToString::to_string).collect::<Vec<_>>(), ["QM00001", "none"]);
    for stage in ["partitioned", "packages", "configured", "installed", "installed"] {
        assert_eq!(site.report(&token, stage, "x").status(), 200, "{stage}");
    }
    assert_eq!(site.state(), Some(HostState::Installed));
    assert!(site.store.ever_installed(mac()).unwrap().is_some());
    assert_eq!(site.store.permission(mac(), Timestamp::now()).unwrap(), None, "{permission} is used up");

    // The whole of it again, request by request.
    for _ in 0..2 {
        assert!(is_local_boot(&site.boot()));
        assert_eq!(site.answer(&ticket).status(), 403);
        assert_eq!(site.report(&token, "started", "").status(), 409);
        assert_eq!(site.report(&token, "failed", "").status(), 409);
        assert_eq!(site.report(&token, "installed", "").status(), 200);
        assert_eq!(
            site.ask(&format!("cmd=process_menu_item&mac={MAC}&menu_item=install_SCH_STORAGESINGLE")).error(),
            Some("refused")
        );
    }
    assert!(is_local_boot(&site.boot()));
    assert_eq!(site.state(), Some(HostState::Installed));
    // Nor does it help to lose the record.
    std::fs::remove_file(site.store.paths.host(mac()).path()).unwrap();
    assert!(is_local_boot(&site.boot()));
    std::fs::write(site.store.paths.host(mac()).path(), "state = ").unwrap();
    assert!(is_local_boot(&site.boot()));
}

#[test]
fn a_power_cut_is_retried_and_only_so_often() {
    let site = Site::new("armed");
    site.arm(1);
    let first = site.begin();
    assert_eq!(site.report(&first, "disks", "QM00001").status(), 200);
    let second = site.answer(&site.ticket()).body_text();
    assert!(second.contains("ANSWER_MAY_WIPE=( 'QM00001')"), "the retry may wipe what the first attempt registered");
    assert_eq!(site.report(&first, "partitioned", "").status(), 403, "the token of the first attempt is dead");
    site.begin();
    let script = site.boot();
    assert!(script.contains("menu_item=gave_up"), "{script}");
    assert_eq!(site.state(), Some(HostState::Installing));
    let gave_up = site.ask(&format!("cmd=process_menu_item&mac={MAC}&menu_item=gave_up"));
    assert!(gave_up.body_text().contains("Nobody has permitted"), "{}", gave_up.body_text());
    assert_eq!(site.state(), Some(HostState::Failed));
    for _ in 0..3 {
        assert!(!is_installer(&site.boot()), "FAILED stays FAILED");
    }
    // A new permission starts anew, and may wipe nothing.
    site.arm(2);
    let fourth = site.answer(&site.ticket()).body_text();
    assert!(fourth.contains("ANSWER_MAY_WIPE=()"), "{fourth}");
}

#[test]
fn a_reported_failure_ends_the_permission() {
    let site = Site::new("menu");
    site.arm(1);
    let token = site.begin();
    assert_eq!(site.report(&token, "failed", "disk%20vda%20carries%20ext4").status(), 200);
    assert_eq!(site.report(&token, "failed", "disk%20vda%20carries%20ext4").status(), 200, "the report may come again");
    assert_eq!(site.state(), Some(HostState::Failed));
    let script = site.boot();
    assert!(script.contains("menu HPS lab") && script.contains("disk vda carries ext4"), "{script}");
}

#[test]
fn at_the_console_of_a_new_machine() {
    let site = Site::new("menu");
    let choose = format!("cmd=process_menu_item&mac={MAC}&menu_item=install_SCH_STORAGESINGLE");
    assert_eq!(site.ask(&choose).error(), Some("refused"), "nothing proves who asks");
    let lease = format!("1795341600 52:54:00:00:00:01 10.0.0.2 * {MAC}\n");
    std::fs::write(site.store.paths.leases(), lease).unwrap();
    let menu = site.boot();
    assert!(menu.contains("item --key i install_menu"), "{menu}");
    assert_eq!(site.state(), Some(HostState::Unconfigured));
    let page = site.ask(&format!("cmd=process_menu_item&mac={MAC}&menu_item=install_menu")).body_text();
    assert!(page.contains("install_SCH_STORAGESINGLE") && !page.contains("install_SCH_STORAGERAID"), "{page}");
    let script = site.ask(&choose).body_text();
    assert!(is_installer(&script), "{script}");
    assert!(site.store.permission(mac(), Timestamp::now()).unwrap().unwrap().require_blank);
    assert!(site.answer(&site.ticket()).body_text().contains("ANSWER[require_blank]='yes'"));
    assert!(site.store.paths.dhcp_host(mac()).is_file(), "its address is reserved");
}

#[test]
fn a_stranger_gets_nothing() {
    let site = Site::new("armed");
    site.arm(1);
    let from_elsewhere = site.request("10.0.0.77", &format!("cmd=boot_action&mac={MAC}"), b"");
    assert!(!is_installer(&from_elsewhere.body_text()));
    assert_eq!(from_elsewhere.error(), Some("not-able"));
    let ticket = site.ticket();
    let token = site.begin();
    let other = "525400000002";
    let forged = format!("1-9999999999-{}", "0".repeat(64));
    for query in [
        format!("cmd=answer&mac={other}&ticket={ticket}"),
        format!("cmd=answer&mac={MAC}&ticket={token}"),
        format!("cmd=answer&mac={MAC}&ticket={forged}"),
        format!("cmd=answer&mac={MAC}&ticket="),
        format!("cmd=event&mac={MAC}&token={ticket}&stage=installed"),
        format!("cmd=event&mac={other}&token={token}&stage=installed"),
        format!("cmd=event&mac={MAC}&token={forged}&stage=installed"),
        format!("cmd=log&mac={MAC}&token={ticket}"),
        format!("cmd=set_status&mac={MAC}&status=UNCONFIGURED"),
        format!("cmd=kickstart&mac={MAC}&hosttype=SCH"),
        format!("cmd=host_get_config&mac={MAC}"),
        format!("cmd=config_host&mac={MAC}&hosttype=SCH"),
        format!("cmd=set_host_name_value&mac={MAC}&name=STATE&value=INSTALLED"),
    ] {
        let response = site.ask(&query);
        assert_eq!((response.status(), response.body_text().as_str()), (403, "refused\n"), "{query}");
    }
    assert_eq!(site.state(), Some(HostState::Installing));
}

#[test]
fn bad_requests_get_one_line_and_change_nothing() {
    let site = Site::new("menu");
    let long = format!("cmd=event&mac={MAC}&message={}", "a".repeat(9_000));
    for (query, status, error) in [
        ("", 400, "unknown-command"),
        ("cmd=format_disk", 400, "unknown-command"),
        ("cmd=init&cmd=init", 200, "malformed"),
        ("cmd=boot_action&mac=525400000001&mac=525400000002", 200, "malformed"),
        ("cmd=event&stage=started", 400, "mac"),
        ("cmd=event&mac=zz&stage=started", 400, "mac"),
        ("cmd=event&mac=525400000001", 400, "malformed"),
        ("cmd=event&mac=525400000001%00&token=x", 400, "malformed"),
        ("cmd=answer&mac=%ff%fe", 400, "malformed"),
        (long.as_str(), 400, "malformed"),
        ("cmd=boot_action&mac=525400000001&other=%ff", 200, "malformed"),
        ("cmd=boot_action", 200, "mac"),
        ("cmd=boot_action&mac=../../etc", 200, "mac"),
        ("cmd=process_menu_item&mac=525400000001", 200, "malformed"),
        ("cmd=process_menu_item&mac=525400000001&menu_item=x", 200, "malformed"),
    ] {
        let response = site.ask(query);
        assert_eq!((response.status(), response.error()), (status, Some(error)), "{query}");
        let body = response.body_text();
        if status == 200 {
            assert!(body.starts_with("#!ipxe\necho HPS: "), "{query}: {body}");
        } else {
            assert_eq!(body.lines().count(), 1, "{query}: {body}");
        }
    }
    assert_eq!(site.store.hosts().unwrap().len(), 0);
    let odd_firmware = site.ask("cmd=boot_action&mac=525400000001&serial=%ff%ff&product=%01");
    assert_eq!((odd_firmware.status(), odd_firmware.error()), (200, None), "{}", odd_firmware.body_text());
}

#[test]
fn a_log_is_kept_and_bounded() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    let query = format!("cmd=log&mac={MAC}&token={token}");
    assert_eq!(site.request("10.0.0.2", &query, b"line\nline\n").status(), 200);
    assert_eq!(std::fs::read(site.store.paths.install_log(mac(), 1)).unwrap(), b"line\nline\n");
    assert_eq!(site.request("10.0.0.2", &query, &vec![b'x'; (1 << 20) + 1]).status(), 413);
}

#[test]
fn without_cluster_key_or_tree_the_screen_says_what_to_do() {
    let site = Site::new("armed");
    site.arm(1);
    std::fs::remove_dir_all(site.store.paths.distros().join("x86_64-linux-rockylinux-10.1")).unwrap();
    let script = site.boot();
    assert!(script.contains("is not published on this node"), "{script}");
    let site = Site::new("armed");
    site.arm(1);
    std::fs::remove_file(site.store.paths.site_key()).unwrap();
    assert!(site.boot().contains("the site key of the provisioning node cannot be read"));
    std::fs::remove_file(site.store.paths.conf().dir(Dir::Clusters).join("active")).unwrap();
    let response = site.ask("cmd=init");
    assert_eq!((response.status(), response.error()), (200, Some("not-able")));
    let shown = response.body_text().replace("\necho ", " ");
    assert!(shown.contains("no cluster is active; make one with cluster-configure"), "{shown}");
    std::fs::remove_file(site.folder.path().join("hps.conf")).unwrap();
    assert_eq!(site.ask("cmd=event&mac=525400000001").status(), 503);
}

#[test]
fn serials_from_the_network_open_no_disk() {
    let site = Site::new("armed");
    site.arm(1);
    let first = site.begin();
    let many = vec!["A"; 65].join(",");
    assert_eq!(site.report(&first, "disks", &many).status(), 400);
    let long = format!("{},B", "A".repeat(600));
    assert_eq!(site.report(&first, "disks", &long).status(), 400, "half a serial would be another disk");
    assert_eq!(site.report(&first, "disks", "VICTIM").status(), 200);
    // The retry names the serial, and the mark that the disk must carry: the network cannot put it there.
    let retry = site.answer(&site.ticket()).body_text();
    assert!(retry.contains("ANSWER_MAY_WIPE=( 'VICTIM')"));
    let mark = word_after(&retry, "ANSWER[disk_mark]='");
    assert_eq!(mark.len(), 36, "{mark}");
    site.store
        .change_host(mac(), &crate::host::Who::operator("test", "root"), Timestamp::now(), |host| {
            host.apply(Event::SetByOperator(HostState::Failed), Timestamp::now()).map_err(|_| unreachable())?;
            Ok::<_, crate::store::StoreError>(Some((Line::lossy("test"), None)))
        })
        .unwrap();
    site.arm(2);
    let other = site.answer(&site.ticket()).body_text();
    assert_ne!(word_after(&other, "ANSWER[disk_mark]='"), mark, "another permission, another mark");
}

fn unreachable() -> crate::store::StoreError {
    panic!("an operator's word is always taken")
}

#[test]
fn a_lost_mark_or_folder_installs_nothing_again() {
    let site = Site::new("menu");
    site.arm(1);
    let token = site.begin();
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    let spent = site.store.paths.cluster_dir().join("spent");
    for entry in std::fs::read_dir(&spent).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    assert!(is_local_boot(&site.boot()), "the record says that it ended");
    std::fs::remove_dir(&spent).unwrap();
    assert!(is_local_boot(&site.boot()));
    // Without its folder, that a mark is absent means nothing.
    std::fs::remove_dir_all(site.store.paths.conf().dir(Dir::State).join("ever-installed")).unwrap();
    std::fs::remove_file(site.store.paths.host(mac()).path()).unwrap();
    assert!(is_local_boot(&site.boot()));
}

#[test]
fn a_node_that_knows_nothing_lets_machines_boot_their_disks() {
    let site = Site::new("armed");
    let file = site.store.paths.conf().dir(Dir::Clusters).join("lab.cluster");
    std::fs::write(file, "version = ").unwrap();
    let response = site.ask(&format!("cmd=boot_action&mac={MAC}"));
    assert_eq!((response.status(), response.error()), (200, Some("not-able")));
    assert!(
        is_local_boot(&response.body_text()) && response.body_text().contains("lab.cluster: line 1"),
        "{}",
        response.body_text()
    );
}

#[test]
fn a_log_comes_with_the_installation_or_soon_after() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    assert_eq!(site.report(&token, "failed", "x").status(), 200);
    let query = format!("cmd=log&mac={MAC}&token={token}");
    assert_eq!(site.request("10.0.0.2", &query, b"why").status(), 200);
    let path = site.store.paths.host(mac());
    let text = std::fs::read_to_string(path.path()).unwrap();
    let at = site.store.host(mac()).unwrap().unwrap().attempt.unwrap().stages[0].at;
    let earlier = Timestamp::from_unix(i64::try_from(at.as_unix()).unwrap() - 700);
    std::fs::write(path.path(), text.replace(&format!("at = \"{at}\""), &format!("at = \"{earlier}\""))).unwrap();
    assert_eq!(site.request("10.0.0.2", &query, b"rewritten").status(), 409);
}
