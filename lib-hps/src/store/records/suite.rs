// SPDX-License-Identifier: GPL-3.0-or-later
//! What each storage of records must do. One suite runs over files and over memory; the next implementation runs it too.

use super::{FileRecords, Key, Kind, MAX_VALUE_BYTES, MemoryRecords, Outcome, Records, Transaction};
use crate::store::testing;
use crate::types::MacAddr;
use std::thread::scope;

/// A storage, and a way to lose the place of a kind.
struct Storage {
    records: Box<dyn Records>,
    lose: Box<dyn Fn(Kind)>,
    _folder: Option<tempfile::TempDir>,
}

fn files() -> Storage {
    let (folder, store) = testing::store("10.0.0.2-10.0.0.9");
    let paths = store.paths.clone();
    let lose = move |kind| std::fs::remove_dir_all(paths.place(kind).0).unwrap();
    Storage { records: Box::new(FileRecords::new(store.paths)), lose: Box::new(lose), _folder: Some(folder) }
}

fn memory() -> Storage {
    let records = MemoryRecords::default();
    let same = records.clone();
    Storage { records: Box::new(records), lose: Box::new(move |kind| same.lose(kind)), _folder: None }
}

/// Each case, over both.
macro_rules! suite {
    ($($case:ident),+ $(,)?) => {
        mod over_files { $(#[test] fn $case() { super::$case(&super::files()); })+ }
        mod over_memory { $(#[test] fn $case() { super::$case(&super::memory()); })+ }
    };
}

suite!(
    a_record_is_read_as_it_was_written,
    of_many_creators_one_succeeds,
    what_changed_meanwhile_is_neither_replaced_nor_removed,
    of_many_writers_each_counts,
    a_list_has_one_kind_in_the_order_of_names,
    a_transaction_that_meets_a_conflict_changes_nothing,
    a_transaction_that_cannot_write_changes_nothing,
    transactions_over_two_records_lose_nothing,
    of_two_transactions_that_create_one_succeeds,
    a_creation_that_was_faster_leaves_nothing_of_the_transaction,
    a_lost_place_is_no_answer,
    a_value_beyond_the_bound_is_not_written,
);

fn mac(n: u8) -> MacAddr {
    format!("5254000000{n:02x}").parse().unwrap()
}

fn host(n: u8) -> Key {
    Key::host(mac(n))
}

fn number(records: &dyn Records, key: &Key) -> u32 {
    records.text(key).unwrap().unwrap().text.parse().unwrap()
}

fn a_record_is_read_as_it_was_written(storage: &Storage) {
    let records = &*storage.records;
    let key = host(1);
    assert_eq!(records.get(&key).unwrap(), None);
    for bytes in [&b"one"[..], b"", b"two\0\xff"] {
        records.put(&key, bytes).unwrap();
        assert_eq!(records.get(&key).unwrap().unwrap().bytes, bytes);
    }
    assert!(records.text(&key).unwrap_err().was_read(), "no text");
    records.remove(&key).unwrap();
    records.remove(&key).unwrap();
    assert_eq!(records.get(&key).unwrap(), None);
}

fn of_many_creators_one_succeeds(storage: &Storage) {
    let (records, key) = (&*storage.records, Key::address("10.0.0.2".parse().unwrap()));
    let done = scope(|scope| {
        let create = |n: u8| records.create_if_absent(&key, &[n]).unwrap().is_done().then_some(n);
        let tries: Vec<_> = (0..16).map(|n| scope.spawn(move || create(n))).collect();
        tries.into_iter().filter_map(|one| one.join().unwrap()).collect::<Vec<u8>>()
    });
    assert_eq!(done.len(), 1);
    assert_eq!(records.get(&key).unwrap().unwrap().bytes, done);
    assert_eq!(records.create_if_absent(&key, b"late").unwrap(), Outcome::Conflict(key.clone()));
}

fn what_changed_meanwhile_is_neither_replaced_nor_removed(storage: &Storage) {
    let (records, key) = (&*storage.records, host(1));
    assert!(records.create_if_absent(&key, b"one").unwrap().is_done());
    let read = records.get(&key).unwrap().unwrap().version;
    records.put(&key, b"another's").unwrap();
    let conflict = Outcome::Conflict(key.clone());
    assert_eq!(records.put_if_unchanged(&key, b"two", &read).unwrap(), conflict);
    assert_eq!(records.remove_if_unchanged(&key, &read).unwrap(), conflict);
    let now = records.get(&key).unwrap().unwrap();
    assert_eq!(now.bytes, b"another's");
    assert!(records.put_if_unchanged(&key, b"two", &now.version).unwrap().is_done());
    let now = records.get(&key).unwrap().unwrap();
    assert!(records.remove_if_unchanged(&key, &now.version).unwrap().is_done());
    assert_eq!(records.put_if_unchanged(&key, b"three", &now.version).unwrap(), conflict, "it is gone");
    assert_eq!(records.get(&key).unwrap(), None);
}

fn of_many_writers_each_counts(storage: &Storage) {
    let (records, key) = (&*storage.records, host(1));
    records.put(&key, b"0").unwrap();
    scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    while {
                        let before = records.text(&key).unwrap().unwrap();
                        let next = before.text.parse::<u32>().unwrap() + 1;
                        let next = next.to_string();
                        !records.put_if_unchanged(&key, next.as_bytes(), &before.version).unwrap().is_done()
                    } {}
                }
            });
        }
    });
    assert_eq!(number(records, &key), 80);
}

