// SPDX-License-Identifier: GPL-3.0-or-later
//! Faults of files, folders, locks and the clock, planted one at a time.

use super::GoodNode;
use crate::setup::CLUSTER;
use std::os::unix::fs::PermissionsExt;

const IMAGE: &str = "srv/hps-resources/distros/x86_64-linux-debian-12";

impl GoodNode {
    /// Changes the content of a file, finds the fault, and restores the file with its times and mode.
    #[track_caller]
    fn with_file(&self, file: &str, change: impl FnOnce(&str), status: &str, check: &str, words: &[&str]) {
        let (path, kept) = (self.node.path(file), self.node.path("kept"));
        let (path, kept) = (path.to_str().unwrap(), kept.to_str().unwrap());
        self.node.run("cp", &["-a", path, kept]).done();
        change(path);
        self.finds(status, check, words);
        let _gone = std::fs::remove_file(path);
        self.node.run("mv", &[kept, path]).done();
    }

    #[track_caller]
    fn with_mode(&self, file: &str, mode: u32, status: &str, check: &str, words: &[&str]) {
        let path = self.node.path(file);
        let before = path.metadata().unwrap().permissions();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        self.finds(status, check, words);
        std::fs::set_permissions(&path, before).unwrap();
    }
}

fn append(path: &str, text: &str) {
    let content = std::fs::read_to_string(path).unwrap() + text;
    std::fs::write(path, content).unwrap();
}

#[test]
fn files_that_are_served_and_read() {
    let good = GoodNode::new();
    let loader = "srv/hps-config/tftp/snponly.efi";
    good.with_file(loader, |path| std::fs::write(path, "x").unwrap(), "problem", "boot-files", &["snponly.efi"]);
    good.with_file(loader, |path| std::fs::remove_file(path).unwrap(), "problem", "boot-files", &["is missing"]);
    let conf = "srv/hps-config/services/dnsmasq.conf";
    let edit = |path: &str| append(path, "dhcp-option=42,10.99.0.9\n");
    good.with_file(conf, edit, "problem", "configuration", &["dnsmasq.conf", "reload"]);
    let touch = |path: &str| good.node.run("touch", &["-d", "+1 hour", path]).done();
    let words = ["lighttpd was started before", "reload --stop"];
    good.with_file("srv/hps-config/services/lighttpd.conf", touch, "problem", "configuration", &words);
    good.with_file(CLUSTER, |path| append(path, "x = = 1\n"), "problem", "cluster", &["lab.cluster", "line "]);
    let record = "srv/hps-config/clusters/lab/hosts/525400000001.toml";
    good.with_file(record, |path| append(path, "x = = 1\n"), "problem", "records", &["525400000001.toml"]);
    good.is_good();
}

#[test]
fn media_that_are_missing_or_damaged() {
    let good = GoodNode::new();
    let list = format!("{IMAGE}/current.toml");
    good.with_file(&list, |path| std::fs::remove_file(path).unwrap(), "problem", "media", &["build-image"]);
    let image = format!("{IMAGE}/20261122T110203Z/SCH.tar.zst");
    good.with_file(&image, |path| std::fs::write(path, "").unwrap(), "problem", "media", &["SCH.tar.zst"]);
    crate::preflight::publish_image(&good.node, "mdadm");
    good.finds("problem", "media", &["mdadm"]);
    crate::preflight::publish_image(&good.node, "nothing");
    good.is_good();
}

#[test]
fn rights_that_are_too_narrow_or_too_wide() {
    let good = GoodNode::new();
    good.with_mode("srv/hps-config/clusters/lab/hosts", 0o2700, "problem", "rights", &["hosts", "cannot read"]);
    good.with_mode("srv/hps-config/clusters", 0o2777, "problem", "rights", &["clusters", "chmod"]);
    good.with_mode("srv/hps-config/state/site.key", 0o644, "problem", "rights", &["site.key", "too many users"]);
    good.with_mode("srv/hps-config/tftp/undionly.kpxe", 0o600, "problem", "rights", &["undionly.kpxe", "dnsmasq"]);
    let record = good.node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    good.node.run("chown", &["nobody", record.to_str().unwrap()]).done();
    good.finds("problem", "rights", &["525400000001.toml", "nobody"]);
    good.node.run("chown", &["root", record.to_str().unwrap()]).done();
    good.is_good();
}

#[test]
fn disk_locks_logs_and_clock() {
    let good = GoodNode::new();
    let place = good.node.path("srv/hps-system/http/menu");
    std::fs::create_dir_all(&place).unwrap();
    let mount = format!("mount -t tmpfs -o size=32m,mode=755 tmpfs '{}'", place.display());
    GoodNode::is_found(&good.test_after(&mount, &[]), "problem", "disk-space", &["menu", "MiB are free"]);

    let link = good.node.path("logrotate.d/hps");
    std::fs::remove_file(&link).unwrap();
    good.finds("warning", "log-rotation", &["ln -s ", "logrotate.conf"]);
    let log = good.node.path("srv/log/dnsmasq.log");
    std::fs::write(&link, format!("\"{}\" {{\n}}\n", log.display())).unwrap();
    good.is_good();

    let lock = good.node.path("srv/hps-config/clusters/lab/locks/allocation.lock");
    let mut holder = good.node.command("flock").arg(&lock).args(["sleep", "600"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    good.finds("problem", "locks", &["allocation.lock", "flock", "kill "]);
    let child = good.node.run("pkill", &["-P", &holder.id().to_string()]);
    let _gone = (child, holder.kill());
    holder.wait().unwrap();

    for (clock, words) in [("2020-01-01 12:00:00", ["2020-01-01"]), ("-3 hours", ["was changed at"])] {
        GoodNode::is_found(&good.test_by(&["faketime", clock]), "problem", "clock", &words);
    }
    good.is_good();
}
