//! Listings: what they count, and when they are over.

use super::*;

fn begin(guest: &mut Guest) -> Result<Resource<super::super::descriptor::Entries>, ErrorCode> {
    let listing = guest.state.read_directory(guest.root.into());
    guest.code(listing)
}

#[test]
fn a_listing_that_was_begun_ends_when_the_handle_is_taken_back() {
    for writes in [Writes::Direct, Writes::Apply] {
        let mut guest = Guest::new(Rights::READ_WRITE, writes, |_| {});
        let listing = begin(&mut guest).expect("it can be listed").rep();
        let mut next = || {
            let next = guest
                .state
                .read_directory_entry(Resource::new_borrow(listing));
            let next = guest.code(next);
            next.map(|entry| entry.map(|entry| entry.name))
        };
        assert_eq!(next(), Ok(Some("dir".to_owned())));
        guest
            .granted
            .handles
            .revoke(guest.granted.id)
            .expect("it was there");
        let next = guest
            .state
            .read_directory_entry(Resource::new_borrow(listing));
        let next = guest.code(next).map(|entry| entry.map(|entry| entry.name));
        assert_eq!(next, Err(ErrorCode::BadDescriptor));
    }
}

/// As many names as there can be in one listing count as much as a walk.
#[test]
fn a_long_listing_counts_as_much_as_a_walk_as_long_as_it_is_there() {
    let most = capfs::bounds::LISTING;
    for (names, places) in [(0, 1), (most / 8, 1), (most / 8 + 1, 2), (most, 8)] {
        let set = |limits: &mut Limits| limits.descriptors = 2 * places;
        let mut guest = Guest::new(Rights::READ, Writes::Apply, set);
        for name in ["file", "dir/inner", "link", "way", "out"] {
            std::fs::remove_file(guest.folder.path().join(name)).expect("it was there");
        }
        std::fs::remove_dir(guest.folder.path().join("dir")).expect("it was there");
        for name in 0..names {
            std::fs::write(guest.folder.path().join(name.to_string()), "").expect("a file");
        }
        let first = begin(&mut guest).expect("there is room for two").rep();
        begin(&mut guest).expect("there is room for two");
        let third = begin(&mut guest).map(drop);
        assert_eq!(third, Err(ErrorCode::Quota), "{names}");
        wit::HostDirectoryEntryStream::drop(&mut guest.state, Resource::new_own(first))
            .expect("it was there");
        begin(&mut guest).expect("there is room again");
    }
}
