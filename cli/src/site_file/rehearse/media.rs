// SPDX-License-Identifier: GPL-3.0-or-later
//! The media of a rehearsal: compared with their digests where they are, and named where they are missing.

use super::origin::Origin;
use super::report::Report;
use super::stop::STOP;
use crate::site_file::export_answer::Contents;
use crate::site_file::incoming::Incoming;
use hps::media::{RecordError, how_to_publish, published, trees, verify_again};
use hps::types::{Distro, one_line};
use std::collections::BTreeSet;
use std::path::Path;

/// Compares them. Those of a file were compared when it was read.
pub(super) fn verify(origin: &Origin, incoming: &Incoming, report: &mut Report) {
    let distros = match origin.distros() {
        Ok(Some(distros)) => distros,
        Ok(None) => {
            let media = Contents::new(&incoming.manifest).media;
            report.media = media.iter().map(Distro::to_string).collect();
            return;
        }
        Err(error) => {
            report.problems.push(format!("{error:#}"));
            return;
        }
    };
    let media = match published(&distros) {
        Ok(media) => media,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => {
            report.problems.push(format!("{}: {}", distros.display(), one_line(&error)));
            return;
        }
    };
    for medium in media {
        match verify_again(&distros, &medium.item, STOP, &mut |_, _| {}) {
            Ok(wrong) if wrong.is_empty() => report.media.push(medium.item.to_string()),
            Ok(wrong) => report
                .problems
                .extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}; publish it again", medium.item))),
            Err(RecordError::NoInventory) => {
                report.notes.push(format!("{}: it has no inventory, so it was not compared", medium.item));
            }
            Err(error) => report.problems.push(format!("{}: {}", medium.item, one_line(&error))),
        }
    }
}

/// Names the distributions of host types that have neither a tree nor an image. Installed machines do not need them.
pub(super) fn name_missing(origin: &Origin, incoming: &Incoming, report: &mut Report) {
    let in_file = Contents::new(&incoming.manifest).media;
    let place = origin.distros().ok().flatten();
    let wanted: BTreeSet<&Distro> = incoming
        .clusters
        .values()
        .flat_map(|cluster| cluster.types.values())
        .filter(|settings| !is_there(&settings.distro, &in_file, place.as_deref()))
        .map(|settings| &settings.distro)
        .collect();
    for distro in wanted {
        let command = how_to_publish(distro);
        report.notes.push(format!("{distro} is missing; no host could be installed with it until: {command}"));
    }
}

fn is_there(distro: &Distro, in_file: &[Distro], place: Option<&Path>) -> bool {
    let listed = in_file.iter().any(|known| known == distro || trees::is_of_line(known, distro));
    listed
        || place.is_some_and(|distros| {
            let newest = trees::newest(distros, distro).ok().flatten();
            newest.is_some() || distros.join(distro.as_str()).join("current.toml").is_file()
        })
}
