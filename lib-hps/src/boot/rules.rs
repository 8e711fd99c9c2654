// SPDX-License-Identifier: GPL-3.0-or-later
//! Which rule or open window permits a machine that has no permission of its own, and the permission that follows from
//! it.
//!
//! Such a permission has no file. Its id is an HMAC of the rule's scope and the MAC. So the mark of its use makes it
//! unique in the life of the machine.

use super::token::{SiteKey, derived_permission_id};
use crate::config::{Cluster, RoleError, Rule, supported};
use crate::host::{Grant, Permission, PermissionId, PermissionSource, Window};
use crate::types::{FirmwareInfo, Line, MacAddr, Timestamp};

/// The rule that fits a machine, and its window, if it belongs to one.
#[derive(Debug, Clone, Copy)]
pub struct PermittingRule<'a> {
    rule: &'a Rule,
    window: Option<&'a Window>,
}

/// Two that fit the same machine and are equally narrow.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("{} and {} both fit this machine, and neither is narrower: make one narrower, or remove it", .0.label(), .1.label())]
pub struct Tie<'a>(pub PermittingRule<'a>, pub PermittingRule<'a>);

/// A rule or window that names a type or system that this cluster does not install.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{label}: {why}")]
pub struct RuleError {
    label: String,
    why: RoleError,
}

/// The narrowest rule or open window that fits this machine.
///
/// # Errors
/// Both, if two are equally narrow.
pub fn choose<'a>(
    rules: &'a [Rule],
    windows: &'a [Window],
    mac: MacAddr,
    firmware: &FirmwareInfo,
    now: Timestamp,
) -> Result<Option<PermittingRule<'a>>, Tie<'a>> {
    match fitting(rules, windows, mac, firmware, now).as_slice() {
        [first, second, ..] if first.rule.specificity() == second.rule.specificity() => Err(Tie(*first, *second)),
        found => Ok(found.first().copied()),
    }
}

/// Every rule and open window that fits this machine, the narrowest first.
pub fn fitting<'a>(
    rules: &'a [Rule],
    windows: &'a [Window],
    mac: MacAddr,
    firmware: &FirmwareInfo,
    now: Timestamp,
) -> Vec<PermittingRule<'a>> {
    let open = windows.iter().filter(|w| w.is_open(now)).map(|w| PermittingRule { rule: &w.rule, window: Some(w) });
    let mut fitting: Vec<PermittingRule<'a>> = rules
        .iter()
        .map(|rule| PermittingRule { rule, window: None })
        .chain(open)
        .filter(|a| a.rule.matches(mac, firmware))
        .collect();
    fitting.sort_by_key(|a| std::cmp::Reverse(a.rule.specificity()));
    fitting
}

