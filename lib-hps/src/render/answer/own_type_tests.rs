// SPDX-License-Identifier: GPL-3.0-or-later
//! Answer files of a type of the site's own.

use super::*;

/// A type of the site's own, with packages, a service and a port, made from PLAIN.
#[test]
fn a_type_of_the_sites_own_on_every_system() {
    let web: HostType = "WEB".parse().unwrap();
    let section =
        "types.WEB]\nfrom = \"PLAIN\"\npackages = [\"nginx\"]\nservices = [\"nginx.service\"]\nports = [\"80/tcp\"]";
    let text = CLUSTER.replace("types.SCH]", section);
    for system in ["rockylinux-10", "rockylinux-9", "almalinux-10", "almalinux-9"] {
        let distro = format!("x86_64-linux-{system}.1");
        let source = Source::Tree { path: Line::lossy(&distro) };
        let answer = render_cluster(&text, web, None, &distro, &source, None, false);
        golden(&format!("{system}/WEB.ks"), &without_parts(&answer));
        assert!(answer.contains("\nnginx\n") && answer.contains("--port=80:tcp"), "{answer}");
    }
    for system in ["debian-12", "debian-13"] {
        let distro = format!("x86_64-linux-{system}");
        let answer = render_cluster(&text, web, None, &distro, &image(&distro), None, false);
        golden(&format!("{system}/WEB"), &answer);
        assert!(answer.contains("nginx.service\n") && answer.contains("tcp dport 80 accept"), "{answer}");
    }
}
