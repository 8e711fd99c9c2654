// SPDX-License-Identifier: GPL-3.0-or-later
//! The architecture of a DHCP client: option 93, sixteen bits.
//!
//! RFC 4578, section 2.1, has the first numbers, and RFC 5970 those of clients that boot by HTTP. IANA keeps the list:
//! "Processor Architecture Types" of the DHCPv6 parameters. For 7 and 9 RFC and list contradict each other, and
//! firmware for x86-64 sends either of them.
//!
//! Any client may send any number. So a number that is not in the list is no error.

use super::Cpu;
use serde::Deserialize;
use std::fmt;

/// The number that a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize)]
#[serde(transparent)]
pub struct ClientArchitecture(u16);

/// What starts the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirmwareKind {
    /// The firmware of PCs before UEFI.
    Bios,
    /// UEFI.
    Uefi,
    /// Another one.
    Other,
}

/// How the client fetches its boot loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// By TFTP (RFC 1350).
    Tftp,
    /// By HTTP (RFC 5970).
    Http,
}

/// Whether HPS has a boot loader for such clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// It has one, for a system of this processor.
    Loader(Cpu),
    /// It has none, for this reason.
    No(&'static str),
}

struct Row {
    number: u16,
    name: &'static str,
    cpu: &'static str,
    firmware: FirmwareKind,
    transport: Transport,
    service: Service,
}

const OLD: Service = Service::No("no longer made");
const NO_SYSTEM: Service = Service::No("HPS installs no system for this processor");
const UEFI_32: Service = Service::No("Debian has no iPXE for 32-bit UEFI; set the firmware to 64 bits or to BIOS");
const NO_BIOS_HTTP: Service = Service::No("Debian's iPXE for BIOS is started by TFTP; set the firmware to PXE");
const NO_UEFI: Service = Service::No("its firmware starts no UEFI program");
const BYTE_CODE: Service = Service::No("iPXE is not made as EFI byte code");
const X86_64: Service = Service::Loader(Cpu::X86_64);
const ARM64: Service = Service::Loader(Cpu::Aarch64);

const fn bios(number: u16, name: &'static str, cpu: &'static str, service: Service) -> Row {
    Row { number, name, cpu, firmware: FirmwareKind::Bios, transport: Transport::Tftp, service }
}

const fn uefi(number: u16, name: &'static str, cpu: &'static str, service: Service) -> Row {
    Row { number, name, cpu, firmware: FirmwareKind::Uefi, transport: Transport::Tftp, service }
}

const fn other(number: u16, name: &'static str, cpu: &'static str, service: Service) -> Row {
    Row { number, name, cpu, firmware: FirmwareKind::Other, transport: Transport::Tftp, service }
}

const fn http(row: Row) -> Row {
    Row { transport: Transport::Http, ..row }
}

