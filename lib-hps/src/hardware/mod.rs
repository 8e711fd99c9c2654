// SPDX-License-Identifier: GPL-3.0-or-later
//! The hardware record: what a machine is made of, as its own report says.
//!
//! A machine reports at each installation. The report comes from the network, so everything
//! here is a claim: it is shown to people, compared, and may choose between things that a machine may have anyway. It
//! proves nothing, and no value of it is used as a path or a command. `report` reads what a machine sent, and each file
//! named after a program reads the output of that program.

mod changes;
mod cpuinfo;
mod dmidecode;
mod ethtool;
mod ipmitool;
mod lldp;
mod machine;
mod name_rule;
mod part;
mod record;
mod report;
mod sections;
mod smartctl;
#[cfg(test)]
mod tests;
mod value;

pub use changes::{Change, changes};
pub use machine::{Hardware, Occasion};
pub use name_rule::{NameRule, NoName};
pub use part::{Bmc, Board, Card, Disk, Health, MemoryModule, Neighbour, Processor};
pub use record::HardwareRecord;
pub use report::{MAX_REPORT_BYTES, ReportError, read_report};