fn a_list_has_one_kind_in_the_order_of_names(storage: &Storage) {
    let records = &*storage.records;
    for n in [3, 1, 2] {
        records.put(&host(n), b"").unwrap();
        records.put(&Key::refusals(mac(n + 9)), b"").unwrap();
    }
    assert_eq!(records.list(Kind::Host).unwrap(), [host(1), host(2), host(3)]);
    records.remove(&host(2)).unwrap();
    assert_eq!(records.list(Kind::Host).unwrap(), [host(1), host(3)]);
    assert_eq!(records.list(Kind::MenuPermission).unwrap(), []);
}

fn a_transaction_that_meets_a_conflict_changes_nothing(storage: &Storage) {
    let records = &*storage.records;
    let (one, two, three) = (host(1), host(2), host(3));
    records.put(&one, b"one").unwrap();
    records.put(&two, b"two").unwrap();
    let read = records.get(&one).unwrap().unwrap().version;
    let stale = records.get(&two).unwrap().unwrap().version;
    records.put(&two, b"newer").unwrap();
    let changes = |transaction: Transaction| transaction.put(&one, b"x").put(&three, b"x").remove(&two);
    for (transaction, conflict) in [
        (Transaction::new().if_unchanged(&one, &read).if_unchanged(&two, &stale), &two),
        (Transaction::new().if_unchanged(&one, &read).if_absent(&two), &two),
        (Transaction::new().if_unchanged(&three, &read), &three),
    ] {
        assert_eq!(records.commit(&changes(transaction)).unwrap(), Outcome::Conflict(conflict.clone()));
        assert_eq!(records.get(&one).unwrap().unwrap().bytes, b"one");
        assert_eq!(records.get(&two).unwrap().unwrap().bytes, b"newer");
        assert_eq!(records.get(&three).unwrap(), None);
    }
    let met = changes(Transaction::new().if_unchanged(&one, &read).if_absent(&three));
    assert!(records.commit(&met).unwrap().is_done());
    assert_eq!(records.list(Kind::Host).unwrap(), [one, three]);
}

fn a_transaction_that_cannot_write_changes_nothing(storage: &Storage) {
    let records = &*storage.records;
    let (one, two) = (host(1), host(2));
    records.put(&one, b"one").unwrap();
    (storage.lose)(Kind::Pending);
    let impossible = Transaction::new().put(&one, b"x").put(&two, b"x").put(&Key::pending(mac(1)), b"x");
    assert!(records.commit(&impossible).is_err());
    assert_eq!(records.get(&one).unwrap().unwrap().bytes, b"one");
    assert_eq!(records.get(&two).unwrap(), None);
}

