// SPDX-License-Identifier: GPL-3.0-or-later
//! The host types of a cluster: those of HPS, and those of the site's own, which its file defines.

use super::cluster::{Cluster, TypeSettings};
use super::type_definition::{PoolUse, TypeDefinition, TypeFeature};
use crate::types::{HostType, Profile};
use std::borrow::Cow;

impl TypeDefinition {
    /// That of a type with this section of a cluster file. What it is made from is PLAIN, if the section does not say it;
    /// a file that was read says it for each type of the site's own.
    pub fn with_settings(host_type: HostType, settings: &TypeSettings) -> Self {
        let base = Self::built_in(host_type).or_else(|| Self::built_in(settings.from?)).cloned().unwrap_or(Self::PLAIN);
        let own = !host_type.is_built_in();
        let name = || Cow::Owned(host_type.as_str().to_ascii_lowercase());
        let title = settings.title.as_ref().map(|title| Cow::Owned(title.to_string()));
        let prefix = settings.prefix.as_ref().map(|prefix| Cow::Owned(prefix.to_string()));
        Self {
            host_type,
            title: title.unwrap_or(if own { Cow::Borrowed("Host") } else { base.title }),
            prefix: prefix.unwrap_or_else(|| if own { name() } else { base.prefix }),
            keys: if own { &[] } else { base.keys },
            ..base
        }
    }
}

impl Cluster {
    /// What a type is: one of HPS, or one of this file. `None` if it is neither.
    pub fn definition(&self, host_type: HostType) -> Option<TypeDefinition> {
        match self.types.get(&host_type) {
            Some(settings) => Some(TypeDefinition::with_settings(host_type, settings)),
            None => TypeDefinition::built_in(host_type).cloned(),
        }
    }

    /// Whether hosts of a type have or need this; `false` for an unknown type.
    pub fn type_has(&self, host_type: HostType, feature: TypeFeature) -> bool {
        self.definition(host_type).is_some_and(|definition| definition.has(feature))
    }

    /// When hosts of a type have a pool.
    pub fn pool_use(&self, host_type: HostType) -> PoolUse {
        self.definition(host_type).map_or(PoolUse::Never, |definition| definition.pool)
    }

    /// Whether a type has this variant.
    pub fn has_profile(&self, host_type: HostType, profile: Profile) -> bool {
        self.definition(host_type).is_some_and(|definition| definition.profiles.contains(&profile))
    }

    /// The types of HPS and those of this file, in the order in which they are shown.
    pub fn known_types(&self) -> Vec<HostType> {
        let own = self.types.keys().copied().filter(|host_type| !host_type.is_built_in());
        HostType::BUILT_IN.into_iter().chain(own).collect()
    }
}
