//! A tree in memory, for tests: it keeps the contract of a handle that can change what is below it. Links are not followed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use bailiwick_guest::fs::read::{Chunk, Entry, ErrorCode, Kind, Page, Scope, Stat};
use bailiwick_guest::fs::write::Expect;
use bailiwick_guest::{Directory, EditDir, EditFile, File, Pages, ReadAt};

/// How many bytes one crossing moves at most.
const TRANSFER: usize = 4 << 20;

/// The bytes of a file, which may have more than one name.
type Bytes = Rc<RefCell<Vec<u8>>>;

#[derive(Clone)]
enum Node {
    File(Bytes),
    Directory,
    Link(String),
}

#[derive(Default)]
struct State {
    name: String,
    nodes: BTreeMap<String, Node>,
    /// How many operations changed something, or tried to.
    writes: Cell<u32>,
    /// What every change of a file fails with.
    refuses: Option<ErrorCode>,
}

/// A directory. Its clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Tree(Rc<RefCell<State>>);

impl Tree {
    /// An empty directory that the session calls `name`.
    pub(crate) fn new(name: &str) -> Self {
        let tree = Self::default();
        tree.0.borrow_mut().name = name.to_owned();
        tree
    }

    fn with(self, path: &str, node: Node) -> Self {
        for (at, _) in path.match_indices('/') {
            let parent = path[..at].to_owned();
            self.0.borrow_mut().nodes.insert(parent, Node::Directory);
        }
        self.0.borrow_mut().nodes.insert(path.to_owned(), node);
        self
    }

    /// The same with one more file, and the directories that it is in.
    pub(crate) fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = Rc::new(RefCell::new(bytes.as_ref().to_owned()));
        self.with(path, Node::File(bytes))
    }

    /// The same with one more directory.
    pub(crate) fn dir(self, path: &str) -> Self {
        self.with(path, Node::Directory)
    }

    /// The same with one more link.
    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        self.with(path, Node::Link(target.to_owned()))
    }

    /// The same with a second name for a file.
    pub(crate) fn alias(self, path: &str, of: &str) -> Self {
        let node = self.node(of).expect("it exists");
        self.with(path, node)
    }

    /// The same, where changing a file fails.
    pub(crate) fn refuse(self, code: ErrorCode) -> Self {
        self.0.borrow_mut().refuses = Some(code);
        self
    }

    /// A file, to look at.
    pub(crate) fn read(&self, path: &str) -> Handle {
        Handle {
            tree: self.clone(),
            path: path.to_owned(),
        }
    }

    /// A file, to change.
    pub(crate) fn write(&self, path: &str) -> Handle {
        self.read(path)
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.node(path).is_ok()
    }

    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        match self.node(path) {
            Ok(Node::File(bytes)) => bytes.borrow().clone(),
            _ => panic!("{path} is no file"),
        }
    }

    pub(crate) fn text(&self, path: &str) -> String {
        String::from_utf8(self.bytes(path)).expect("text")
    }

    /// The paths that there are, directories with a `/` at their end.
    pub(crate) fn paths(&self) -> Vec<String> {
        let state = self.0.borrow();
        let shown = state.nodes.iter().map(|(path, node)| match node {
            Node::Directory => format!("{path}/"),
            _ => path.clone(),
        });
        shown.collect()
    }

    /// How many operations changed something, or tried to.
    pub(crate) fn writes(&self) -> u32 {
        self.0.borrow().writes.get()
    }

    fn node(&self, path: &str) -> Result<Node, ErrorCode> {
        let path = plain(path)?;
        if path.is_empty() {
            return Ok(Node::Directory);
        }
        let state = self.0.borrow();
        for (at, _) in path.match_indices('/') {
            match state.nodes.get(&path[..at]) {
                None => return Err(ErrorCode::NoEntry),
                Some(Node::Directory) => (),
                Some(_) => return Err(ErrorCode::NotDirectory),
            }
        }
        state.nodes.get(&path).cloned().ok_or(ErrorCode::NoEntry)
    }

    fn parent(&self, path: &str) -> Result<(), ErrorCode> {
        let path = plain(path)?;
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        match self.node(parent)? {
            Node::Directory => Ok(()),
            _ => Err(ErrorCode::NotDirectory),
        }
    }

    fn below(&self, path: &str) -> Vec<String> {
        let prefix = format!("{path}/");
        let state = self.0.borrow();
        let below = state
            .nodes
            .keys()
            .filter(|other| other.starts_with(&prefix));
        below.cloned().collect()
    }

    fn counted(&self) -> Result<(), ErrorCode> {
        let state = self.0.borrow();
        state.writes.set(state.writes.get() + 1);
        state.refuses.map_or(Ok(()), Err)
    }
}

