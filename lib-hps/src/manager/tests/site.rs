// SPDX-License-Identifier: GPL-3.0-or-later
//! A provisioning node in a temporary folder, and how tests talk to it. Its clock stands still until a test moves it.

use super::site_folders::{cluster, make_active, publish};
use crate::boot::token::{Purpose, TokenSubject, mint};
use crate::config::{Dir, HpsConf};
use crate::files::make_dir;
use crate::host::{Event, Grant, HostState, Permission, PermissionId, PermissionSource, Who};
use crate::manager::{Body, MAX_BODY_BYTES, Method, Request, Response, handle};
use crate::store::{Role, Store};
use crate::types::{HostType, Line, MacAddr, Profile, Timestamp};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(super) const MAC: &str = "525400000001";

/// The address that the host of the tests is given.
pub(super) const OWN: &str = "10.0.0.2";

pub(super) const ROCKY: &str = "x86_64-linux-rockylinux-10.1";

/// One request, as it could be sent again.
pub(super) type Sent = (String, String, Vec<u8>);

pub(super) struct Site {
    pub(super) folder: tempfile::TempDir,
    pub(super) store: Store,
    pub(super) now: Cell<Timestamp>,
    /// Every request that was made.
    pub(super) sent: RefCell<Vec<Sent>>,
}

impl Site {
    pub(super) fn new(enrolment: &str) -> Self {
        Self::with(enrolment, "", "")
    }

    /// A node with these lines in the `[install]` table of its cluster file, and these tables behind all others.
    pub(super) fn with(enrolment: &str, install: &str, tables: &str) -> Self {
        // In memory where that is: thousands of requests are made here, each with its syncs.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let conf = HpsConf::with_base(folder.path()).unwrap();
        for (_, path) in conf.dirs() {
            make_dir(path, 0o755, None).unwrap();
        }
        let cluster = cluster("lab", enrolment, install, tables);
        let store = make_active(&conf, &cluster);
        store.site_key().create([7; 32], None).unwrap();
        std::fs::write(folder.path().join("hps.conf"), conf.to_text()).unwrap();
        publish(conf.dir(Dir::Distros));
        let now = Cell::new("2026-11-22T10:00:30Z".parse().unwrap());
        Self { folder, store, now, sent: RefCell::default() }
    }

    /// The same node with another cluster file in the place of its own.
    pub(super) fn set(&mut self, enrolment: &str, install: &str, tables: &str) {
        self.store = make_active(self.store.paths.conf(), &cluster("lab", enrolment, install, tables));
    }

    /// The same node with a new cluster.
    pub(super) fn new_cluster(&mut self, name: &str, enrolment: &str, tables: &str) {
        self.store = make_active(self.store.paths.conf(), &cluster(name, enrolment, "", tables));
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now.get()
    }

    pub(super) fn pass(&self, time: &str) {
        self.now.set(self.now().plus(time.parse().unwrap()));
    }

    pub(super) fn request(&self, remote: &str, query: &str, body: &[u8]) -> Response {
        self.sent.borrow_mut().push((remote.to_owned(), query.to_owned(), body.to_vec()));
        self.handle(remote, query, body, false)
    }

    /// The same, without a note of it.
    pub(super) fn handle(&self, remote: &str, query: &str, body: &[u8], json: bool) -> Response {
        let conf = self.folder.path().join("hps.conf");
        let body = match u64::try_from(body.len()) {
            Ok(length) if length <= MAX_BODY_BYTES => Body::Whole(body.to_vec()),
            _ => Body::TooLarge,
        };
        // As clients do: the text of a log is the body of a POST.
        let method = if ["log", "hardware", "task_report"].iter().any(|c| query.contains(&format!("cmd={c}&"))) {
            Method::Post
        } else {
            Method::Get
        };
        let request = Request::new(Some(query), remote.parse().ok(), conf).with_method(method);
        handle(&request.with_body(body).with_json(json), self.now()).response
    }

    /// A request of the host itself by this method, and the bytes that the web server gets.
    pub(super) fn by(&self, method: Method, query: &str) -> (Response, String) {
        let request = Request::new(Some(query), OWN.parse().ok(), self.folder.path().join("hps.conf"));
        let response = handle(&request.with_method(method), self.now()).response;
        let mut bytes = Vec::new();
        response.write_to(&mut bytes).unwrap();
        (response, String::from_utf8(bytes).unwrap())
    }

    pub(super) fn ask(&self, query: &str) -> Response {
        self.request(OWN, query, b"")
    }

    /// A lease, as dnsmasq writes it, so that `address` proves `mac`.
    pub(super) fn lease(&self, mac: &str, address: &str) {
        let colons = mac.parse::<MacAddr>().unwrap().colons();
        let lease = format!("0 {colons} {address} * {mac}\n");
        let before = std::fs::read_to_string(self.store.paths.leases()).unwrap_or_default();
        std::fs::write(self.store.paths.leases(), before + &lease).unwrap();
    }

