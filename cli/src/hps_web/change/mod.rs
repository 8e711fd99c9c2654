// SPDX-License-Identifier: GPL-3.0-or-later
//! Changes over the API. hps-web, which has no right to change anything, hands an order to a helper of root's over a socket
//! of the file system. The helper checks the token, reads the order by its types, and runs the same command as a person.

mod act;
mod answer;
mod ask;
mod order;
mod refused;
mod serve;

pub(super) use act::{Act, act};
pub(super) use ask::{ACTIONS, Changes};
pub(super) use serve::{Serve, serve};
