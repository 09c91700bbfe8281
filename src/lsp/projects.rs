//! The project of each open document, and the last check of each project.
//!
//! A file belongs to its folder, unless an open project or a folder further up in the workspace uses it: then it
//! is checked as part of that project.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use asiaq_compiler::Workspace;
use asiaq_lang::FileId;

use super::documents::Documents;
use super::library::Library;
use super::place::Place;
use super::root::{Root, Texts, has_sources};
use super::snapshot::Snapshot;
use super::worker::Job;
use crate::project::is_source;

#[derive(Debug)]
pub(super) struct Projects {
    /// The project of each open document.
    homes: BTreeMap<Place, Root>,
    known: BTreeMap<Root, Project>,
    /// The workspace's folders: their projects are kept when no document is open.
    folders: Vec<PathBuf>,
    library: Library,
    jobs: Sender<Job>,
    last_job: u64,
}

#[derive(Debug, Default)]
struct Project {
    /// Number of its last job.
    last_job: u64,
    snapshot: Option<Arc<Snapshot>>,
}

impl Project {
    /// Whether the last job is finished.
    fn is_settled(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|snapshot| snapshot.job == self.last_job)
    }
}

/// The state of a request about one revision of a document.
pub(super) enum RequestState {
    /// It has been checked.
    Checked(Arc<Snapshot>, FileId),
    /// It is being checked.
    Pending,
    /// A newer state has been checked; this one never will be.
    Superseded,
    /// The document is not part of any project.
    Unknown,
}

impl Projects {
    pub(super) fn new(folders: Vec<PathBuf>, library: Library, jobs: Sender<Job>) -> Self {
        let (homes, known) = (BTreeMap::new(), BTreeMap::new());
        Self { homes, known, folders, library, jobs, last_job: 0 }
    }

    pub(super) fn change_folders(&mut self, added: Vec<PathBuf>, removed: &[PathBuf]) {
        self.folders.retain(|folder| !removed.contains(folder));
        self.folders.extend(added);
    }

    /// A document was opened.
    pub(super) fn opened(&mut self, place: &Place, documents: &Documents) {
        let home = self.home(place, documents);
        self.homes.insert(place.clone(), home.clone());
        self.known.entry(home).or_default();
        self.edited(place, documents);
    }

    /// A document has another text: every project that it is part of is checked again.
    pub(super) fn edited(&mut self, place: &Place, documents: &Documents) {
        let home = self.homes.get(place);
        let is_part = |(root, project): &(&Root, &Project)| {
            Some(*root) == home
                || project.snapshot.as_ref().is_some_and(|snapshot| snapshot.file(place).is_some())
        };
        let affected: Vec<Root> = self.known.iter().filter(is_part).map(|(root, _)| root.clone()).collect();
        for root in &affected {
            self.queue(root, documents);
        }
    }

    /// A document was closed. Returns the projects that are no longer needed.
    pub(super) fn closed(&mut self, place: &Place, documents: &Documents) -> Vec<Root> {
        self.edited(place, documents);
        self.homes.remove(place);
        self.drop_idle()
    }

    /// Checks all projects again, after a change on disk or of the workspace folders. Returns the projects that are no
    /// longer needed.
    pub(super) fn recheck(&mut self, documents: &Documents) -> Vec<Root> {
        let homes: BTreeMap<Place, Root> =
            documents.places().map(|place| (place.clone(), self.home(place, documents))).collect();
        self.homes = homes;
        let roots: BTreeSet<Root> = self.homes.values().cloned().chain(self.kept()).collect();
        for root in &roots {
            self.known.entry(root.clone()).or_default();
            self.queue(root, documents);
        }
        self.drop_idle()
    }

    /// Stores a checked project, and assigns documents again that it includes or no longer includes. Returns whether
    /// this is the newest check of the project, and the projects that are no longer needed.
    pub(super) fn take(&mut self, snapshot: &Arc<Snapshot>, documents: &Documents) -> (bool, Vec<Root>) {
        let Some(project) = self.known.get_mut(&snapshot.root) else { return (false, Vec::new()) };
        project.snapshot = Some(Arc::clone(snapshot));
        let is_settled = project.is_settled();
        let mut to_check = BTreeSet::new();
        for place in documents.places() {
            let home = self.homes.get(place);
            let has_it = snapshot.file(place).is_some();
            let moves = match home {
                Some(home) if *home == snapshot.root => !has_it && is_settled,
                Some(home) => {
                    has_it && is_own_folder(home, place) && matches!(snapshot.root, Root::Folder(_))
                }
                None => false,
            };
            if moves {
                let to = if has_it { snapshot.root.clone() } else { self.home(place, documents) };
                if home != Some(&to) {
                    self.known.entry(to.clone()).or_default();
                    self.homes.insert(place.clone(), to.clone());
                    to_check.insert(to);
                }
            }
        }
        to_check.remove(&snapshot.root);
        for root in &to_check {
            self.queue(root, documents);
        }
        (is_settled, self.drop_idle())
    }

