// SPDX-License-Identifier: GPL-3.0-or-later
//! Tasks of the node environment: what operators ask for, what has begun, and what machines reported.
//!
//! Only root writes requests. The begin of a task is the mark of its end as a request (`state/spent/ID`), as with a permission:
//! a copy of a request that is put back begins nothing.

use super::StoreError;
use super::ended_marks::EndedMarks;
use super::parts::Parts;
use super::records::{Document, Key, Kind, Records};
use crate::host::{DiscoveryWindow, PermissionId, TaskKind, TaskReports, TaskRequest, TaskWord, Who};
use crate::store::journal::Journal;
use crate::types::{MacAddr, Timestamp};

/// More than a site has.
const MAX_REPORTS: usize = 16_384;
/// How the mark of a task that has begun begins.
const BEGUN: &str = "begun ";

/// The tasks of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Tasks<'a> {
    parts: Parts<'a>,
}

impl<'a> Tasks<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { parts }
    }

    fn records(self) -> &'a dyn Records {
        self.parts.records
    }

    fn marks(self) -> EndedMarks<'a> {
        EndedMarks::new(self.parts.records)
    }

    /// What an operator asked of a machine last, begun or not.
    ///
    /// # Errors
    /// When the file cannot be read or accepted; the caller then knows of no task.
    pub fn asked(self, mac: MacAddr) -> Result<Option<TaskRequest>, StoreError> {
        let key = Key::task(mac);
        let Some(document) = self.records().text(&key)? else { return Ok(None) };
        let content = |problem: String| StoreError::content(&self.records().locate(&key), problem);
        let request = TaskRequest::parse(&document.text).map_err(|error| content(error.to_string()))?;
        if request.mac != mac {
            return Err(content(format!("mac is {}: expected {mac}, as the file is called", request.mac)));
        }
        Ok(Some(request))
    }

    /// The machines of which an operator asked something, begun or not.
    ///
    /// # Errors
    /// When the folder cannot be read. A missing one holds none.
    pub fn list(self) -> Result<Vec<MacAddr>, StoreError> {
        let keys = self.records().list(Kind::Task)?;
        Ok(keys.iter().filter_map(|key| key.name().parse().ok()).collect())
    }

    /// Asks for a task. It replaces an older request of the machine, which ends.
    ///
    /// # Errors
    /// When it cannot be written: when the caller is not root.
    pub fn ask(self, request: &TaskRequest, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        self.marks().require_place()?;
        match self.asked(request.mac) {
            Ok(Some(old)) => self.marks().mark_id(&old.id, "another request took its place")?,
            Err(error) if !error.was_read() => return Err(error),
            _ => {}
        }
        self.records().put(&Key::task(request.mac), request.to_text().as_bytes())?;
        self.note(request.mac, who, now, "task asked for", &request.describe())
    }

    /// Ends the request of a machine, if it has not begun. `false` if there is none to end.
    ///
    /// # Errors
    /// When the mark cannot be written, or the file cannot be removed.
    pub fn cancel(self, mac: MacAddr, who: &Who, now: Timestamp) -> Result<bool, StoreError> {
        let Some(request) = self.asked(mac)? else { return Ok(false) };
        let was_open = self.ended_why(&request.id)?.is_none();
        if was_open {
            self.marks().mark_id(&request.id, &format!("cancelled by {}", who.as_line()))?;
        }
        self.records().remove(&Key::task(mac))?;
        if was_open {
            self.note(mac, who, now, "task cancelled", &request.describe())?;
        }
        Ok(was_open)
    }

    /// The discovery windows that were not closed, also old ones, the newest last.
    ///
    /// # Errors
    /// When the folder, a file or a mark cannot be read or accepted. A missing folder holds no window.
    pub fn windows(self) -> Result<Vec<DiscoveryWindow>, StoreError> {
        let mut windows = Vec::new();
        for key in self.records().list(Kind::DiscoveryWindow)? {
            let Ok(id) = key.name().parse::<PermissionId>() else { continue };
            let Some(document) = self.records().text(&key)? else { continue };
            let content = |problem: String| StoreError::content(&self.records().locate(&key), problem);
            let window = DiscoveryWindow::parse(&document.text).map_err(|error| content(error.to_string()))?;
            if window.id != id {
                return Err(content(format!("id is {}: expected {id}, as the file is called", window.id)));
            }
            if self.marks().why(&id)?.is_none() {
                windows.push(window);
            }
        }
        windows.sort_by_key(|window| window.opened);
        Ok(windows)
    }

    /// Opens a discovery window.
    ///
    /// # Errors
    /// When its file cannot be written: when the caller is not root.
    pub fn open_window(self, window: &DiscoveryWindow) -> Result<(), StoreError> {
        self.records().put(&Key::discovery_window(&window.id), window.to_text().as_bytes())
    }

    /// Closes a discovery window for good.
    ///
    /// # Errors
    /// When the mark cannot be written, or the file cannot be removed.
    pub fn close_window(self, id: &PermissionId, why: &str) -> Result<(), StoreError> {
        self.marks().mark_id(id, why)?;
        self.records().remove(&Key::discovery_window(id))
    }

    /// Why a request counts no more; `None` if it may begin.
    ///
    /// # Errors
    /// When its mark cannot be looked for; the caller then treats it as ended.
    pub fn ended_why(self, id: &PermissionId) -> Result<Option<String>, StoreError> {
        self.marks().why(id)
    }

    /// Whether a mark of [`Tasks::ended_why`] says that the task began.
    pub fn has_begun(mark: &str) -> bool {
        mark.starts_with(BEGUN)
    }

    /// Notes that a task begins: from now on its request counts no more. The mark comes first, so a machine that is switched off in between
    /// does not begin it again.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn begin(self, request: &TaskRequest, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        self.marks().mark_id(&request.id, &format!("{BEGUN}{now}"))?;
        self.change_reports(request.mac, |reports| {
            reports.begin(request, now);
            true
        })?;
        self.note(request.mac, who, now, "task began", &request.describe())
    }

    /// Notes that a task cannot run on this machine: its request counts no more.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn refuse(self, request: &TaskRequest, why: &str, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        self.marks().mark_id(&request.id, why)?;
        self.note(request.mac, who, now, "task not possible", &format!("{}: {why}", request.describe()))
    }

    /// What a machine reported about its tasks.
    ///
    /// # Errors
    /// When the file cannot be read or accepted.
    pub fn reports(self, mac: MacAddr) -> Result<TaskReports, StoreError> {
        Ok(self.read_reports(mac)?.map(|(reports, _)| reports).unwrap_or_default())
    }

    /// Whether a task of this request has begun and has not reported its end.
    ///
    /// # Errors
    /// When the reports cannot be read.
    pub fn is_running(self, mac: MacAddr, id: &PermissionId) -> Result<bool, StoreError> {
        Ok(self.reports(mac)?.reports.iter().any(|report| report.id == *id && report.ended.is_none()))
    }

    /// Keeps what a machine reports of a task. `false` if that task has ended: then nothing changes.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn hear(
        self,
        mac: MacAddr,
        (kind, id): (TaskKind, &PermissionId),
        word: &TaskWord,
        who: &Who,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let heard = self.change_reports(mac, |reports| reports.hear(kind, id, word, now))?;
        if let Some(verdict) = word.verdict.filter(|_| heard) {
            self.note(mac, who, now, "task ended", &format!("{kind}: {verdict}: {}", word.message))?;
        }
        Ok(heard)
    }

    fn read_reports(self, mac: MacAddr) -> Result<Option<(TaskReports, Document)>, StoreError> {
        let key = Key::task_reports(mac);
        let Some(document) = self.records().text(&key)? else { return Ok(None) };
        let content = |problem| StoreError::content(&self.records().locate(&key), problem);
        let reports = TaskReports::parse(&document.text).map_err(content)?;
        Ok(Some((reports, document)))
    }

    fn change_reports(self, mac: MacAddr, change: impl Fn(&mut TaskReports) -> bool) -> Result<bool, StoreError> {
        let key = Key::task_reports(mac);
        loop {
            let known = match self.read_reports(mac) {
                Ok(known) => known,
                // What nobody can read is no reason to know nothing from now on.
                Err(error) if error.was_read() => {
                    self.records().remove(&key)?;
                    None
                }
                Err(error) => return Err(error),
            };
            let (reports, document) = known.unzip();
            let mut reports = reports.unwrap_or_default();
            if !change(&mut reports) {
                return Ok(false);
            }
            let text = reports.to_text();
            let done = match document {
                Some(document) => self.records().put_if_unchanged(&key, text.as_bytes(), &document.version)?,
                None => {
                    self.check_room()?;
                    self.records().create_if_absent(&key, text.as_bytes())?
                }
            };
            if done.is_done() {
                return Ok(true);
            }
        }
    }

    fn check_room(self) -> Result<(), StoreError> {
        if self.records().list(Kind::TaskReports)?.len() < MAX_REPORTS {
            return Ok(());
        }
        let problem = format!("{MAX_REPORTS} machines have reported tasks already");
        Err(StoreError::content(&self.records().locate_place(Kind::TaskReports), problem))
    }

    fn note(self, mac: MacAddr, who: &Who, now: Timestamp, what: &str, note: &str) -> Result<(), StoreError> {
        Journal::new(self.parts).note(mac, who, now, what, note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{AfterTask, NodeTask, TaskDraft, Verdict};
    use crate::store::testing::{at, mac, stores, who};
    use crate::types::{Lifetime, Line};

    fn request(n: u8) -> TaskRequest {
        let draft = TaskDraft {
            mac: mac(1),
            task: NodeTask::Discover,
            then: AfterTask::Restart,
            asked_by: Line::lossy("root"),
            asked_at: at(0),
            lifetime: Lifetime::HOUR,
            reason: Line::lossy("rack 7"),
        };
        TaskRequest::new(PermissionId::from_random([n; 16]), draft)
    }

    #[test]
    fn a_task_begins_once_and_its_end_is_heard_once() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let (tasks, one) = (store.tasks(), request(1));
            assert!(tasks.asked(mac(1)).unwrap().is_none() && tasks.list().unwrap().is_empty());
            tasks.ask(&one, &who(), at(1)).unwrap();
            assert_eq!(tasks.asked(mac(1)).unwrap(), Some(one.clone()));
            assert_eq!(tasks.ended_why(&one.id).unwrap(), None);
            tasks.begin(&one, &who(), at(5)).unwrap();
            assert!(Tasks::has_begun(&tasks.ended_why(&one.id).unwrap().unwrap()));
            let key = (TaskKind::Discover, &one.id);
            let word = |verdict| TaskWord { verdict, message: Line::lossy("8 disks"), details: vec![Line::lossy("x")] };
            assert!(tasks.hear(mac(1), key, &word(None), &who(), at(6)).unwrap());
            assert!(tasks.hear(mac(1), key, &word(Some(Verdict::Done)), &who(), at(7)).unwrap());
            assert!(!tasks.hear(mac(1), key, &word(Some(Verdict::Failed)), &who(), at(8)).unwrap(), "it has ended");
            let other = PermissionId::from_random([9; 16]);
            assert!(!tasks.hear(mac(1), (TaskKind::Discover, &other), &word(None), &who(), at(8)).unwrap());
            let reports = tasks.reports(mac(1)).unwrap();
            let last = reports.last(TaskKind::Discover).unwrap();
            assert_eq!((last.verdict, last.ended, last.begun), (Some(Verdict::Done), Some(at(7)), at(5)));
            let what = store.journal().history(mac(1)).unwrap();
            let what: Vec<_> = what.iter().map(|line| line.what.as_str()).collect();
            assert_eq!(what, ["task asked for", "task began", "task ended"]);
        }
    }

    #[test]
    fn a_request_that_was_replaced_or_cancelled_begins_nothing() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let (tasks, one, two) = (store.tasks(), request(1), request(2));
            tasks.ask(&one, &who(), at(1)).unwrap();
            tasks.ask(&two, &who(), at(2)).unwrap();
            assert!(tasks.ended_why(&one.id).unwrap().is_some());
            assert!(tasks.cancel(mac(1), &who(), at(3)).unwrap());
            assert!(tasks.asked(mac(1)).unwrap().is_none());
            assert!(!Tasks::has_begun(&tasks.ended_why(&two.id).unwrap().unwrap()));
            assert!(!tasks.cancel(mac(1), &who(), at(4)).unwrap(), "there is none any more");
        }
    }

    #[test]
    fn a_report_that_cannot_be_read_is_replaced() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let (tasks, one) = (store.tasks(), request(1));
            store.records.put(&Key::task_reports(mac(1)), b"version = 9").unwrap();
            assert!(tasks.reports(mac(1)).is_err());
            tasks.begin(&one, &who(), at(5)).unwrap();
            assert_eq!(tasks.reports(mac(1)).unwrap().reports.len(), 1);
        }
    }
}
