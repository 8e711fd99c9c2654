// SPDX-License-Identifier: GPL-3.0-or-later
//! What mirrors offer: which releases, and what their makers have signed of them.
//!
//! One mirror's fault is not the site's: whatever one sends or does not send, the next is asked, and the faults are named when none
//! was right. Only what is wrong here ends it sooner.

use super::mirror::{Client, Mirror, MirrorError};
use super::vendor::{Keys, Release, ReleaseKey, Vendor, Wanted, releases_in};
use super::verify::{Checksums, Expected, ReleaseId, SIGNATURES, VerifyError};
use crate::types::Sha256Digest;

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
    /// Whether no mirror was reached.
    pub unreachable: bool,
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
        return Ok(Offers {
            offers: vec![Offer { release, mirrors: mirrors.to_vec() }],
            troubles: Vec::new(),
            unreachable: false,
        });
    }
    let mut offers: Vec<Offer> = Vec::new();
    let (mut troubles, mut unreachable) = (Vec::new(), true);
    for mirror in mirrors {
        let url = mirror.url("");
        let listing = match client.small(&url, LISTING) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(MirrorError::Stopped) => return Err(MirrorError::Stopped),
            Err(error) => {
                unreachable &= error.is_unreachable();
                troubles.push(error.to_string());
                continue;
            }
        };
        unreachable = false;
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
    Ok(Offers { offers, troubles, unreachable })
}

/// Why there is nothing that an ISO can be proven by.
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
        /// Whether none of them was reached.
        unreachable: bool,
    },
    /// It cannot be checked here.
    #[error(transparent)]
    Verify(VerifyError),
}

/// What the mirrors of an offer say of one ISO, mirror after mirror: each CHECKSUM that the pinned key has signed may have another
/// state of it, and which one its mirrors have is seen by asking for it.
#[derive(Debug)]
pub struct Search<'a> {
    client: &'a Client,
    key: ReleaseKey,
    release_id: ReleaseId,
    name: String,
    /// Those that were not asked yet.
    mirrors: std::vec::IntoIter<Mirror>,
    given: Vec<Sha256Digest>,
    reasons: Vec<String>,
    refused: bool,
    missing: bool,
    unreachable: bool,
}

impl<'a> Search<'a> {
    /// For the ISO of this name.
    ///
    /// # Errors
    /// When no key is known that could have signed it.
    pub fn new(
        client: &'a Client,
        keys: Keys,
        release_id: ReleaseId,
        offer: &Offer,
        name: &str,
    ) -> Result<Self, OfferError> {
        let (vendor, release) = (release_id.vendor, release_id.release);
        let key = keys.of(vendor, release.major).ok_or(OfferError::Verify(VerifyError::NoKey { vendor, release }))?;
        Ok(Self {
            client,
            key,
            release_id,
            name: name.to_owned(),
            mirrors: offer.mirrors.clone().into_iter(),
            given: Vec::new(),
            reasons: Vec::new(),
            refused: false,
            missing: true,
            unreachable: true,
        })
    }

    /// The ISO as the next mirror's CHECKSUM has it, where that counts and is another than those before; `None` when all were asked.
    ///
    /// # Errors
    /// [`OfferError::Stopped`], and what is wrong here.
    pub fn next_expected(&mut self) -> Result<Option<Expected>, OfferError> {
        while let Some(mirror) = self.mirrors.next() {
            if let Some(expected) = self.ask(&mirror)? {
                (self.missing, self.unreachable) = (false, false);
                if !self.given.contains(&expected.sha256()) {
                    self.given.push(expected.sha256());
                    return Ok(Some(expected));
                }
            }
        }
        Ok(None)
    }

    /// What was wrong with the mirrors that gave nothing.
    pub fn faults(self) -> OfferError {
        let Self { reasons, refused, missing, unreachable, .. } = self;
        OfferError::None { reasons: reasons.join("; "), refused, missing, unreachable }
    }

    /// What one mirror says; nothing, with a reason, where that does not count.
    fn ask(&mut self, mirror: &Mirror) -> Result<Option<Expected>, OfferError> {
        let ReleaseId { vendor, release, cpu } = &self.release_id;
        let folder = vendor.iso_folder(*release, cpu);
        let get = |name: &str, limit| self.client.small(&mirror.url(&format!("{folder}/{name}")), limit);
        let text = match get("CHECKSUM", CHECKSUM) {
            Ok(text) => text,
            Err(MirrorError::Stopped) => return Err(OfferError::Stopped),
            Err(error) => {
                self.missing &= error.is_missing();
                self.unreachable &= error.is_unreachable();
                self.reasons.push(error.to_string());
                return Ok(None);
            }
        };
        (self.missing, self.unreachable) = (false, false);
        if looks_like_a_page(&text) {
            self.reasons.push(format!("{mirror}: it sends a page in the place of CHECKSUM"));
            return Ok(None);
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
            self.reasons.push(error.to_string());
            return Ok(None);
        }
        let expected = Checksums::verify(self.release_id.clone(), &self.key, &text, &signatures, &self.client.stop)
            .and_then(|checksums| checksums.expected(&self.name));
        match expected {
            Ok(expected) => Ok(Some(expected)),
            Err(error) if error.is_refusal() => {
                self.refused = true;
                self.reasons.push(format!("{mirror}: {error}"));
                Ok(None)
            }
            Err(error) => Err(OfferError::Verify(error)),
        }
    }
}

fn looks_like_a_page(text: &[u8]) -> bool {
    let start = text.trim_ascii_start().get(..5).unwrap_or_default().to_ascii_lowercase();
    start == b"<!doc" || start == b"<html"
}