/// The path without `.` and empty names.
fn plain(path: &str) -> Result<String, ErrorCode> {
    if path.starts_with('/') || path.split('/').any(|name| name == "..") {
        return Err(ErrorCode::NotPermitted);
    }
    let names = path.split('/').filter(|name| !matches!(*name, "" | "."));
    Ok(names.collect::<Vec<_>>().join("/"))
}

fn stat(node: &Node) -> Stat {
    let (kind, size) = match node {
        Node::File(bytes) => (Kind::File, bytes.borrow().len()),
        Node::Directory => (Kind::Directory, 0),
        Node::Link(target) => (Kind::Symlink, target.len()),
    };
    Stat {
        kind,
        size: size as u64,
        modified: 0,
    }
}

impl Directory for Tree {
    type Walker = Batches;
    type File = Handle;

    fn name(&self) -> String {
        self.0.borrow().name.clone()
    }

    fn stat(&self, path: &str) -> Result<Stat, ErrorCode> {
        match self.node(path)? {
            // Links are followed, and here they lead nowhere.
            Node::Link(_) => Err(ErrorCode::NoEntry),
            node => Ok(stat(&node)),
        }
    }

    fn read_link(&self, path: &str) -> Result<String, ErrorCode> {
        match self.node(path)? {
            Node::Link(target) => Ok(target),
            _ => Err(ErrorCode::Invalid),
        }
    }

    fn walk(&self, path: &str, scope: &Scope) -> Result<Batches, ErrorCode> {
        assert!(scope.hidden && !scope.ignore, "nothing may be left out");
        self.node(path)?;
        let entries = self.below(&plain(path)?).into_iter();
        Ok(Batches(RefCell::new(entries.collect())))
    }

    fn read_files(&self, _: &[String], _: u32) -> Vec<Result<Chunk, ErrorCode>> {
        unreachable!("the tool reads one file at a time")
    }

    fn open_file(&self, path: &str) -> Result<Handle, ErrorCode> {
        match self.node(path)? {
            Node::File(_) => Ok(self.read(&plain(path)?)),
            Node::Directory => Err(ErrorCode::IsDirectory),
            Node::Link(_) => Err(ErrorCode::NoEntry),
        }
    }
}

/// A walk over paths that are known already.
pub(crate) struct Batches(RefCell<Vec<String>>);

impl Pages for Batches {
    fn next_page(&self, max: u32) -> Result<Page, ErrorCode> {
        let mut rest = self.0.borrow_mut();
        let end = rest.len().min(max as usize).min(3);
        let entry = |path| Entry {
            path,
            stat: stat(&Node::Directory),
        };
        Ok(Page {
            entries: rest.drain(..end).map(entry).collect(),
            skipped: 0,
            more: !rest.is_empty(),
        })
    }
}

impl EditDir for Tree {
    type Reader = Self;
    type File = Handle;

    fn as_read(&self) -> Self {
        self.clone()
    }

    fn open_file(&self, path: &str, expect: Expect) -> Result<Handle, ErrorCode> {
        match self.node(path) {
            Ok(Node::Directory) => return Err(ErrorCode::IsDirectory),
            Ok(_) if expect == Expect::New => return Err(ErrorCode::Exist),
            Ok(Node::Link(_)) => return Err(ErrorCode::NoEntry),
            Ok(Node::File(_)) => (),
            Err(ErrorCode::NoEntry) if expect != Expect::Existing => self.parent(path)?,
            Err(code) => return Err(code),
        }
        Ok(self.write(&plain(path)?))
    }

    fn create_dir(&self, path: &str) -> Result<(), ErrorCode> {
        self.counted()?;
        let path = plain(path)?;
        let ends = path.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([path.len()]) {
            match self.node(&path[..end]) {
                Ok(Node::Directory) => (),
                Ok(_) if end == path.len() => return Err(ErrorCode::Exist),
                Ok(_) => return Err(ErrorCode::NotDirectory),
                Err(ErrorCode::NoEntry) => {
                    let nodes = &mut self.0.borrow_mut().nodes;
                    nodes.insert(path[..end].to_owned(), Node::Directory);
                }
                Err(code) => return Err(code),
            }
        }
        Ok(())
    }

