// SPDX-License-Identifier: GPL-3.0-or-later
//! Another user of the provisioning node, uid 1000, who changes what root reads while root reads it: files are replaced, written into,
//! and become links and pipes. Whatever comes of a run, nothing is published but what was proven, and nothing else is touched.

use crate::BUILD_REPOSITORY;
use crate::iso::{OLD, Release, fill_with, make};
use crate::key::{ATTACKER, GOOD};
use crate::rpm::Spec;
use crate::site::{Answer, Site};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const USER: &str = "1000";
/// So often root tries, and so often at least it must have met what is good.
const ROUNDS: usize = 24;
const SECRET: &str = "of root alone";

/// A folder of the user, who goes on until the value goes.
struct Racer {
    folder: PathBuf,
    shell: Option<Child>,
}

impl Racer {
    fn new(site: &Site) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(site.path(""), std::fs::Permissions::from_mode(0o711)).unwrap();
        std::fs::write(site.path("secret"), SECRET).unwrap();
        std::fs::set_permissions(site.path("secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
        let folder = site.path("user");
        std::fs::create_dir(&folder).unwrap();
        std::os::unix::fs::chown(&folder, Some(1000), Some(1000)).unwrap();
        Self { folder, shell: None }
    }

    /// Puts a file of the user there.
    fn has(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        std::os::unix::fs::chown(&path, Some(1000), Some(1000)).unwrap();
        path
    }

    /// The user does this again and again.
    fn repeats(&mut self, script: &str) {
        self.stop();
        let script = format!("while :; do\n{script}\ndone");
        let child = Command::new("setpriv")
            .args(["--reuid", USER, "--regid", USER, "--clear-groups", "sh", "-c", &script])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.shell = Some(child);
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.shell.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Racer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A run that may take a minute; a longer one hangs (124).
fn within_a_minute(site: &Site, program: &str, arguments: &[&str]) -> Answer {
    let mut all = vec!["60", program];
    all.extend(arguments);
    Answer::from_output(site.command_of("timeout", &all).output().unwrap())
}

fn tells_no_secret(site: &Site, answer: &Answer) {
    assert_ne!(answer.code, Some(124), "it hangs: {answer:?}");
    assert!(!answer.out.contains(SECRET) && !answer.err.contains(SECRET), "{answer:?}");
    assert_eq!(std::fs::read_to_string(site.path("secret")).unwrap(), SECRET);
}

/// Like the release, with another kernel.
fn evil() -> Release {
    let initrd = vec![7; 2_400_000];
    Release::from_iso("10.1", make(|tree| fill_with(tree, "Rocky Linux", "10.1", b"rotten", &initrd)))
}

/// Publishes again and again what the user has as the release's ISO.
fn race(site: &Site, iso: &Path) {
    let mut good = 0;
    for round in 0..ROUNDS {
        let answer = within_a_minute(site, crate::PROGRAM, &["--from-file", iso.to_str().unwrap()]);
        tells_no_secret(site, &answer);
        let tree = site.distros(&OLD.distro());
        assert_eq!(tree.exists(), answer.code == Some(0), "round {round}: {answer:?}");
        if answer.code == Some(0) {
            let kernel = std::fs::read(tree.join("images/pxeboot/vmlinuz")).unwrap();
            assert_eq!(String::from_utf8_lossy(&kernel), "kernel", "round {round}: this one was never proven");
            let kept = site.run(&["--verify", &OLD.distro()]);
            assert_eq!(kept.code, Some(0), "{kept:?}");
            site.run(&["--remove", &OLD.distro()]).says(&format!("{} removed", OLD.distro()));
            good += 1;
        }
        assert!(site.published().is_empty(), "{:?}", site.published());
    }
    assert!(good > 0, "the release was never met");
}

fn stick(racer: &Racer) -> PathBuf {
    racer.has("CHECKSUM", &OLD.checksum);
    racer.has("CHECKSUM.sig", &OLD.signature);
    racer.has("good", &OLD.iso);
    racer.has("evil", &evil().iso);
    racer.has(&OLD.name(), &OLD.iso)
}

#[test]
fn an_iso_that_is_replaced_between_its_proof_and_its_extraction() {
    let site = Site::new();
    let mut racer = Racer::new(&site);
    let iso = stick(&racer);
    let name = OLD.name();
    racer.repeats(&format!("cp good next; mv -f next {name}; sleep 0.06; cp evil next; mv -f next {name}; sleep 0.04"));
    race(&site, &iso);
}

#[test]
fn an_iso_that_is_written_into_after_its_proof() {
    let site = Site::new();
    let mut racer = Racer::new(&site);
    let iso = stick(&racer);
    let write = |what: &str| format!("dd if={what} of={} bs=4M conv=notrunc", OLD.name());
    racer.repeats(&format!("{}; sleep 0.06; {}; sleep 0.04", write("good"), write("evil")));
    race(&site, &iso);
}

#[test]
fn an_iso_that_a_user_still_has_open_when_it_is_roots() {
    let site = Site::new();
    let mut racer = Racer::new(&site);
    let iso = stick(&racer);
    racer.repeats(&format!(
        "exec python3 -c '
import os, time
held = os.open(\"{}\", os.O_RDWR)
good, evil = (open(name, \"rb\").read() for name in (\"good\", \"evil\"))
open(\"is-held\", \"w\")
while True:
    os.pwrite(held, good, 0)
    time.sleep(0.06)
    os.pwrite(held, evil, 0)
    time.sleep(0.04)
'",
        OLD.name()
    ));
    let begun = std::time::Instant::now();
    while !racer.folder.join("is-held").exists() {
        assert!(begun.elapsed().as_secs() < 20, "python3 is not installed: apt-get install python3-minimal");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // An administrator takes it over, as safe as a file can be by owner, mode and place.
    let own = site.path("stick");
    std::fs::create_dir(&own).unwrap();
    let taken = own.join(OLD.name());
    for name in [iso, racer.folder.join("CHECKSUM"), racer.folder.join("CHECKSUM.sig")] {
        std::os::unix::fs::chown(&name, Some(0), Some(0)).unwrap();
        std::fs::rename(&name, own.join(name.file_name().unwrap())).unwrap();
    }
    race(&site, &taken);
}

#[test]
fn an_iso_and_its_checksum_that_become_links_and_pipes() {
    let site = Site::new();
    let mut racer = Racer::new(&site);
    let iso = stick(&racer);
    let forged = evil();
    racer.has("forged", &forged.checksum);
    racer.has("forged.sig", &ATTACKER.sign(&forged.checksum));
    racer.has("true", &OLD.checksum);
    racer.has("true.sig", &OLD.signature);
    let secret = site.path("secret");
    let (name, secret) = (OLD.name(), secret.display());
    let mut script = String::new();
    for (file, good, evil) in
        [(name.as_str(), "good", "evil"), ("CHECKSUM", "true", "forged"), ("CHECKSUM.sig", "true.sig", "forged.sig")]
    {
        script.push_str(&format!(
            "cp {evil} next; mv -f next {file}\nln -sf {secret} next; mv -f next {file}\nrm -f next; mkfifo next; mv -f next {file}\n\
             ln -sf /dev/zero next; mv -f next {file}\ncp {good} next; mv -f next {file}; sleep 0.2\n"
        ));
    }
    racer.repeats(&script);
    race(&site, &iso);
}

#[test]
fn nobody_enters_a_tree_before_it_is_published_nor_changes_it_after() {
    let site = Site::new();
    let mut racer = Racer::new(&site);
    let owned = make(|tree| {
        crate::iso::fill(tree, "Rocky Linux", "10.1");
        let all = Command::new("chown").args(["-R", "1000:1000"]).arg(tree).status().unwrap();
        let open = Command::new("chmod").args(["-R", "a+rwX,u+s"]).arg(tree).status().unwrap();
        assert!(all.success() && open.success());
    });
    let release = Release::from_iso("10.1", owned);
    racer.has("CHECKSUM", &release.checksum);
    racer.has("CHECKSUM.sig", &release.signature);
    let iso = racer.has(&release.name(), &release.iso);
    let distros = site.distros("");
    let distros = distros.display();
    racer.repeats(&format!(
        "for tree in {distros}/.tree-*/tree {distros}/x86_64-linux-rockylinux-10.1; do\n\
         echo rotten > $tree/images/pxeboot/vmlinuz; touch $tree/.hps-touched; rm -f $tree/media.repo; done"
    ));
    for _ in 0..8 {
        site.run(&["--from-file", iso.to_str().unwrap()]).says(&release.distro());
        let tree = site.distros(&release.distro());
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert_eq!(std::fs::read_to_string(tree.join("images/pxeboot/vmlinuz")).unwrap(), "kernel");
        let found = Command::new("find").arg(&tree).args(["-printf", "%y %U %G %04m %P\n"]).output().unwrap();
        for line in String::from_utf8(found.stdout).unwrap().lines() {
            let own = ["f 0 0 0644 ", "d 0 0 0755 "].iter().any(|own| line.starts_with(own));
            assert!(own || line == "f 0 0 0600 .hps-inventory", "{line}");
        }
        let verified = site.run(&["--verify"]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
        site.run(&["--remove", &release.distro()]).says(&format!("{} removed", release.distro()));
    }
}

#[test]
fn a_package_that_is_replaced_and_written_into() {
    let site = Site::new();
    let mut racer = Racer::new(&site);
    let spec = Spec::new("tool", "1.0");
    racer.has("good", &spec.signed(&GOOD));
    racer.has("evil", &Spec { content: "rotten", ..spec }.signed(&ATTACKER));
    let file = racer.has("x.rpm", &spec.signed(&GOOD));
    let secret = site.path("secret");
    let secret = secret.display();
    racer.repeats(&format!(
        "cp evil next; mv -f next x.rpm; dd if=good of=x.rpm conv=notrunc; dd if=evil of=x.rpm conv=notrunc\n\
         ln -sf {secret} next; mv -f next x.rpm; rm -f next; mkfifo next; mv -f next x.rpm\n\
         cp good next; mv -f next x.rpm; sleep 0.1"
    ));
    let distro = ["--distro", "x86_64-linux-rockylinux-10"];
    let build = |more: &[&str]| within_a_minute(&site, BUILD_REPOSITORY, &[&distro, more].concat());
    let expected = hps::types::Sha256Digest::hash(&std::fs::read(racer.folder.join("good")).unwrap());
    let published = site.path("srv/hps-resources/packages/x86_64-linux-rockylinux-10/Repo").join(spec.file_name());
    let mut good = 0;
    for round in 0..ROUNDS {
        let answer = build(&[file.to_str().unwrap()]);
        tells_no_secret(&site, &answer);
        if answer.code == Some(0) {
            assert_eq!(hps::types::Sha256Digest::hash(&std::fs::read(&published).unwrap()), expected, "round {round}");
            let verified = build(&["--verify"]);
            assert_eq!(verified.code, Some(0), "{verified:?}");
            assert_eq!(build(&["--remove", "tool"]).code, Some(0));
            good += 1;
        }
    }
    assert!(good > 0, "the package was never met");
}

#[test]
fn a_key_that_is_replaced_is_the_one_that_is_named() {
    let site = Site::new();
    let mut racer = Racer::new(&site);
    racer.has("one", GOOD.public.as_bytes());
    racer.has("two", ATTACKER.public.as_bytes());
    let file = racer.has("key.asc", GOOD.public.as_bytes());
    racer.repeats("cp one next; mv -f next key.asc; sleep 0.02; dd if=two of=key.asc; sleep 0.02; rm -f key.asc; mkfifo key.asc; sleep 0.01; rm -f key.asc");
    let keys = site.path("srv/hps-resources/packages/x86_64-linux-rockylinux-10/keys");
    for _ in 0..ROUNDS {
        if keys.exists() {
            std::fs::remove_dir_all(&keys).unwrap();
        }
        let arguments = ["--distro", "x86_64-linux-rockylinux-10", "--key", file.to_str().unwrap()];
        let answer = within_a_minute(&site, BUILD_REPOSITORY, &arguments);
        tells_no_secret(&site, &answer);
        let there: Vec<_> = std::fs::read_dir(&keys).into_iter().flatten().map(|e| e.unwrap().path()).collect();
        assert_eq!(there.len(), usize::from(answer.code == Some(0)), "{answer:?}");
        for key in there {
            let fingerprint = key.file_stem().unwrap().to_str().unwrap();
            assert!(answer.out.contains(&format!("key {fingerprint} accepted")), "{answer:?}");
            let text = std::fs::read_to_string(&key).unwrap();
            let whose = [&GOOD, &ATTACKER].into_iter().find(|k| k.public == text).expect("one of both, whole");
            assert_eq!(whose.fingerprint(), fingerprint);
        }
    }
}
