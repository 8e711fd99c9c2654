// SPDX-License-Identifier: GPL-3.0-or-later
//! Host types of the site's own: how they are defined, what they get from the type that they are made from, and which
//! mistakes are found.

use crate::config::{Cluster, ClusterError, PoolPlace, SiteProfile, TypeFeature};
use crate::types::{HostType, Method, Profile};

const CLUSTER: &str = include_str!("../../../tests/fixtures/lab.cluster");
const DEBIAN: &str = "distro = \"x86_64-linux-debian-12\"";

fn parse(more: &str) -> Result<Cluster, ClusterError> {
    Cluster::parse(&format!("{CLUSTER}\n{more}\n"))
}

fn mistakes(more: &str) -> Vec<String> {
    match parse(more) {
        Err(ClusterError::File(mistakes)) => mistakes.iter().map(ToString::to_string).collect(),
        other => panic!("{more}: {other:?}"),
    }
}

fn web() -> HostType {
    "WEB".parse().unwrap()
}

#[test]
fn a_type_has_what_it_is_made_from() {
    let of = |section: &str| {
        let cluster = parse(&format!("[types.WEB]\n{DEBIAN}\n{section}")).unwrap();
        assert_eq!(Cluster::parse(&cluster.to_text()).unwrap(), cluster, "written and read back");
        cluster
    };
    let plain = of("from = \"PLAIN\"");
    let definition = plain.definition(web()).unwrap();
    assert_eq!((definition.from, &*definition.prefix, &*definition.title), (HostType::PLAIN, "web", "Host"));
    assert!(definition.profiles.is_empty() && definition.features.is_empty() && definition.ports.is_empty());
    assert!(definition.packages().is_empty() && definition.services(Method::Kickstart).is_empty());
    assert_eq!(plain.role(web(), None).unwrap().0, None);
    assert!(plain.role(web(), Some(Profile::StorageRaid)).is_err());
    assert_eq!(plain.known_types().last(), Some(&web()));

    let own = of("from = \"PLAIN\"\ntitle = \"Web server\"\nprefix = \"www\"");
    let definition = own.definition(web()).unwrap();
    assert_eq!((&*definition.prefix, &*definition.title), ("www", "Web server"));

    let storage = of("from = \"SCH\"\nprofile = \"STORAGERAID\"");
    let profile = storage.role(web(), None).unwrap().0;
    assert_eq!(profile, Some(Profile::StorageRaid));
    let disks = storage.disks(web(), &[]).unwrap();
    assert_eq!(PoolPlace::for_host(storage.pool_use(web()), profile, &disks), PoolPlace::Rest);
    assert!(storage.type_has(web(), TypeFeature::Storage) && !storage.type_has(web(), TypeFeature::GuestBridge));

    let compute = of("from = \"TCH\"");
    assert!(compute.type_has(web(), TypeFeature::GuestBridge));
    assert!(compute.to_text().contains("without it br0"), "{}", compute.to_text());
}

#[test]
fn a_type_that_nothing_defines_is_a_mistake_wherever_it_is_named() {
    for (more, expected) in [
        (format!("[types.WEB]\n{DEBIAN}"), "WEB is no host type of HPS (expected one of SCH, TCH, CCH, DRH, PLAIN)"),
        (format!("[types.SHC]\n{DEBIAN}"), "did you mean SCH?"),
        (format!("[types.WEB]\nfrom = \"PLAN\"\n{DEBIAN}"), "types.WEB.from is \"PLAN\": expected a type of HPS; did you mean PLAIN?"),
        (format!("[types.A]\nfrom = \"B\"\n{DEBIAN}\n[types.B]\nfrom = \"PLAIN\"\n{DEBIAN}"), "types.A.from is \"B\": expected a type of HPS"),
        (format!("[types.TCH]\nfrom = \"PLAIN\"\n{DEBIAN}"), "TCH is a type of HPS"),
        ("[[rule]]\nname = \"r\"\nserial = \"1\"\ntype = \"WEB\"".to_owned(), "rule r: WEB is no host type of HPS"),
        (
            "[[storage_network]]\nname = \"a\"\nnetwork = \"10.9.0.0/24\"\nvlan = 9\ntypes = [\"SCH\", \"SHC\"]".to_owned(),
            "types of storage_network a: SHC is no host type",
        ),
        (
            "[[subnet]]\nname = \"b\"\nnetwork = \"10.8.0.0/24\"\ngateway = \"10.8.0.1\"\ndhcp_range = \"10.8.0.100-10.8.0.200\"\n\
             host_range = \"10.8.0.2-10.8.0.99\"\ntypes = [\"WEB\"]"
                .to_owned(),
            "types of subnet b: WEB is no host type",
        ),
        (format!("[types.web]\nfrom = \"PLAIN\"\n{DEBIAN}"), "A-Z and 0-9"),
        (format!("[types.WEB]\nfrom = \"PLAIN\"\n{DEBIAN}\ntitel = \"x\""), "unknown key titel; did you mean title?"),
        (format!("[types.WEB]\nfrom = \"PLAIN\"\n{DEBIAN}\ntitle = \"${{net0}}\""), "types.WEB.title"),
        (format!("[types.WEB]\nfrom = \"PLAIN\"\n{DEBIAN}\nprefix = \"Web\""), "types.WEB.prefix"),
        (format!("[types.WEB]\nfrom = \"PLAIN\"\n{DEBIAN}\n[types.WEB.disks]\nvolumes = \"zfs\""), "a WEB has no pool"),
    ] {
        let found = mistakes(&more);
        assert!(found.len() == 1 && found[0].contains(expected), "{more}: {found:#?}");
    }
}