    /// Whether the revision of a document that a request is about has been checked.
    pub(super) fn request_state(&self, place: &Place, revision: u64) -> RequestState {
        let home = self.homes.get(place).and_then(|home| self.known.get(home));
        let others = self.known.values();
        for snapshot in home.into_iter().chain(others).filter_map(|project| project.snapshot.as_ref()) {
            if snapshot.revision(place) == Some(revision)
                && let Some(file) = snapshot.file(place)
            {
                return RequestState::Checked(Arc::clone(snapshot), file);
            }
        }
        let Some(home) = home else { return RequestState::Unknown };
        let checked = home.snapshot.as_ref().and_then(|snapshot| snapshot.revision(place));
        if checked.is_some_and(|checked| checked > revision) {
            RequestState::Superseded
        } else if home.is_settled() {
            RequestState::Unknown
        } else {
            RequestState::Pending
        }
    }

    /// The last check of every project.
    pub(super) fn snapshots(&self) -> impl Iterator<Item = &Arc<Snapshot>> {
        self.known.values().filter_map(|project| project.snapshot.as_ref())
    }

    /// Queues a check of a project with the buffers as they are now.
    fn queue(&mut self, root: &Root, documents: &Documents) {
        let Some(project) = self.known.get_mut(root) else { return };
        self.last_job += 1;
        project.last_job = self.last_job;
        let texts = Texts { root: root.clone(), buffers: documents.snapshot() };
        // The worker outlives this thread.
        let _ = self.jobs.send(Job { texts, number: self.last_job, previous: project.snapshot.clone() });
    }

    fn drop_idle(&mut self) -> Vec<Root> {
        let mut wanted: BTreeSet<Root> = self.kept().collect();
        wanted.extend(self.homes.values().cloned());
        let idle: Vec<Root> = self.known.keys().filter(|root| !wanted.contains(root)).cloned().collect();
        self.known.retain(|root, _| wanted.contains(root));
        idle
    }

    /// The projects of the open workspace folders.
    fn kept(&self) -> impl Iterator<Item = Root> {
        let folders = self.folders.iter().filter(|folder| has_sources(folder));
        folders.map(|folder| Root::Folder(folder.clone()))
    }

    /// The project that a document belongs to.
    fn home(&self, place: &Place, documents: &Documents) -> Root {
        if let Some(name) = self.library.name(place) {
            return Root::Library(name);
        }
        let lone = || Root::Lone(place.clone());
        let Place::Disk(path) = place else { return lone() };
        let has_it = |snapshot: &&Arc<Snapshot>| snapshot.file(place).is_some();
        let users = self.snapshots().filter(|snapshot| matches!(snapshot.root, Root::Folder(_)));
        if let Some(user) = users.into_iter().find(has_it) {
            return user.root.clone();
        }
        let Some(folder) = path.parent().filter(|_| is_source(path)) else { return lone() };
        let above = folder.ancestors().skip(1).filter(|above| self.is_in_workspace(above));
        let user = above.map(|above| Root::Folder(above.to_owned())).find(|root| {
            let texts = Texts { root: root.clone(), buffers: documents.snapshot() };
            let project = texts.load(&Workspace::default());
            project.sources.ids().any(|id| texts.place(project.sources.path(id)).as_ref() == Some(place))
        });
        user.unwrap_or_else(|| Root::Folder(folder.to_owned()))
    }

    fn is_in_workspace(&self, path: &Path) -> bool {
        self.folders.iter().any(|folder| path.starts_with(folder)) && has_sources(path)
    }
}

/// Whether `home` is the folder of `place`, which is its project if no other project uses it.
fn is_own_folder(home: &Root, place: &Place) -> bool {
    match (home, place) {
        (Root::Folder(folder), Place::Disk(path)) => path.parent() == Some(folder),
        (Root::Folder(_), Place::Client(_)) | (Root::Lone(_) | Root::Library(_), _) => false,
    }
}
