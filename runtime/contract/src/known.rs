//! The names of Bailiwick's own contracts, in one place: what a host serves, and what it reads by meaning and not only by shape.

use std::sync::Arc;

use crate::types::{Field, Mount, Named, Type, TypeName};

/// The interface of handles to look at.
pub const FS_READ: &str = "bailiwick:fs/read@0.1.0";

/// The interface of handles to change files.
pub const FS_WRITE: &str = "bailiwick:fs/write@0.1.0";

/// The interface of records that ask for a mount.
pub const FS_PATHS: &str = "bailiwick:fs/paths@0.1.0";

/// The interface of types that tools share.
pub const TOOL_TYPES: &str = "bailiwick:tool/types@0.1.0";

/// What a function can be handed of the files of a session, wherever a type of it says so: interface without its version, name, and whether
/// it changes what it stands for.
const HANDLES: [(&str, &str, bool); 6] = [
    ("bailiwick:fs/read", "read-dir", false),
    ("bailiwick:fs/read", "read-file", false),
    ("bailiwick:fs/write", "write-dir", true),
    ("bailiwick:fs/write", "write-file", true),
    ("bailiwick:fs/paths", "readable", false),
    ("bailiwick:fs/paths", "writable", true),
];

/// Whether one of Bailiwick's handles, or of its records that ask for a mount, is called so.
pub(crate) fn is_handle_name(name: &str) -> bool {
    HANDLES.iter().any(|(_, handle, _)| *handle == name)
}

/// Whether what is handed over under this type can be changed through it; none when it is nothing of Bailiwick's. In any version.
pub(crate) fn writes(ty: &TypeName) -> Option<bool> {
    let interface = without_version(&ty.interface);
    let handle = HANDLES
        .iter()
        .find(|(of, name, _)| *of == interface && *name == &*ty.name);
    handle.map(|(_, _, writes)| *writes)
}

/// An interface's name without its version.
pub(crate) fn without_version(interface: &str) -> &str {
    interface
        .split_once('@')
        .map_or(interface, |(name, _)| name)
}

/// Whether it is the resource of a directory to look at.
pub fn is_read_dir(resource: &TypeName) -> bool {
    is(resource, FS_READ, "read-dir")
}

/// Whether it is the resource of a file to look at.
pub fn is_read_file(resource: &TypeName) -> bool {
    is(resource, FS_READ, "read-file")
}

/// Whether it is the resource of a directory to change.
pub fn is_write_dir(resource: &TypeName) -> bool {
    is(resource, FS_WRITE, "write-dir")
}

/// Whether it is the resource of a file to change.
pub fn is_write_file(resource: &TypeName) -> bool {
    is(resource, FS_WRITE, "write-file")
}

/// The type that a record stands for when it asks for a mount, or the record itself. It has to have the shape, too: a component can call
/// anything `readable`.
pub(crate) fn mount(record: Arc<Named<Field>>) -> Type {
    let writes = match &record.name {
        name if is(name, FS_PATHS, "readable") => false,
        name if is(name, FS_PATHS, "writable") => true,
        _ => return Type::Record(record),
    };
    match record.items.as_slice() {
        [field] if &*field.name == "path" && matches!(field.ty, Type::String) => {
            Type::Mount(Mount { record, writes })
        }
        _ => Type::Record(record),
    }
}

/// Whether it is the name of a record that asks for a mount.
pub(crate) fn is_mount(record: &TypeName) -> bool {
    is(record, FS_PATHS, "readable") || is(record, FS_PATHS, "writable")
}

/// Whether it is the error that tools share, with its code, message and hint.
pub fn is_tool_error(ty: &Type) -> bool {
    matches!(ty, Type::Record(named) if is(&named.name, TOOL_TYPES, "tool-error"))
}

/// Whether it is a piece of content for a model.
pub fn is_content(ty: &Type) -> bool {
    matches!(ty, Type::Variant(named) if is(&named.name, TOOL_TYPES, "content"))
}

fn is(name: &TypeName, interface: &str, item: &str) -> bool {
    &*name.interface == interface && &*name.name == item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_only_in_its_interface() {
        let name = |interface: &str, name: &str| TypeName {
            interface: interface.into(),
            name: name.into(),
        };
        assert!(is_read_dir(&name(FS_READ, "read-dir")));
        assert!(is_read_file(&name(FS_READ, "read-file")));
        assert!(!is_read_dir(&name(FS_READ, "read-file")));
        assert!(!is_read_dir(&name("other:fs/read@0.1.0", "read-dir")));
        assert!(is_write_dir(&name(FS_WRITE, "write-dir")));
        assert!(is_write_file(&name(FS_WRITE, "write-file")));
        assert!(!is_write_dir(&name(FS_READ, "write-dir")));
        assert!(!is_tool_error(&Type::String) && !is_content(&Type::String));
    }

    #[test]
    fn a_handle_is_one_in_any_version() {
        let name = |interface: &str, name: &str| TypeName {
            interface: interface.into(),
            name: name.into(),
        };
        assert_eq!(writes(&name(FS_READ, "read-dir")), Some(false));
        assert_eq!(
            writes(&name("bailiwick:fs/write@7.0.0", "write-dir")),
            Some(true)
        );
        assert_eq!(writes(&name(FS_PATHS, "writable")), Some(true));
        assert_eq!(writes(&name(FS_READ, "write-dir")), None);
        assert_eq!(writes(&name("evil:fs/write@0.1.0", "write-dir")), None);
        for (interface, handle, _) in HANDLES {
            let own = [FS_READ, FS_WRITE, FS_PATHS];
            assert!(own.iter().any(|own| without_version(own) == interface));
            assert!(is_handle_name(handle));
        }
    }

    #[test]
    fn the_contracts_define_these_names() {
        let texts = crate::embedded::SHARED.map(|(_, text)| text).concat();
        for defined in [
            "resource read-dir {",
            "resource read-file {",
            "resource write-dir {",
            "resource write-file {",
            "record readable {",
            "record writable {",
            "record tool-error {",
            "variant content {",
        ] {
            assert!(texts.contains(defined), "{defined}");
        }
    }
}