/// IANA's list, with its names.
const ROWS: [Row; 42] = [
    bios(0, "x86 BIOS", "x86, x86-64", X86_64),
    bios(1, "NEC/PC98", "x86", OLD),
    uefi(2, "Itanium", "Itanium", OLD),
    other(3, "DEC Alpha", "Alpha", OLD),
    other(4, "Arc x86", "x86", OLD),
    other(5, "Intel Lean Client", "x86", OLD),
    uefi(6, "x86 UEFI", "x86", UEFI_32),
    uefi(7, "x64 UEFI", "x86-64", X86_64),
    uefi(8, "EFI Xscale", "ARM 32-bit", OLD),
    uefi(9, "EBC", "x86-64", X86_64),
    uefi(10, "ARM 32-bit UEFI", "ARM 32-bit", NO_SYSTEM),
    uefi(11, "ARM 64-bit UEFI", "ARM 64-bit", ARM64),
    other(12, "PowerPC Open Firmware", "PowerPC", NO_SYSTEM),
    other(13, "PowerPC ePAPR", "PowerPC", NO_SYSTEM),
    other(14, "POWER OPAL v3", "POWER", NO_SYSTEM),
    http(uefi(15, "x86 uefi boot from http", "x86", UEFI_32)),
    http(uefi(16, "x64 uefi boot from http", "x86-64", X86_64)),
    http(uefi(17, "ebc boot from http", "any", BYTE_CODE)),
    http(uefi(18, "arm uefi 32 boot from http", "ARM 32-bit", NO_SYSTEM)),
    http(uefi(19, "arm uefi 64 boot from http", "ARM 64-bit", ARM64)),
    http(bios(20, "pc/at bios boot from http", "x86, x86-64", NO_BIOS_HTTP)),
    other(21, "arm 32 uboot", "ARM 32-bit", NO_SYSTEM),
    other(22, "arm 64 uboot", "ARM 64-bit", NO_UEFI),
    http(other(23, "arm uboot 32 boot from http", "ARM 32-bit", NO_SYSTEM)),
    http(other(24, "arm uboot 64 boot from http", "ARM 64-bit", NO_UEFI)),
    uefi(25, "RISC-V 32-bit UEFI", "RISC-V 32-bit", NO_SYSTEM),
    http(uefi(26, "RISC-V 32-bit UEFI boot from http", "RISC-V 32-bit", NO_SYSTEM)),
    uefi(27, "RISC-V 64-bit UEFI", "RISC-V 64-bit", NO_SYSTEM),
    http(uefi(28, "RISC-V 64-bit UEFI boot from http", "RISC-V 64-bit", NO_SYSTEM)),
    uefi(29, "RISC-V 128-bit UEFI", "RISC-V 128-bit", NO_SYSTEM),
    http(uefi(30, "RISC-V 128-bit UEFI boot from http", "RISC-V 128-bit", NO_SYSTEM)),
    other(31, "s390 Basic", "s390", NO_SYSTEM),
    other(32, "s390 Extended", "s390x", NO_SYSTEM),
    uefi(33, "MIPS 32-bit UEFI", "MIPS 32-bit", NO_SYSTEM),
    uefi(34, "MIPS 64-bit UEFI", "MIPS 64-bit", NO_SYSTEM),
    uefi(35, "Sunway 32-bit UEFI", "Sunway 32-bit", NO_SYSTEM),
    uefi(36, "Sunway 64-bit UEFI", "Sunway 64-bit", NO_SYSTEM),
    uefi(37, "LoongArch 32-bit UEFI", "LoongArch 32-bit", NO_SYSTEM),
    http(uefi(38, "LoongArch 32-bit UEFI boot from http", "LoongArch 32-bit", NO_SYSTEM)),
    uefi(39, "LoongArch 64-bit UEFI", "LoongArch 64-bit", NO_SYSTEM),
    http(uefi(40, "LoongArch 64-bit UEFI boot from http", "LoongArch 64-bit", NO_SYSTEM)),
    other(41, "arm rpiboot", "ARM", NO_UEFI),
];

impl ClientArchitecture {
    /// Any number that a client may send.
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// Those of IANA's list.
    pub fn listed() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| Self(row.number))
    }

    /// From a vendor class (option 60): `PXEClient:Arch:00007:UNDI:003001`, or the same with `HTTPClient`. `None` for
    /// other texts.
    pub fn from_vendor_class(text: &str) -> Option<Self> {
        let mut words = text.split(':');
        let client = matches!(words.next(), Some("PXEClient" | "HTTPClient")) && words.next() == Some("Arch");
        let digits = words.next().filter(|digits| client && digits.len() == 5)?;
        let all_digits = digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|_| all_digits).map(Self)
    }

    /// The number.
    pub fn number(self) -> u16 {
        self.0
    }

    /// IANA's name; `None` for a number that is not in the list.
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.name)
    }

    /// The processor, in words.
    pub fn processor(self) -> Option<&'static str> {
        self.row().map(|row| row.cpu)
    }

    /// What starts the client.
    pub fn firmware(self) -> FirmwareKind {
        self.row().map_or(FirmwareKind::Other, |row| row.firmware)
    }

    /// How it fetches its boot loader.
    pub fn transport(self) -> Transport {
        self.row().map_or(Transport::Tftp, |row| row.transport)
    }

    /// Whether HPS has a boot loader for it.
    pub fn service(self) -> Service {
        self.row().map_or(Service::No("the number is not in IANA's list"), |row| row.service)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.get(usize::from(self.0)).filter(|row| row.number == self.0)
    }
}

/// `6 (x86 UEFI)`.
impl fmt::Display for ClientArchitecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.name().unwrap_or("not in IANA's list"))
    }
}

impl fmt::Display for FirmwareKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bios => "BIOS",
            Self::Uefi => "UEFI",
            Self::Other => "other",
        })
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tftp => "TFTP",
            Self::Http => "HTTP",
        })
    }
}

#[cfg(test)]
#[path = "client_architecture_tests.rs"]
mod tests;
