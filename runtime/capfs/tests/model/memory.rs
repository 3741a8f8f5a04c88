//! A filesystem in memory: what the layers must look like, in as few words as possible.

use bailiwick_capfs::{ErrorCode, Expect, GuestPath, Kind};
use std::collections::{BTreeMap, VecDeque};

pub(crate) type Id = usize;
pub(crate) const ROOT: Id = 0;

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Dir(BTreeMap<String, Id>),
    File(Vec<u8>),
    Link(String),
}

#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) nodes: Vec<Node>,
}

/// A name in a directory, plain names from the root.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) dirs: Vec<(String, Id)>,
    pub(crate) name: String,
}

/// What a path leads to.
enum Led {
    Dir(Vec<(String, Id)>),
    Name(Spot, Option<Id>),
}

type Done<T> = Result<T, ErrorCode>;

impl Spot {
    pub(crate) fn dir(&self) -> Id {
        self.dirs.last().map_or(ROOT, |(_, id)| *id)
    }

    fn names(&self) -> Vec<&str> {
        let above = self.dirs.iter().map(|(name, _)| name.as_str());
        above.chain([self.name.as_str()]).collect()
    }
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            nodes: vec![Node::Dir(BTreeMap::new())],
        }
    }

    pub(crate) fn add(&mut self, node: Node) -> Id {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn names(&self, dir: Id) -> &BTreeMap<String, Id> {
        match &self.nodes[dir] {
            Node::Dir(names) => names,
            _ => panic!("it is a directory"),
        }
    }

    fn names_mut(&mut self, dir: Id) -> &mut BTreeMap<String, Id> {
        match &mut self.nodes[dir] {
            Node::Dir(names) => names,
            _ => panic!("it is a directory"),
        }
    }

    pub(crate) fn at(&self, spot: &Spot) -> Option<Id> {
        self.names(spot.dir()).get(&spot.name).copied()
    }

    pub(crate) fn put(&mut self, spot: &Spot, id: Id) {
        self.names_mut(spot.dir()).insert(spot.name.clone(), id);
    }

    fn take(&mut self, spot: &Spot) -> Option<Id> {
        self.names_mut(spot.dir()).remove(&spot.name)
    }

    pub(crate) fn kind(&self, id: Id) -> Kind {
        match &self.nodes[id] {
            Node::Dir(_) => Kind::Directory,
            Node::File(_) => Kind::File,
            Node::Link(_) => Kind::Symlink,
        }
    }

    pub(crate) fn size(&self, id: Id) -> u64 {
        match &self.nodes[id] {
            Node::Dir(_) => 0,
            Node::File(bytes) => bytes.len() as u64,
            Node::Link(target) => target.len() as u64,
        }
    }

    pub(crate) fn file(&mut self, id: Id) -> &mut Vec<u8> {
        match &mut self.nodes[id] {
            Node::File(bytes) => bytes,
            _ => panic!("it is a file"),
        }
    }

    /// Follow names and links; the last link unless `stay`.
    fn lead(&self, path: &GuestPath, stay: bool) -> Done<Led> {
        let mut ahead: VecDeque<String> = path.components().map(str::to_owned).collect();
        let (mut dirs, mut links): (Vec<(String, Id)>, _) = (Vec::new(), 0);
        while let Some(name) = ahead.pop_front() {
            match name.as_str() {
                "" | "." => continue,
                ".." => {
                    dirs.pop().ok_or(ErrorCode::NotPermitted)?;
                    continue;
                }
                _ => {}
            }
            let last = ahead.is_empty();
            let here = dirs.last().map_or(ROOT, |(_, id)| *id);
            let found = self.names(here).get(&name).copied();
            match found.map(|id| &self.nodes[id]) {
                Some(Node::Dir(_)) => dirs.extend(found.map(|id| (name, id))),
                Some(Node::Link(target)) if !(last && stay) => {
                    links += 1;
                    if links > 40 {
                        return Err(ErrorCode::Loop);
                    }
                    if target.starts_with('/') {
                        return Err(ErrorCode::NotPermitted);
                    }
                    target
                        .split('/')
                        .rev()
                        .for_each(|name| ahead.push_front(name.to_owned()));
                }
                _ if last => return Ok(Led::Name(Spot { dirs, name }, found)),
                Some(_) => return Err(ErrorCode::NotDirectory),
                None => return Err(ErrorCode::NoEntry),
            }
        }
        Ok(Led::Dir(dirs))
    }

    pub(crate) fn directory(&self, path: &GuestPath) -> Done<Vec<(String, Id)>> {
        match self.lead(path, false)? {
            Led::Dir(dirs) => Ok(dirs),
            Led::Name(_, Some(_)) => Err(ErrorCode::NotDirectory),
            Led::Name(_, None) => Err(ErrorCode::NoEntry),
        }
    }

    /// The node of a path, links followed, the last one unless `stay`.
    pub(crate) fn node(&self, path: &GuestPath, stay: bool) -> Done<Id> {
        match self.lead(path, stay && !path.wants_dir())? {
            Led::Dir(dirs) => Ok(dirs.last().map_or(ROOT, |(_, id)| *id)),
            Led::Name(_, Some(_)) if path.wants_dir() => Err(ErrorCode::NotDirectory),
            Led::Name(_, found) => found.ok_or(ErrorCode::NoEntry),
        }
    }

    /// The last name as it is written, and where it is. None for the root.
    pub(crate) fn parent(&self, path: &GuestPath) -> Done<Option<Spot>> {
        let Some(name) = path.components().next_back() else {
            return Ok(None);
        };
        let above: Vec<&str> = path.components().collect();
        let above = GuestPath::parse(&above[..above.len() - 1].join("/"))?;
        let dirs = self.directory(&above)?;
        let name = name.to_owned();
        Ok(Some(Spot { dirs, name }))
    }

    /// The name that a file to be opened or made has or will have.
    pub(crate) fn target(
        &self,
        path: &GuestPath,
        expect: Expect,
        stay: bool,
    ) -> Done<(Spot, Option<Id>)> {
        if path.wants_dir() || path.is_root() {
            return Err(match self.directory(path) {
                Ok(_) if expect == Expect::New => ErrorCode::Exist,
                Ok(_) => ErrorCode::IsDirectory,
                Err(ErrorCode::NoEntry) if expect != Expect::Existing => ErrorCode::IsDirectory,
                Err(error) => error,
            });
        }
        let (spot, found) = match stay {
            true => {
                let spot = self.parent(path)?.ok_or(ErrorCode::IsDirectory)?;
                let found = self.at(&spot);
                (spot, found)
            }
            false => match self.lead(path, false)? {
                Led::Dir(_) if expect == Expect::New => return Err(ErrorCode::Exist),
                Led::Dir(_) => return Err(ErrorCode::IsDirectory),
                Led::Name(spot, found) => (spot, found),
            },
        };
        match (found.map(|id| self.kind(id)), expect) {
            (Some(_), Expect::New) => Err(ErrorCode::Exist),
            (Some(Kind::Directory), _) => Err(ErrorCode::IsDirectory),
            (Some(Kind::Symlink), _) => Err(ErrorCode::Loop),
            (None, Expect::Existing) => Err(ErrorCode::NoEntry),
            _ => Ok((spot, found)),
        }
    }

    pub(crate) fn make_dir(&mut self, path: &GuestPath) -> Done<()> {
        let spot = self.parent(path)?.ok_or(ErrorCode::Exist)?;
        self.make(&spot, Node::Dir(BTreeMap::new()))
    }

    fn make(&mut self, spot: &Spot, node: Node) -> Done<()> {
        if self.at(spot).is_some() {
            return Err(ErrorCode::Exist);
        }
        let id = self.add(node);
        self.put(spot, id);
        Ok(())
    }

    pub(crate) fn create_dir(&mut self, path: &GuestPath) -> Done<()> {
        if self.directory(path).is_ok() {
            return Ok(());
        }
        let names: Vec<&str> = path.components().collect();
        for end in 1..=names.len() {
            let so_far = GuestPath::parse(&names[..end].join("/"))?;
            if self.directory(&so_far).is_err() {
                let other = if end == names.len() {
                    ErrorCode::Exist
                } else {
                    ErrorCode::NotDirectory
                };
                self.make_dir(&so_far).map_err(|error| {
                    if error == ErrorCode::Exist {
                        other
                    } else {
                        error
                    }
                })?;
            }
        }
        Ok(())
    }

    pub(crate) fn make_link(&mut self, target: &str, path: &GuestPath) -> Done<()> {
        if path.is_root() {
            return Err(ErrorCode::Exist);
        }
        if path.wants_dir() {
            return Err(ErrorCode::NoEntry);
        }
        let spot = self.parent(path)?.ok_or(ErrorCode::Exist)?;
        if self.at(&spot).is_some() {
            return Err(ErrorCode::Exist);
        }
        if !stays(target, spot.dirs.len()) {
            return Err(ErrorCode::NotPermitted);
        }
        self.make(&spot, Node::Link(target.to_owned()))
    }

    pub(crate) fn rename(
        &mut self,
        path: &GuestPath,
        to_path: &GuestPath,
        replace: bool,
    ) -> Done<()> {
        let from = self.parent(path)?.ok_or(ErrorCode::Busy)?;
        let to = self.parent(to_path)?.ok_or(ErrorCode::Busy)?;
        let id = self.at(&from).ok_or(ErrorCode::NoEntry)?;
        let kind = self.kind(id);
        if kind != Kind::Directory && (path.wants_dir() || to_path.wants_dir()) {
            return Err(ErrorCode::NotDirectory);
        }
        if from.names() == to.names() {
            return Ok(());
        }
        if kind == Kind::Directory && to.names().starts_with(&from.names()) {
            return Err(ErrorCode::Invalid);
        }
        if kind == Kind::Symlink && self.leaves(id, from.dirs.len(), to.dirs.len()) {
            return Err(ErrorCode::NotPermitted);
        }
        match (kind, self.at(&to)) {
            (_, None) => {}
            (_, Some(_)) if !replace => return Err(ErrorCode::Exist),
            (kind, Some(over)) => match (kind, self.kind(over)) {
                (Kind::Directory, Kind::Directory) if !self.names(over).is_empty() => {
                    return Err(ErrorCode::NotEmpty);
                }
                (Kind::Directory, Kind::Directory) => {}
                (Kind::Directory, _) => return Err(ErrorCode::NotDirectory),
                (_, Kind::Directory) => return Err(ErrorCode::IsDirectory),
                _ => {}
            },
        }
        if kind == Kind::Directory && self.leaves(id, from.dirs.len(), to.dirs.len()) {
            return Err(ErrorCode::NotPermitted);
        }
        self.take(&from);
        self.put(&to, id);
        Ok(())
    }

    /// Whether a link, or one in a directory, would lead above the root, and further up than it does where it is.
    fn leaves(&self, id: Id, depth: usize, to_depth: usize) -> bool {
        match &self.nodes[id] {
            Node::Link(target) => {
                let ups = target.split('/').filter(|name| *name == "..").count();
                !target.starts_with('/') && ups > to_depth && depth > to_depth
            }
            Node::Dir(names) => names
                .values()
                .any(|id| self.leaves(*id, depth + 1, to_depth + 1)),
            Node::File(_) => false,
        }
    }

    /// `dir`: directories may be removed; `other`: files and links; `tree`: directories with what is in them.
    pub(crate) fn remove(
        &mut self,
        path: &GuestPath,
        dir: bool,
        other: bool,
        tree: bool,
    ) -> Done<()> {
        let spot = self.parent(path)?.ok_or(ErrorCode::Busy)?;
        let id = self.at(&spot).ok_or(ErrorCode::NoEntry)?;
        if self.kind(id) == Kind::Directory {
            if !dir {
                return Err(ErrorCode::IsDirectory);
            }
            if !tree && !self.names(id).is_empty() {
                return Err(ErrorCode::NotEmpty);
            }
        } else if !other || path.wants_dir() {
            return Err(ErrorCode::NotDirectory);
        }
        self.take(&spot);
        Ok(())
    }

    /// All that can be reached by names: directories end in a slash, links say where they lead.
    pub(crate) fn all(&self) -> BTreeMap<String, String> {
        let (mut all, mut left) = (BTreeMap::new(), vec![(String::new(), ROOT)]);
        while let Some((at, dir)) = left.pop() {
            for (name, id) in self.names(dir) {
                let path = format!("{at}{name}");
                let what = match &self.nodes[*id] {
                    Node::Dir(_) => {
                        left.push((format!("{path}/"), *id));
                        "directory".to_owned()
                    }
                    Node::File(bytes) => format!("file {}", String::from_utf8_lossy(bytes)),
                    Node::Link(target) => format!("link {target}"),
                };
                all.insert(path, what);
            }
        }
        all
    }
}

/// Whether a link that is so deep says nothing that leads above the root.
fn stays(target: &str, depth: usize) -> bool {
    let names: Vec<&str> = target.split('/').collect();
    let ups = names.iter().take_while(|name| **name == "..").count();
    !target.starts_with('/') && ups <= depth && !names[ups..].contains(&"..")
}
