// SPDX-License-Identifier: GPL-3.0-or-later
//! How a disk is connected: the words that a rule and a node use (`disk_bus` in scripts/node/steps/disk.sh).

use crate::types::text_enum;

text_enum! {
    /// How a disk is connected.
    DiskBus, "bus",

    /// A controller in AHCI or IDE mode.
    Ata = "ata",
    /// Serial Attached SCSI.
    Sas = "sas",
    /// Another local SCSI controller.
    Scsi = "scsi",
    /// NVMe over PCIe.
    Nvme = "nvme",
    /// A disk of a virtual machine.
    Virtio = "virtio",
    /// Another local controller.
    Other = "other",
    /// A disk or a stick on USB.
    Usb = "usb",
    /// An SD card or eMMC.
    Mmc = "mmc",
    /// A disk on FireWire.
    FireWire = "firewire",
    /// Another disk that reports a removable medium.
    Removable = "removable",
    /// A disk on USB that a management controller shows.
    VirtualMedia = "virtual-media",
    /// A disk over iSCSI.
    Iscsi = "iscsi",
    /// A disk over Fibre Channel.
    Fc = "fc",
    /// NVMe over a network.
    NvmeFabrics = "nvme-fabrics",
    /// A disk over a network in another way.
    Network = "network",
}

impl DiskBus {
    /// Whether disks there belong to a host without a rule that names them (decision 93).
    pub(super) fn is_local(self) -> bool {
        match self {
            Self::Ata | Self::Sas | Self::Scsi | Self::Nvme | Self::Virtio | Self::Other => true,
            Self::Usb
            | Self::Mmc
            | Self::FireWire
            | Self::Removable
            | Self::VirtualMedia
            | Self::Iscsi
            | Self::Fc
            | Self::NvmeFabrics
            | Self::Network => false,
        }
    }

    /// Those for which [`Self::is_local`] holds, as a condition lists them.
    pub(super) fn local() -> String {
        let words: Vec<&str> = Self::ALL.into_iter().filter(|bus| bus.is_local()).map(Self::as_str).collect();
        words.join(",")
    }
}