fn transactions_over_two_records_lose_nothing(storage: &Storage) {
    let records = &*storage.records;
    let pair = [host(1), host(2)];
    pair.iter().for_each(|key| records.put(key, b"50").unwrap());
    let give = |from: &Key, to: &Key| {
        let (a, b) = (records.text(from).unwrap().unwrap(), records.text(to).unwrap().unwrap());
        let less = (a.text.parse::<i32>().unwrap() - 1).to_string();
        let more = (b.text.parse::<i32>().unwrap() + 1).to_string();
        let transaction = Transaction::new().if_unchanged(from, &a.version).if_unchanged(to, &b.version);
        records.commit(&transaction.put(from, less.as_bytes()).put(to, more.as_bytes())).unwrap().is_done()
    };
    scope(|scope| {
        for turned in [false, true, false, true] {
            let [one, two] = &pair;
            let (from, to) = if turned { (two, one) } else { (one, two) };
            scope.spawn(move || (0..10).for_each(|_| while !give(from, to) {}));
        }
    });
    assert_eq!(pair.each_ref().map(|key| number(records, key)), [50, 50]);
}

fn of_two_transactions_that_create_one_succeeds(storage: &Storage) {
    let records = &*storage.records;
    let shared = Key::address("10.0.0.2".parse().unwrap());
    let done = scope(|scope| {
        let create = |n: u8| {
            let transaction = Transaction::new().if_absent(&shared).if_absent(&host(n));
            records.commit(&transaction.put(&host(n), &[n]).put(&shared, &[n])).unwrap().is_done().then_some(n)
        };
        let tries: Vec<_> = (1..9).map(|n| scope.spawn(move || create(n))).collect();
        tries.into_iter().filter_map(|one| one.join().unwrap()).collect::<Vec<u8>>()
    });
    assert_eq!(done.len(), 1);
    assert_eq!(records.list(Kind::Host).unwrap(), [host(done[0])], "the others left nothing");
    assert_eq!(records.get(&shared).unwrap().unwrap().bytes, done);
}

/// A creation takes no lock: the transaction may have made its first change when it finds the record.
fn a_creation_that_was_faster_leaves_nothing_of_the_transaction(storage: &Storage) {
    let records = &*storage.records;
    for n in 1..60 {
        let (first, second) = (host(n), Key::further_mac(mac(n)));
        let transaction = Transaction::new().if_absent(&first).if_absent(&second).put(&first, b"t").put(&second, b"t");
        let (committed, created) = scope(|scope| {
            let commit = scope.spawn(|| records.commit(&transaction).unwrap().is_done());
            std::thread::sleep(std::time::Duration::from_micros(u64::from(n) * 10));
            let created = records.create_if_absent(&second, b"c").unwrap().is_done();
            (commit.join().unwrap(), created)
        });
        assert!(committed != created, "one of them made it");
        assert_eq!(records.get(&first).unwrap().is_some(), committed, "all of it or nothing");
        assert_eq!(records.get(&second).unwrap().unwrap().bytes, if created { b"c" } else { b"t" });
    }
}

fn a_lost_place_is_no_answer(storage: &Storage) {
    let records = &*storage.records;
    assert!(records.place_exists(Kind::Host).unwrap() && records.place_exists(Kind::Pending).unwrap());
    for kind in [Kind::Host, Kind::Pending] {
        (storage.lose)(kind);
        assert!(!records.place_exists(kind).unwrap());
    }
    assert!(records.get(&host(1)).is_err(), "an absent record would say that the machine is unknown");
    assert!(records.list(Kind::Host).is_err());
    assert_eq!(records.get(&Key::pending(mac(1))).unwrap(), None);
    assert_eq!(records.list(Kind::Pending).unwrap(), []);
    assert!(records.put(&Key::pending(mac(1)), b"x").is_err());
}

fn a_value_beyond_the_bound_is_not_written(storage: &Storage) {
    let (records, key) = (&*storage.records, host(1));
    let large = vec![b'x'; usize::try_from(MAX_VALUE_BYTES).unwrap() + 1];
    assert!(records.put(&key, &large).is_err() && records.create_if_absent(&key, &large).is_err());
    assert!(records.commit(&Transaction::new().put(&key, &large)).is_err());
    assert_eq!(records.get(&key).unwrap(), None);
    records.put(&key, &large[1..]).unwrap();
    assert_eq!(records.get(&key).unwrap().unwrap().bytes.len(), large.len() - 1);
}
