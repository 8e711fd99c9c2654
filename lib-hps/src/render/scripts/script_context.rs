// SPDX-License-Identifier: GPL-3.0-or-later
//! The machine and the cluster that a script is for.

use super::{grub, ipxe};
use crate::boot::{MenuItem, MissingFeature};
use crate::config::Cluster;
use crate::host::Host;
use crate::render::page::{Address, Page, Then};
use crate::types::{Distro, Loader, MacAddr, Method};

/// How long a message for a person stays on the screen.
pub(super) const READ_SECONDS: u32 = 5;

/// What scripts are about.
#[derive(Debug, Clone, Copy)]
pub struct ScriptContext<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The interface that the machine boots from.
    pub mac: MacAddr,
    /// Its record, if there is one that can be read.
    pub host: Option<&'a Host>,
    /// The sentence that it probably is a known host with another card.
    pub probable_host: Option<&'a str>,
    /// Whether the machine was ever installed: then its menu offers no installation, only the request for one.
    pub was_installed: bool,
    /// Whether the cluster ever had a storage host. Before that its menu offers no other type.
    pub has_storage: bool,
    /// Whose scripts the machine reads.
    pub loader: Loader,
    /// Whose shim started the machine, and whose it would be now.
    pub shims: Shims<'a>,
}

/// Shims, by the line of releases whose installation tree has them; `None` is Debian's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shims<'a> {
    /// The one that started the GRUB which asks.
    pub started: Option<&'a Distro>,
    /// The one that DHCP offers this card since the last `reload`.
    pub offered: Option<&'a Distro>,
}

impl Shims<'_> {
    /// What a machine lacks if Secure Boot is on and it is to start the kernel of this system.
    pub(super) fn objection(self, system: &Distro) -> Option<MissingFeature> {
        // A shim accepts the kernels of its line of releases. Debian's accepts those of both its releases.
        let wanted = (system.method() == Method::Kickstart).then(|| system.line());
        if self.started == wanted.as_ref() {
            return None;
        }
        Some(if self.offered == wanted.as_ref() { MissingFeature::OtherShim } else { MissingFeature::KernelKey })
    }
}

impl ScriptContext<'_> {
    pub(super) fn title(&self) -> String {
        let name = self.host.and_then(|h| h.name.as_ref()).map_or("unknown host", |n| n.as_str());
        format!("HPS {} - {} ({})", self.cluster.name, name, self.mac.colons())
    }

    pub(super) fn ask_again(&self) -> Address {
        Address::init(self.cluster)
    }

    pub(super) fn item(&self, item: MenuItem) -> Address {
        Address::item(self.cluster, self.mac, item)
    }

    pub(super) fn titled(&self, then: Then) -> Page {
        let page = Page::new(then).line(self.title());
        self.probable_host.into_iter().fold(page, |page, sentence| page.paragraph(sentence))
    }

    /// For a machine that has no permission: the command that gives one.
    pub(super) fn no_permission(&self, then: Then) -> Page {
        self.titled(then)
            .line("This machine has no permission to install. On the provisioning node run:")
            .line(format!("    host-state arm {} --type SCH", self.mac.colons()))
    }

    pub(super) fn write(&self, page: &Page) -> String {
        write(page, self.loader)
    }
}

/// A page as a script.
pub(super) fn write(page: &Page, loader: Loader) -> String {
    match loader {
        Loader::Ipxe => ipxe::write(page),
        Loader::Grub => grub::write(page),
    }
}
