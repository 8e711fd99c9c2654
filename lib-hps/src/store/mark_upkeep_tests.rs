// SPDX-License-Identifier: GPL-3.0-or-later

use super::*;
use crate::config::Rule;
use crate::host::{Permission, PermissionSource, Window};
use crate::store::testing::{permission, store};
use std::path::Path;

#[test]
fn only_the_marks_of_choices_at_a_console_go_when_they_ended_long_ago() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let sources = [PermissionSource::Menu, PermissionSource::Operator, PermissionSource::Rule];
    for (number, source) in (1..).zip(sources) {
        // A reason of several lines says no time.
        store
            .permissions()
            .mark_used(&permission(number, source), "x\nchosen at the console until 1970-01-01T00:00:00Z")
            .unwrap();
    }
    let days = |days: i64| Timestamp::from_unix(days * 86_400);
    assert_eq!(
        (store.mark_upkeep().clear_expired(days(-9)).unwrap(), store.mark_upkeep().clear_expired(days(7)).unwrap()),
        (0, 0)
    );
    assert_eq!(
        (store.mark_upkeep().clear_expired(days(8)).unwrap(), store.mark_upkeep().clear_expired(days(900)).unwrap()),
        (1, 0)
    );
    let spent = |number: u8| store.ended_marks().exists(&PermissionId::from_random([number; 16])).unwrap();
    assert_eq!([spent(1), spent(2), spent(3)], [false, true, true]);
}

/// What a person does with `cp -a` and `rsync`: the folder is as it was, with what came since.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn put_back(store: &crate::store::Store, folder: &Path) {
    let clusters = store.paths.cluster_dir();
    std::fs::remove_dir_all(&clusters).unwrap();
    copy(folder, &clusters);
}

#[test]
fn a_permission_that_ended_does_not_come_back_with_a_copy_of_the_cluster() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let copied = tempfile::tempdir().unwrap();
    let now = Timestamp::from_unix(5);
    type End = fn(&crate::store::Store, &Permission);
    let ends: [(&str, End); 3] = [
        ("disarmed", |store, permission| store.permissions().mark_used(permission, "disarmed").unwrap()),
        // Its file is overwritten, which no mark of the cluster could tell.
        ("another permission took its place", |store, _| {
            store.permissions().give(&permission(9, PermissionSource::Operator)).map(drop).unwrap();
        }),
        ("expired", |store, _| {
            let late = Timestamp::from_unix(50);
            store.permissions().prune(&crate::host::Who::operator("test", "root"), late).unwrap();
        }),
    ];
    for (number, (why, end)) in (1..).zip(ends) {
        let given = store.permissions().give(&permission(number, PermissionSource::Operator)).unwrap();
        assert_eq!(store.permissions().get(given.mac, now).unwrap().as_ref(), Some(&given), "{why}");
        let folder = copied.path().join(why);
        copy(&store.paths.cluster_dir(), &folder);
        end(&store, &given);
        put_back(&store, &folder);
        assert_eq!(store.permissions().get(given.mac, now).unwrap(), None, "{why}");
        assert_eq!(store.permissions().ended_why(&given).unwrap().as_deref(), Some(why));
        // The clock is that of before: nothing but the mark speaks against it.
        store.permissions().prune(&crate::host::Who::operator("test", "root"), now).unwrap();
        assert!(!store.paths.permission(given.mac).path().exists(), "{why}");
    }
}

#[test]
fn a_window_that_was_closed_does_not_come_back_with_a_copy_of_the_cluster() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let rule: Rule = toml::from_str("name = \"rack7\"\ntype = \"SCH\"\nmac_prefix = \"5254\"\n").unwrap();
    let at = Timestamp::from_unix;
    let window = |n: u8, closes| {
        Window::new(PermissionId::from_random([n; 16]), rule.clone(), Line::lossy("root"), at(1), at(closes))
    };
    store.windows().open(&window(1, 900)).unwrap();
    store.windows().open(&window(2, 40)).unwrap();
    let copied = tempfile::tempdir().unwrap();
    copy(&store.paths.cluster_dir(), copied.path());
    store.windows().close(&window(1, 900).id, "closed by anna").unwrap();
    let who = crate::host::Who::operator("test", "root");
    store.permissions().prune(&who, at(50)).unwrap();
    put_back(&store, copied.path());
    assert_eq!(store.windows().not_closed().unwrap(), []);
    let closed: Vec<String> = store.windows().closed().unwrap().into_iter().map(|(_, why)| why).collect();
    assert!(
        closed.contains(&"closed by anna".to_owned()) && closed.contains(&"its time was over".to_owned()),
        "{closed:?}"
    );
    store.permissions().prune(&who, at(5)).unwrap();
    assert_eq!(store.windows().closed().unwrap(), []);
    // What a file says is taken for the window that it is called like, and for no other.
    std::fs::write(store.paths.window(&window(3, 900).id).path(), window(4, 900).to_text()).unwrap();
    assert!(store.windows().not_closed().unwrap_err().to_string().contains("as the file is called"));
}

#[test]
fn marks_of_an_older_version_count_and_are_brought_over() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let (one, two) = (permission(1, PermissionSource::Operator), permission(2, PermissionSource::Menu));
    assert!(!store.ended_marks().exists(&one.id).unwrap(), "a cluster of now has no such folder");
    store.mark_upkeep().copy_old().unwrap();
    std::fs::create_dir(store.paths.old_spent_dir()).unwrap();
    std::fs::write(store.paths.old_spent(&one.id).path(), "disarmed\n").unwrap();
    let console = "failed\nchosen at the console until 1970-01-01T00:00:00Z\n";
    std::fs::write(store.paths.old_spent(&two.id).path(), console).unwrap();
    assert_eq!(store.ended_marks().why(&one.id).unwrap().as_deref(), Some("disarmed"));
    store.mark_upkeep().copy_old().unwrap();
    assert_eq!(
        store.mark_upkeep().clear_expired(Timestamp::from_unix(9 * 86_400)).unwrap(),
        2,
        "that of the console, in both folders"
    );
    std::fs::remove_dir_all(store.paths.old_spent_dir()).unwrap();
    assert_eq!(store.ended_marks().why(&one.id).unwrap().as_deref(), Some("disarmed"));
    assert!(!store.ended_marks().exists(&two.id).unwrap());
    // Without the folder nothing says what ended.
    std::fs::remove_dir_all(store.paths.spent_dir()).unwrap();
    assert!(store.ended_marks().exists(&one.id).is_err() && store.permissions().mark_used(&one, "disarmed").is_err());
}
