//! A function's signature in one line, for people.

use std::fmt::Write as _;

use crate::spelled;
use crate::types::{Function, TypeName};

impl Function {
    /// The signature as a reviewer reads it, types by their defining names:
    /// `grep: func(dir: borrow<read-dir>, pattern: string) -> result<matches, tool-error>`.
    ///
    /// A bare name is one of the function's own interface, of the world, or of Bailiwick's contracts; others have their
    /// interface in front: `borrow<wasi:io/streams.input-stream>`.
    pub fn signature(&self) -> String {
        spelled::with_names(self, &|out, name| self.write_name(out, name))
    }

    fn write_name(&self, out: &mut String, name: &TypeName) {
        let interface = &*name.interface;
        let is_near = interface.is_empty()
            || self.interface.as_deref() == Some(interface)
            || crate::embedded::is_built_in(interface);
        if !is_near {
            let path = interface
                .split_once('@')
                .map_or(interface, |(path, _)| path);
            let _ = write!(out, "{path}.");
        }
        out.push_str(&name.name);
    }
}
