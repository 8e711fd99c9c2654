// SPDX-License-Identifier: GPL-3.0-or-later

/// What a client tells of itself, which decides the boot file that it is offered. The numbers are those of option 93
/// (RFC 4578, section 2.1, and IANA's "Processor Architecture Types").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientKind {
    /// A system that needs an address and boots nothing.
    Plain,
    /// Firmware that boots by TFTP: vendor class `PXEClient`.
    Pxe(u16),
    /// Firmware that boots by HTTP (RFC 5970): vendor class `HTTPClient`.
    Http(u16),
    /// iPXE: vendor class `PXEClient`, user class `iPXE`, and its own option 175.
    Ipxe(u16),
}

impl ClientKind {
    /// The architecture in option 93.
    pub fn architecture(self) -> Option<u16> {
        match self {
            Self::Plain => None,
            Self::Pxe(code) | Self::Http(code) | Self::Ipxe(code) => Some(code),
        }
    }

    /// Option 60, as firmware writes it (PXE specification 2.1, section 2.2.3).
    pub fn vendor_class(self) -> Option<String> {
        let word = match self {
            Self::Plain => return None,
            Self::Pxe(_) | Self::Ipxe(_) => "PXEClient",
            Self::Http(_) => "HTTPClient",
        };
        self.architecture().map(|code| format!("{word}:Arch:{code:05}:UNDI:003016"))
    }

    /// Whether it is iPXE.
    pub fn is_ipxe(self) -> bool {
        matches!(self, Self::Ipxe(_))
    }
}