    /// Gives the host address, name and type, and an operator's permission.
    pub(super) fn arm(&self, number: u8) -> PermissionId {
        let role = Role { host_type: HostType::SCH, profile: Some(Profile::StorageSingle), event: Event::Armed };
        self.store.allocations().allocate(mac(), role, None, &[], &who(), self.now()).unwrap();
        self.permit(number)
    }

    /// An operator's permission, whatever the record says.
    pub(super) fn permit(&self, number: u8) -> PermissionId {
        let grant = Grant {
            mac: mac(),
            host_type: HostType::SCH,
            profile: Some(Profile::StorageSingle),
            distro: ROCKY.parse().unwrap(),
            wipe: Vec::new(),
            given_by: Line::lossy("root"),
            given_at: self.now(),
            expires: self.now().plus("1h".parse().unwrap()),
            reason: Line::lossy("test"),
        };
        let permission = Permission::new(PermissionId::from_random([number; 16]), PermissionSource::Operator, grant);
        self.store.permissions().give(&permission).unwrap();
        permission.id
    }

    /// Ends the permission that counts now.
    pub(super) fn end(&self, why: &str) {
        let permission = self.store.permissions().get(mac(), self.now()).unwrap().expect("a permission is there");
        self.store.permissions().mark_used(&permission, why).unwrap();
    }

    pub(super) fn boot(&self) -> String {
        self.ask(&format!("cmd=boot_action&mac={MAC}")).body_text()
    }

    pub(super) fn item(&self, item: &str) -> Response {
        self.ask(&format!("cmd=process_menu_item&mac={MAC}&menu_item={item}"))
    }

    pub(super) fn state(&self) -> Option<HostState> {
        self.store.hosts().find(mac()).unwrap().map(|h| h.state())
    }

    pub(super) fn set_state(&self, state: HostState) {
        self.store
            .hosts()
            .change(mac(), &who(), self.now(), |host| {
                host.apply(Event::SetByOperator(state), self.now()).expect("an operator's word is always taken");
                Ok::<_, crate::store::StoreError>(Some((Line::lossy("test"), None)))
            })
            .unwrap();
    }

    /// The ticket on the kernel's command line.
    pub(super) fn ticket(&self) -> String {
        word_after(&self.boot(), "ticket=")
    }

    /// A ticket or token of this site, for whatever host and attempt.
    pub(super) fn mint(&self, purpose: Purpose<'_>, mac: MacAddr, attempt: u32, expires: Timestamp) -> String {
        let key = self.store.site_key().read().unwrap();
        mint(&key, TokenSubject { cluster: &self.store.cluster.name, mac, purpose }, attempt, expires).to_string()
    }

    pub(super) fn answer(&self, ticket: &str) -> Response {
        self.ask(&format!("cmd=answer&mac={MAC}&ticket={ticket}"))
    }

    pub(super) fn report(&self, token: &str, stage: &str, message: &str) -> Response {
        self.ask(&format!("cmd=event&mac={MAC}&token={token}&stage={stage}&message={message}"))
    }

    /// Fetches the answer file and returns its token.
    pub(super) fn begin(&self) -> String {
        let answer = self.answer(&self.ticket());
        assert_eq!(answer.status(), 200, "{}", answer.body_text());
        token_in(&answer.body_text())
    }

    /// From armed to INSTALLED.
    pub(super) fn install(&self, number: u8) {
        self.arm(number);
        let token = self.begin();
        assert_eq!(self.report(&token, "installed", "").status(), 200);
    }

    /// Every file but logs, locks and what a test put beside the folders: what a refused request must leave as it is.
    pub(super) fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let logs = self.store.paths.conf().dir(Dir::Log);
        let mut files = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && path != logs {
                    folders.push(path);
                } else if path.is_file() && path.extension().is_none_or(|e| e != "lock") {
                    let bytes = std::fs::read(&path).unwrap();
                    files.insert(path, bytes);
                }
            }
        }
        files
    }

    pub(super) fn log(&self) -> String {
        self.store.journal().read_log(mac()).unwrap()
    }
}

impl Response {
    pub(super) fn body_text(&self) -> String {
        String::from_utf8_lossy(self.body()).into_owned()
    }
}

pub(super) fn who() -> Who {
    Who::operator("test", "root")
}

pub(super) fn mac() -> MacAddr {
    MAC.parse().unwrap()
}

pub(super) fn word_after(text: &str, mark: &str) -> String {
    let rest = text.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {text}")).1;
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

pub(super) fn token_in(kickstart: &str) -> String {
    word_after(kickstart, "HPS_TOKEN='")
}

pub(super) fn is_installer(script: &str) -> bool {
    script.contains("inst.ks=")
}

pub(super) fn is_local_boot(script: &str) -> bool {
    script.contains("Booting from the local disk") && script.contains("sanboot")
}
