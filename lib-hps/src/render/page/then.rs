// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Address, After, LocalDisk, Menu, Start};

/// What a machine does after it has shown its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// It lets a person choose.
    Menu(Menu),
    /// It starts a kernel.
    Start(Start),
    /// It boots its own disk.
    LocalDisk(LocalDisk),
    /// It requests the first address at once; if there is no answer, it waits and requests the second one.
    Request(Address, Address),
    /// It waits, and a key leads to the first address; without one it requests the second one.
    Wait(u32, Address, Address),
    /// It waits for a key, for so many seconds at most, and requests an address.
    Key(u32, Address),
    /// It waits.
    After(After),
    /// It restarts.
    Reboot,
}
