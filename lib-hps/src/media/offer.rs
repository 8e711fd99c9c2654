// SPDX-License-Identifier: GPL-3.0-or-later
//! What mirrors offer: which releases, and what their makers have signed of them.

use super::mirror::{Client, Mirror, MirrorError};
use super::vendor::{Keys, Release, Vendor, Wanted, releases_in};
use super::verify::{Checksums, Claim, SIGNATURES, VerifyError};

/// A release, and the mirrors that list it, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub release: Release,
    /// Where.
    pub mirrors: Vec<Mirror>,
}

/// What mirrors offer, and what was wrong with those that said nothing.
#[derive(Debug)]
pub struct Offers {
    /// The newest first.
    pub offers: Vec<Offer>,
    /// A line for each mirror that said nothing.
    pub troubles: Vec<String>,
}

/// A listing is small, even of a mirror of everything.
const LISTING: u64 = 4 << 20;
const CHECKSUM: u64 = 1 << 20;
const SIGNATURE: u64 = 64 << 10;

/// Asks every mirror for its listing: one that is behind must not hide what another has. A release that is named is not
/// looked for; it is offered by all.
///
/// # Errors
/// [`MirrorError::Stopped`] only.
pub fn offers(client: &Client, vendor: Vendor, mirrors: &[Mirror], wanted: Wanted) -> Result<Offers, MirrorError> {
    if let Wanted::Exactly(release) = wanted {
        return Ok(Offers { offers: vec![Offer { release, mirrors: mirrors.to_vec() }], troubles: Vec::new() });
    }
    let mut offers: Vec<Offer> = Vec::new();
    let mut troubles = Vec::new();
    for mirror in mirrors {
        let url = mirror.url("");
        let listing = match client.small(&url, LISTING) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(MirrorError::Stopped) => return Err(MirrorError::Stopped),
            Err(error) => {
                troubles.push(error.to_string());
                continue;
            }
        };
        let mut listed = releases_in(&listing);
        listed.retain(|release| wanted.newest(vendor, &[*release]).is_some());
        if listed.is_empty() {
            troubles.push(format!("{url}: it lists no such release of {}", vendor.osname()));
        }
        for release in listed {
            match offers.iter_mut().find(|offer| offer.release == release) {
                Some(offer) => offer.mirrors.push(mirror.clone()),
                None => offers.push(Offer { release, mirrors: vec![mirror.clone()] }),
            }
        }
    }
    offers.sort_by_key(|offer| std::cmp::Reverse(offer.release));
    Ok(Offers { offers, troubles })
}

/// Why there is no CHECKSUM that counts.
#[derive(Debug, thiserror::Error)]
pub enum OfferError {
    /// Ctrl-C.
    #[error("stopped")]
    Stopped,
    /// No mirror gave one that counts.
    #[error("{reasons}")]
    None {
        /// What each mirror did.
        reasons: String,
        /// Whether one of them gave something that was looked at and refused.
        refused: bool,
        /// Whether all of them said that there is none.
        missing: bool,
    },
    /// It cannot be checked here.
    #[error(transparent)]
    Verify(VerifyError),
}

/// The CHECKSUM of a release, from the first mirror whose one the pinned key has signed.
///
/// # Errors
/// See [`OfferError`].
pub fn checksums(
    client: &Client,
    keys: Keys,
    vendor: Vendor,
    offer: &Offer,
    cpu: &str,
) -> Result<Checksums, OfferError> {
    let release = offer.release;
    let Some(key) = keys.of(vendor, release.major) else {
        return Err(OfferError::Verify(VerifyError::NoKey { vendor, release }));
    };
    let (mut reasons, mut refused, mut missing) = (Vec::new(), false, true);
    for mirror in &offer.mirrors {
        let folder = vendor.iso_folder(release, cpu);
        let get = |name: &str, limit| client.small(&mirror.url(&format!("{folder}/{name}")), limit);
        let text = match get("CHECKSUM", CHECKSUM) {
            Ok(text) => text,
            Err(MirrorError::Stopped) => return Err(OfferError::Stopped),
            Err(error) => {
                missing &= error.is_missing();
                reasons.push(error.to_string());
                continue;
            }
        };
        missing = false;
        if looks_like_a_page(&text) {
            reasons.push(format!("{mirror}: it sends a page in the place of CHECKSUM"));
            continue;
        }
        let mut signatures = Vec::new();
        let mut trouble = None;
        for name in SIGNATURES {
            match get(name, SIGNATURE) {
                Ok(bytes) => signatures.push((name, bytes)),
                Err(MirrorError::Stopped) => return Err(OfferError::Stopped),
                Err(error) if error.is_missing() => {}
                Err(error) => trouble = Some(error),
            }
        }
        // A line that broke is no missing signature.
        if let Some(error) = trouble.filter(|_| signatures.is_empty()) {
            reasons.push(error.to_string());
            continue;
        }
        let claim = Claim { vendor, release, cpu: cpu.to_owned() };
        match Checksums::prove(claim, &key, &text, &signatures, &client.stop) {
            Ok(checksums) => return Ok(checksums),
            Err(error) if error.is_refusal() => {
                refused = true;
                reasons.push(format!("{mirror}: {error}"));
            }
            Err(error) => return Err(OfferError::Verify(error)),
        }
    }
    Err(OfferError::None { reasons: reasons.join("; "), refused, missing })
}

fn looks_like_a_page(text: &[u8]) -> bool {
    let start = text.trim_ascii_start().get(..5).unwrap_or_default().to_ascii_lowercase();
    start == b"<!doc" || start == b"<html"
}
