//! What is done to names: listing, making, renaming, removing, links.

use wit::DescriptorType as Kind;

use super::*;

const DIRECTORY: OpenFlags = OpenFlags::DIRECTORY;

#[test]
fn a_listing_is_sorted_and_a_link_in_it_is_a_link() {
    for mut guest in Guest::writers() {
        let listed = guest.list(guest.root);
        let expected = [
            ("dir", Kind::Directory),
            ("file", Kind::RegularFile),
            ("link", Kind::SymbolicLink),
            ("out", Kind::SymbolicLink),
            ("way", Kind::SymbolicLink),
        ];
        let expected = expected.map(|(name, kind)| (name.to_owned(), kind));
        assert_eq!(listed, expected);
        let file = guest.open("file", none(), READ).expect("it is there");
        let listing = guest.state.read_directory(file.into()).map(drop);
        assert_eq!(guest.code(listing), Err(ErrorCode::NotDirectory));
    }
}

#[test]
fn what_is_made_renamed_and_removed_is_seen_so() {
    for mut guest in Guest::writers() {
        let root = guest.root;
        let named = str::to_owned;
        let state = &mut guest.state;
        state
            .create_directory_at(root.into(), named("new"))
            .expect("it is made");
        state
            .rename_at(root.into(), named("file"), root.into(), named("new/moved"))
            .expect("it is moved");
        state
            .rename_at(root.into(), named("dir"), root.into(), named("elsewhere"))
            .expect("it is moved");
        assert_eq!(guest.names(), ["elsewhere", "link", "new", "out", "way"]);
        assert_eq!(guest.contents("new/moved").as_deref(), Ok("0123456789"));
        assert_eq!(guest.contents("elsewhere/inner").as_deref(), Ok("inner"));

        // An existing file is replaced.
        let new = guest
            .open("new", DIRECTORY, READ | MUTATE)
            .expect("it is there");
        let moved = guest.state.rename_at(
            root.into(),
            named("elsewhere/inner"),
            new.into(),
            named("moved"),
        );
        assert_eq!(guest.code(moved), Ok(()));
        assert_eq!(guest.contents("new/moved").as_deref(), Ok("inner"));

        let removed = guest.state.remove_directory_at(root.into(), named("new"));
        assert_eq!(guest.code(removed), Err(ErrorCode::NotEmpty));
        let removed = guest.state.unlink_file_at(root.into(), named("new/moved"));
        assert_eq!(guest.code(removed), Ok(()));
        for empty in ["new", "elsewhere"] {
            let removed = guest.state.remove_directory_at(root.into(), named(empty));
            assert_eq!(guest.code(removed), Ok(()), "{empty}");
        }
        assert_eq!(guest.names(), ["link", "out", "way"]);
    }
}

#[test]
fn names_that_cannot_be_made_or_removed_say_why() {
    use ErrorCode as E;
    for mut guest in Guest::writers() {
        let root = guest.root;
        let named = str::to_owned;
        let state = &mut guest.state;
        let results = [
            (
                state.create_directory_at(root.into(), named("dir")),
                E::Exist,
            ),
            (
                state.create_directory_at(root.into(), named("file")),
                E::Exist,
            ),
            (
                state.create_directory_at(root.into(), named("none/new")),
                E::NoEntry,
            ),
            (
                state.create_directory_at(root.into(), named("")),
                E::NoEntry,
            ),
            (
                state.create_directory_at(root.into(), named("../new")),
                E::NotPermitted,
            ),
            (
                state.create_directory_at(root.into(), named("out/new")),
                E::NotPermitted,
            ),
            (
                state.remove_directory_at(root.into(), named("file")),
                E::NotDirectory,
            ),
            (
                state.remove_directory_at(root.into(), named("way")),
                E::NotDirectory,
            ),
            (
                state.remove_directory_at(root.into(), named("dir")),
                E::NotEmpty,
            ),
            (
                state.remove_directory_at(root.into(), named("")),
                E::NoEntry,
            ),
            (
                state.unlink_file_at(root.into(), named("dir")),
                E::IsDirectory,
            ),
            (state.unlink_file_at(root.into(), named("none")), E::NoEntry),
            (
                state.unlink_file_at(root.into(), named("../x")),
                E::NotPermitted,
            ),
            (
                state.rename_at(root.into(), named("none"), root.into(), named("new")),
                E::NoEntry,
            ),
            (
                state.rename_at(root.into(), named("file"), root.into(), named("dir")),
                E::IsDirectory,
            ),
            (
                state.rename_at(root.into(), named("dir"), root.into(), named("file")),
                E::NotDirectory,
            ),
            (
                state.rename_at(root.into(), named("dir"), root.into(), named("dir/new")),
                E::Invalid,
            ),
            (
                state.rename_at(root.into(), named("file"), root.into(), named("../file")),
                E::NotPermitted,
            ),
        ];
        for (which, (result, code)) in results.into_iter().enumerate() {
            assert_eq!(guest.code(result), Err(code), "{which}");
        }
        assert_eq!(guest.names(), ["dir", "file", "link", "out", "way"]);
    }
}

#[test]
fn links_stay_inside_and_there_are_no_hard_ones() {
    use ErrorCode as E;
    for mut guest in Guest::writers() {
        let root = guest.root;
        let named = str::to_owned;
        let state = &mut guest.state;
        let made = state.symlink_at(root.into(), named("../file"), named("dir/up"));
        assert_eq!(guest.code(made), Ok(()));
        assert_eq!(guest.contents("dir/up").as_deref(), Ok("0123456789"));
        let read = guest.state.readlink_at(root.into(), named("dir/up"));
        assert_eq!(guest.code(read).as_deref(), Ok("../file"));
        for (target, name, code) in [
            ("/etc/passwd", "new", E::NotPermitted),
            ("../file", "new", E::NotPermitted),
            ("../../file", "dir/new", E::NotPermitted),
            ("file", "link", E::Exist),
            ("file", "", E::NoEntry),
            ("", "new", E::NoEntry),
        ] {
            let made = guest
                .state
                .symlink_at(root.into(), named(target), named(name));
            assert_eq!(guest.code(made), Err(code), "{target} {name}");
        }
        let none = PathFlags::empty();
        let linked =
            guest
                .state
                .link_at(root.into(), none, named("file"), root.into(), named("hard"));
        assert_eq!(guest.code(linked), Err(E::NotPermitted));
        let read = guest.state.readlink_at(root.into(), named("file"));
        assert_eq!(guest.code(read), Err(E::Invalid));
        // What is removed is the link and not what it leads to.
        let removed = guest.state.unlink_file_at(root.into(), named("link"));
        assert_eq!(guest.code(removed), Ok(()));
        assert_eq!(guest.names(), ["dir", "file", "out", "way"]);
    }
}

#[test]
fn a_link_of_the_hosts_that_is_absolute_is_not_read() {
    let mut guest = Guest::reader();
    let path = guest.folder.path().join("absolute");
    std::os::unix::fs::symlink("/etc/passwd", path).expect("a link");
    let root = guest.root;
    let read = guest.state.readlink_at(root.into(), "absolute".to_owned());
    assert_eq!(guest.code(read), Err(ErrorCode::NotPermitted));
}
