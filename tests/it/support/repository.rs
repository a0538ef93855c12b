//! Git repositories for tests, made without the Git program: objects by `gix`, references by hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::tree::{Entry, EntryKind};
use gix::objs::{Commit, Kind, Tag, Tree};

/// A repository with a work tree.
pub struct Repository {
    repository: gix::Repository,
    directory: PathBuf,
}

/// What stands in a tree under a name.
#[derive(Debug, Clone)]
pub enum Node {
    /// A regular file.
    File(Vec<u8>),
    /// A symbolic link to this path.
    Link(String),
    /// A submodule at some commit.
    Submodule,
}

impl Repository {
    /// A new repository whose work tree is this directory, with the branch `main` checked out.
    pub fn init(directory: &Path) -> Repository {
        let options = gix::open::Options::isolated();
        let repository = gix::ThreadSafeRepository::init_opts(
            directory,
            gix::create::Kind::WithWorktree,
            gix::create::Options::default(),
            options,
        );
        let repository =
            Repository { repository: repository.unwrap().to_thread_local(), directory: directory.to_owned() };
        repository.write("HEAD", "ref: refs/heads/main\n");
        repository
    }

    /// The `.git` directory.
    pub fn git(&self) -> PathBuf {
        self.directory.join(".git")
    }

    /// Commits everything that is in the work tree on top of the branch `main`, and gives the id.
    pub fn commit(&self) -> String {
        let mut nodes = BTreeMap::new();
        collect(&self.directory, "", &mut nodes);
        self.commit_nodes(&nodes)
    }

    /// Commits these files on top of the branch `main`, whatever is in the work tree.
    pub fn commit_nodes(&self, nodes: &BTreeMap<String, Node>) -> String {
        let tree = self.tree(nodes);
        let parent = fs_err::read_to_string(self.git().join("refs/heads/main")).ok();
        let parents = parent.iter().map(|id| id.trim().parse().unwrap()).collect();
        let who = gix::actor::Signature {
            name: "Test".into(),
            email: "test@example.org".into(),
            time: gix::date::Time::new(1_700_000_000, 0),
        };
        let commit = Commit {
            tree,
            parents,
            author: who.clone(),
            committer: who,
            encoding: None,
            message: "a commit\n".into(),
            extra_headers: Vec::new(),
        };
        let id = self.repository.write_object(commit).unwrap().to_string();
        self.reference("heads/main", &id);
        id
    }

    /// Makes `refs/NAME` name a commit or a tag.
    pub fn reference(&self, name: &str, id: &str) {
        self.write(&format!("refs/{name}"), &format!("{id}\n"));
    }

    /// Makes an annotated tag of a commit.
    pub fn tag(&self, name: &str, commit: &str) -> String {
        let tag = Tag {
            target: commit.parse().unwrap(),
            target_kind: Kind::Commit,
            name: name.into(),
            tagger: None,
            message: "a tag\n".into(),
            signature: None,
        };
        let id = self.repository.write_object(tag).unwrap().to_string();
        self.reference(&format!("tags/{name}"), &id);
        id
    }

    /// Writes a file below `.git`.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.git().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    /// Where a loose object is.
    pub fn object(&self, id: &str) -> PathBuf {
        self.git().join("objects").join(&id[..2]).join(&id[2..])
    }

    /// The id that a file has in a commit.
    pub fn id_of(&self, commit: &str, path: &str) -> String {
        let commit = self.repository.find_commit(commit.parse::<ObjectId>().unwrap()).unwrap();
        commit.tree().unwrap().lookup_entry_by_path(path).unwrap().unwrap().object_id().to_string()
    }

    fn tree(&self, nodes: &BTreeMap<String, Node>) -> ObjectId {
        let mut entries = Vec::new();
        let mut folders: BTreeMap<&str, BTreeMap<String, Node>> = BTreeMap::new();
        for (name, node) in nodes {
            if let Some((folder, rest)) = name.split_once('/') {
                folders.entry(folder).or_default().insert(rest.to_owned(), node.clone());
                continue;
            }
            let (kind, oid) = match node {
                Node::File(bytes) => (EntryKind::Blob, self.repository.write_blob(bytes).unwrap().detach()),
                Node::Link(target) => (EntryKind::Link, self.repository.write_blob(target).unwrap().detach()),
                Node::Submodule => (EntryKind::Commit, "1".repeat(40).parse().unwrap()),
            };
            entries.push(Entry { mode: kind.into(), filename: name.as_str().into(), oid });
        }
        for (name, nodes) in folders {
            let oid = self.tree(&nodes);
            entries.push(Entry { mode: EntryKind::Tree.into(), filename: name.into(), oid });
        }
        entries.sort();
        self.repository.write_object(Tree { entries }).unwrap().detach()
    }
}

fn collect(directory: &Path, folder: &str, nodes: &mut BTreeMap<String, Node>) {
    for entry in fs_err::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name == ".git" || name == ".mxkeep" {
            continue;
        }
        let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            collect(&entry.path(), &name, nodes);
        } else if kind.is_symlink() {
            let target = fs_err::read_link(entry.path()).unwrap();
            nodes.insert(name, Node::Link(target.to_str().unwrap().to_owned()));
        } else {
            nodes.insert(name, Node::File(fs_err::read(entry.path()).unwrap()));
        }
    }
}
