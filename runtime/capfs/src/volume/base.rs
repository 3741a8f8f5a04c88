//! Files of the base by their place in it, for what is compared with them. No links, one name at a time.

use crate::ErrorCode;
use crate::at::{self, Node, Opened};
use crate::diff::{self, Body};
use crate::version::Stamp;
use crate::volume::Volume;
use cap_std::fs::{Dir, File};
use std::ffi::OsStr;
use std::sync::Arc;

impl Volume {
    /// The regular file at `path` (plain names joined by `/`), open, and its stamp. None when there is none any more: nothing, or
    /// something else.
    pub(crate) fn base_file(&self, path: &str) -> Result<Option<(File, Stamp)>, ErrorCode> {
        match self.find(path) {
            Ok(found) => Ok(found),
            Err(ErrorCode::NoEntry | ErrorCode::NotDirectory | ErrorCode::Unsupported) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn find(&self, path: &str) -> Result<Option<(File, Stamp)>, ErrorCode> {
        let device = self.grant().device();
        let mut dir: Arc<Dir> = Arc::clone(self.grant().root());
        let (above, last) = path.rsplit_once('/').unwrap_or(("", path));
        for name in above.split('/').filter(|name| !name.is_empty()) {
            dir = match at::dir(&dir, OsStr::new(name), device)? {
                Opened::It(dir) => Arc::new(dir),
                Opened::Link(_) => return Ok(None),
            };
        }
        match at::node(&dir, OsStr::new(last), device)? {
            Opened::It(Node::File(file, stat)) => Ok(Some((file, Stamp::of_stat(&stat)))),
            Opened::It(Node::Dir(_)) | Opened::Link(_) => Ok(None),
        }
    }

    /// What is in the file at `path`, as far as a diff can show it.
    pub(crate) fn base_body(&self, path: &str) -> Body {
        match self.base_file(path) {
            Ok(Some((file, _))) => diff::body_of(&file),
            Ok(None) => Body::Missing,
            Err(_) => Body::Opaque(0),
        }
    }
}