impl PermittingRule<'_> {
    /// Its name in messages.
    pub fn label(&self) -> String {
        match self.window {
            Some(window) => format!("window {} of {}", self.rule.name, window.opened_by),
            None => format!("rule {}", self.rule.name),
        }
    }

    /// The window; none for a rule of the cluster file.
    pub fn window(&self) -> Option<&PermissionId> {
        self.window.map(|window| &window.id)
    }

    /// Whether it names one machine by what its firmware reports.
    pub fn is_by_serial_or_uuid(&self) -> bool {
        self.rule.serial.is_some() || self.rule.uuid.is_some()
    }

    fn refused(&self, why: RoleError) -> RuleError {
        RuleError { label: self.label(), why }
    }

    /// The permission that it gives.
    ///
    /// # Errors
    /// If this cluster does not install what the rule names.
    pub fn permission(
        &self,
        key: &SiteKey,
        cluster: &Cluster,
        mac: MacAddr,
        now: Timestamp,
    ) -> Result<Permission, RuleError> {
        let rule = self.rule;
        let (profile, distro) = cluster.role(rule.host_type, rule.profile).map_err(|why| self.refused(why))?;
        supported(rule.distro.as_ref().unwrap_or(distro)).map_err(|why| self.refused(why))?;
        // All rules of the cluster file share one scope: a rule that is renamed or split does not arm a host a second
        // time.
        let (scope, given_at, expires) = match self.window {
            Some(window) => (window.id.to_string(), window.opened, window.closes),
            None => ("rules".to_owned(), now, now.plus(cluster.install.permission_lifetime)),
        };
        Ok(Permission::new(
            derived_permission_id(key, &cluster.name, &scope, mac),
            PermissionSource::Rule,
            Grant {
                mac,
                host_type: rule.host_type,
                profile,
                distro: rule.distro.clone().unwrap_or_else(|| distro.clone()),
                wipe: Vec::new(),
                given_by: Line::lossy(&self.label()),
                given_at,
                expires,
                reason: Line::lossy(&rule.conditions()),
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, text: &str) -> Rule {
        toml::from_str(&format!("name = {name:?}\ntype = \"SCH\"\n{text}")).unwrap()
    }

    fn mac() -> MacAddr {
        "525400000001".parse().unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    fn window(n: u8, text: &str) -> Window {
        let id = PermissionId::from_random([n; 16]);
        Window::new(id, rule(&format!("w{n}"), text), Line::lossy("root"), at(100), at(200))
    }

    #[test]
    fn the_narrowest_wins_and_a_tie_names_both() {
        let rules = [
            rule("prefix", "mac_prefix = \"5254\""),
            rule("serial", "serial = \"S1\""),
            rule("other", "serial = \"S2\""),
        ];
        let firmware = FirmwareInfo { serial: Some(Line::lossy("S1")), ..FirmwareInfo::default() };
        let label = |firmware: &FirmwareInfo| choose(&rules, &[], mac(), firmware, at(1)).unwrap().map(|a| a.label());
        assert_eq!(label(&firmware).as_deref(), Some("rule serial"));
        assert_eq!(label(&FirmwareInfo::default()).as_deref(), Some("rule prefix"));
        let tie = [rules[0].clone(), rule("second", "mac_prefix = \"52:54\"")];
        let error = choose(&tie, &[], mac(), &firmware, at(1)).unwrap_err().to_string();
        assert!(error.contains("rule prefix and rule second"), "{error}");
    }

    #[test]
    fn a_window_counts_while_it_is_open() {
        let windows = [window(1, "")];
        let open = |now| choose(&[], &windows, mac(), &FirmwareInfo::default(), at(now)).unwrap().is_some();
        assert!(open(100) && open(199));
        assert!(!open(200), "closed");
        let mut future = [windows[0].clone()];
        (future[0].opened, future[0].closes) = (at(5_000), at(9_000));
        assert!(
            choose(&[], &future, mac(), &FirmwareInfo::default(), at(150)).unwrap().is_none(),
            "the clock went back"
        );
        let two = [window(1, ""), window(2, "")];
        assert!(choose(&[], &two, mac(), &FirmwareInfo::default(), at(150)).unwrap_err().to_string().contains("w1"));
    }

    #[test]
    fn the_permission_is_the_same_each_time_and_wipes_nothing() {
        let cluster = Cluster::parse(include_str!("../../../tests/fixtures/lab.cluster")).unwrap();
        let key = SiteKey::new([7; 32]);
        let rules = [rule("a", "serial = \"S1\"")];
        let firmware = FirmwareInfo { serial: Some(Line::lossy("S1")), ..FirmwareInfo::default() };
        let permitting = choose(&rules, &[], mac(), &firmware, at(1)).unwrap().unwrap();
        let first = permitting.permission(&key, &cluster, mac(), at(1)).unwrap();
        assert_eq!(permitting.permission(&key, &cluster, mac(), at(9)).unwrap().id, first.id);
        let renamed = [rule("b", "serial = \"S1\"")];
        let renamed = choose(&renamed, &[], mac(), &firmware, at(1)).unwrap().unwrap();
        assert_eq!(renamed.permission(&key, &cluster, mac(), at(1)).unwrap().id, first.id);
        assert_ne!(permitting.permission(&key, &cluster, "525400000002".parse().unwrap(), at(1)).unwrap().id, first.id);
        assert!(first.require_blank && first.wipe.is_empty());
        let windows = [window(1, "")];
        let window = choose(&[], &windows, mac(), &firmware, at(150)).unwrap().unwrap();
        let permission = window.permission(&key, &cluster, mac(), at(150)).unwrap();
        assert_ne!(permission.id, first.id);
        assert_eq!(permission.expires, at(200));
    }
}
