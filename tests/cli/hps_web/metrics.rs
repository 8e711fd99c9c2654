// SPDX-License-Identifier: GPL-3.0-or-later
//! A real Prometheus reads the metrics, and the rules and the dashboard use those that there are.

use super::Web;
use crate::PROGRAM;
use crate::setup::{MACS, installing, json, three};
use crate::support::Node;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn monitoring(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../monitoring").join(file)
}

/// An installation that stalls, one that failed with a reason from a machine, and one host that nothing became of.
fn site() -> Node {
    let node = Node::unserved(PROGRAM);
    three(&node);
    installing(&node, MACS[0], "packages", 30_000);
    installing(&node, MACS[1], "disks", 60);
    let failed = ["set", "sch-002", "state=FAILED", "reason=\"}\\n evil{x=\"1\"} 1 <script> disk"];
    node.run("host-state", &failed).done();
    node
}

#[test]
fn prometheus_reads_the_metrics() {
    let node = site();
    let web = Web::alone(&node);
    let (base, key) = web.address.split_once("/?key=").unwrap();
    let target = base.strip_prefix("http://").unwrap();
    let config = format!(
        "scrape_configs:\n- job_name: hps\n  scrape_interval: 1s\n  authorization: {{credentials: {key}}}\n  \
         static_configs: [{{targets: ['{target}']}}]\nrule_files: ['{}']\n",
        monitoring("hps.rules.yml").display()
    );
    std::fs::write(node.path("prometheus.yml"), config).unwrap();
    let storage = format!("--storage.tsdb.path={}", node.path("tsdb").display());
    let mut command = node.command("prometheus");
    let config = format!("--config.file={}", node.path("prometheus.yml").display());
    command
        .args([&config, &storage, "--web.listen-address=127.0.0.1:9090"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let _prometheus = Ends(command.spawn().expect("prometheus is not installed: scripts/setup test"));
    let ask = |query: &str| {
        let address = "http://127.0.0.1:9090/api/v1/query";
        let answer = node.run("curl", &["-sS", "-G", "--data-urlencode", &format!("query={query}"), address]);
        (answer.code == 0).then(|| json(&answer))
    };
    let begun = Instant::now();
    while ask("hps_up").is_none_or(|answer| answer.pointer("/data/result/0/value/1") != Some(&"1".into())) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", ask("up"));
        std::thread::sleep(Duration::from_millis(200));
    }
    for (query, value) in [
        ("up{job=\"hps\"}", "1"),
        ("hps_hosts{state=\"FAILED\",type=\"SCH\"}", "1"),
        ("hps_hosts{state=\"REINSTALL\"}", "0"),
        ("sum(hps_hosts)", "3"),
        ("hps_hosts_installing{stage=\"packages\"}", "1"),
        ("hps_hosts_stalled", "1"),
        ("hps_failures_total{reason=\"disk\"}", "1"),
        ("sum(hps_failures_total)", "1"),
        ("hps_failures_total{reason=\"network\"}", "0"),
        ("hps_stage_duration_seconds_count{stage=\"begun\"}", "2"),
        ("hps_stage_duration_seconds_sum{stage=\"begun\"}", "120"),
        ("hps_service_up{service=\"dnsmasq\"}", "0"),
        ("hps_host_addresses_used{network=\"10.99.0.0/24\"}", "3"),
        ("hps_folder_free_bytes{folder=\"clusters\"} > bool 0", "1"),
        ("hps_dhcp_pool_leases", "0"),
        ("hps_records_unreadable", "0"),
    ] {
        let answer = ask(query).unwrap();
        assert_eq!(answer.pointer("/data/result/0/value/1"), Some(&value.into()), "{query}: {answer}");
    }
    let names = node.run("curl", &["-sS", "http://127.0.0.1:9090/api/v1/label/__name__/values"]);
    assert!(!names.out.contains("evil"), "{}", names.out);
}

#[test]
fn rules_and_dashboard_use_metrics_that_exist() {
    let node = site();
    let web = Web::behind_socket(&node);
    let text = web.get("/metrics");
    assert!(text.ends_with("# EOF\n"), "{text}");
    let known: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    for file in ["hps.rules.yml", "grafana-dashboard.json"] {
        let used = std::fs::read_to_string(monitoring(file)).unwrap();
        let words =
            used.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| word.starts_with("hps_"));
        let mut count = 0;
        for word in words {
            count += 1;
            let is_known = ["", "_total", "_bucket", "_count", "_sum"]
                .iter()
                .any(|end| known.contains(&word.strip_suffix(end).unwrap_or_default()));
            // A gauge that nothing has set yet is not in the text.
            assert!(is_known || word == "hps_media_published_seconds", "{file}: {word}: {text}");
        }
        assert!(count > 8, "{file}: {count}");
    }
    serde_json::from_str::<serde_json::Value>(&std::fs::read_to_string(monitoring("grafana-dashboard.json")).unwrap())
        .unwrap();
    node.run("promtool", &["check", "rules", monitoring("hps.rules.yml").to_str().unwrap()]).done();
    node.run("promtool", &["test", "rules", monitoring("hps.rules.test.yml").to_str().unwrap()]).done();
    assert_eq!(web.status(&["-X", "POST"], "/metrics").0, "405");
}