/// One path serves the section and a site profile.
#[test]
fn packages_services_and_ports_of_a_section_are_a_profile_of_its_hosts() {
    let lists = "packages = [\"nginx-light\"]\nservices = [\"nginx.service\"]\nports = [\"80/tcp\"]";
    let cluster = parse(&format!("[types.WEB]\nfrom = \"PLAIN\"\n{DEBIAN}\n{lists}")).unwrap();
    assert_eq!(Cluster::parse(&cluster.to_text()).unwrap(), cluster, "written and read back");
    let profile = SiteProfile::from_section(web(), &cluster.types[&web()]).unwrap();
    assert_eq!((profile.packages.len(), profile.services.len(), profile.ports.len()), (1, 1, 1));
    assert!(profile.is_for(web(), None, &[]) && !profile.is_for(HostType::SCH, None, &[]));
    assert_eq!(profile.describe(), "[types.WEB]");
    assert_eq!(SiteProfile::from_section(HostType::SCH, &cluster.types[&HostType::SCH]), None);
    let group = cluster.to_text().replace("nginx-light", "@web-server");
    let group = SiteProfile::from_section(web(), &Cluster::parse(&group).unwrap().types[&web()]).unwrap();
    let why = group.fits(web(), &"x86_64-linux-debian-12".parse().unwrap()).unwrap_err().to_string();
    assert!(why.starts_with("[types.WEB]: @web-server is a group"), "{why}");
    for bad in [
        "packages = [\"a;b\"]",
        "packages = [\"$(id)\"]",
        "services = [\"nginx\"]",
        "services = [\"-a.service\"]",
        "ports = [\"80\"]",
    ] {
        let found = mistakes(&format!("[types.WEB]\nfrom = \"PLAIN\"\n{DEBIAN}\n{bad}"));
        assert!(found.len() == 1 && found[0].contains("types.WEB"), "{bad}: {found:#?}");
    }
}

#[test]
fn all_mistakes_are_found_at_once() {
    let more = format!(
        "[types.WEB]\nform = \"PLAIN\"\n{DEBIAN}\ntitle = \"a;b\"\n[types.DB]\nfrom = \"PLAN\"\n{DEBIAN}\n\
         [[rule]]\nname = \"r\"\nserial = \"1\"\ntype = \"WBE\"\n"
    );
    let found = mistakes(&more);
    for expected in ["did you mean from?", "types.WEB.title", "types.DB.from", "rule r: WBE"] {
        assert!(found.iter().any(|mistake| mistake.contains(expected)), "{expected}: {found:#?}");
    }
}

/// Linux keeps 64 characters of a whole name.
#[test]
fn a_prefix_leaves_room_for_number_and_domain() {
    let long = "p".repeat(40);
    let cluster = parse(&format!("[types.WEB]\nfrom = \"PLAIN\"\n{DEBIAN}\nprefix = \"{long}\"")).unwrap();
    let found = cluster.not_installable();
    assert!(found.is_empty(), "{found:?}");
    let domain = "d".repeat(30);
    let text = CLUSTER.replace("lab.internal", &domain);
    let text = format!("{text}\n[types.WEB]\nfrom = \"PLAIN\"\n{DEBIAN}\nprefix = \"{long}\"\n");
    let found = Cluster::parse(&text).unwrap().not_installable();
    assert!(found.len() == 1 && found[0].problem().starts_with("types.WEB.prefix"), "{found:?}");
}