    fn rename(&self, path: &str, to: &Self, to_path: &str, replace: bool) -> Result<(), ErrorCode> {
        assert!(
            Rc::ptr_eq(&self.0, &to.0),
            "the tool renames in one directory"
        );
        self.counted()?;
        let node = self.node(path)?;
        self.parent(to_path)?;
        let (path, to_path) = (plain(path)?, plain(to_path)?);
        match (&node, self.node(&to_path)) {
            (_, Ok(_)) if !replace => return Err(ErrorCode::Exist),
            (Node::Directory, Ok(Node::Directory)) if !self.below(&to_path).is_empty() => {
                return Err(ErrorCode::NotEmpty);
            }
            (Node::Directory, Ok(Node::File(_) | Node::Link(_))) => {
                return Err(ErrorCode::NotDirectory);
            }
            (Node::File(_) | Node::Link(_), Ok(Node::Directory)) => {
                return Err(ErrorCode::IsDirectory);
            }
            _ => (),
        }
        let below = self.below(&path);
        let nodes = &mut self.0.borrow_mut().nodes;
        nodes.remove(&path);
        nodes.insert(to_path.clone(), node);
        for old in below {
            if let Some(node) = nodes.remove(&old) {
                nodes.insert(format!("{to_path}{}", &old[path.len()..]), node);
            }
        }
        Ok(())
    }

    fn remove(&self, path: &str, tree: bool) -> Result<(), ErrorCode> {
        self.counted()?;
        self.node(path)?;
        let path = plain(path)?;
        let below = self.below(&path);
        if !below.is_empty() && !tree {
            return Err(ErrorCode::NotEmpty);
        }
        let nodes = &mut self.0.borrow_mut().nodes;
        nodes.remove(&path);
        for path in below {
            nodes.remove(&path);
        }
        Ok(())
    }
}

/// A file, which may not exist yet.
pub(crate) struct Handle {
    tree: Tree,
    path: String,
}

impl Handle {
    fn contents(&self) -> Result<Bytes, ErrorCode> {
        match self.tree.node(&self.path)? {
            Node::File(bytes) => Ok(bytes),
            _ => Err(ErrorCode::IsDirectory),
        }
    }

    /// The bytes, of a file that is made when there is none.
    fn made(&self, more: usize) -> Result<Bytes, ErrorCode> {
        self.tree.counted()?;
        assert!(more <= TRANSFER, "one crossing moves at most 4 MiB");
        if let Err(ErrorCode::NoEntry) = self.contents() {
            self.tree.parent(&self.path)?;
            let nodes = &mut self.tree.0.borrow_mut().nodes;
            nodes.insert(self.path.clone(), Node::File(Bytes::default()));
        }
        self.contents()
    }
}

impl ReadAt for Handle {
    fn read_at(&self, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
        let bytes = self.contents()?;
        let bytes = bytes.borrow();
        let rest = bytes.get(offset as usize..).unwrap_or_default();
        Ok(Chunk {
            bytes: rest[..rest.len().min(max as usize).min(TRANSFER)].to_vec(),
            size: bytes.len() as u64,
        })
    }
}

impl File for Handle {
    fn name(&self) -> String {
        format!("{}/{}", self.tree.name(), self.path)
    }

    fn stat(&self) -> Result<Stat, ErrorCode> {
        self.contents().map(|bytes| stat(&Node::File(bytes)))
    }
}

impl EditFile for Handle {
    type Reader = Self;

    fn as_read(&self) -> Self {
        self.tree.read(&self.path)
    }

    fn replace(&self, bytes: &[u8]) -> Result<(), ErrorCode> {
        let file = self.made(bytes.len())?;
        *file.borrow_mut() = bytes.to_vec();
        Ok(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), ErrorCode> {
        let file = self.made(bytes.len())?;
        let mut file = file.borrow_mut();
        let (start, end) = (offset as usize, offset as usize + bytes.len());
        if file.len() < end {
            file.resize(end, 0);
        }
        file[start..end].copy_from_slice(bytes);
        Ok(())
    }

    fn append(&self, bytes: &[u8]) -> Result<(), ErrorCode> {
        self.made(bytes.len())?
            .borrow_mut()
            .extend_from_slice(bytes);
        Ok(())
    }

    fn set_size(&self, size: u64) -> Result<(), ErrorCode> {
        self.made(0)?.borrow_mut().resize(size as usize, 0);
        Ok(())
    }
}
