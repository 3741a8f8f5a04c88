use std::fmt::Write as _;

use super::*;

fn counted(wat: &str) -> Bounds {
    Bounds::read(&wat::parse_str(wat).expect("it parses")).expect("it is counted")
}

const PAGE: u64 = 65_536;

#[test]
fn nothing() {
    let bounds = counted("(component)");
    assert_eq!(
        bounds,
        Bounds {
            memory_max: Some(0),
            table_max: Some(0),
            ..Bounds::default()
        }
    );
}

#[test]
fn memories_and_tables_of_what_is_instantiated() {
    let bounds = counted(
        "(component
           (core module $never (memory 100 200) (table 1000 2000 funcref))
           (core module $a (memory 1 4) (table 3 5 funcref))
           (core module $b (memory 2 3) (memory 0 1) (table 7 7 externref) (table 0 1 funcref))
           (core instance (instantiate $a))
           (core instance (instantiate $b))
           (core instance (instantiate $a)))",
    );
    assert_eq!(
        bounds,
        Bounds {
            core_modules: 3,
            core_instances: 3,
            memories: 4,
            memory_min: 4 * PAGE,
            memory_max: Some(12 * PAGE),
            tables: 4,
            table_min: 13,
            table_max: Some(18),
        }
    );
}

/// A memory that is imported is of another module, which is counted.
#[test]
fn what_modules_share_counts_once() {
    let bounds = counted(
        r#"(component
             (core module $a (memory (export "m") 1 2) (table (export "t") 1 2 funcref))
             (core module $b (import "a" "m" (memory 1)) (import "a" "t" (table 1 funcref)))
             (core instance $i (instantiate $a))
             (core instance (instantiate $b (with "a" (instance $i))))
             (alias core export $i "m" (core memory $m))
             (core instance (export "m" (memory $m))))"#,
    );
    assert_eq!((bounds.core_instances, bounds.memories), (2, 1));
    assert_eq!(
        (bounds.memory_min, bounds.memory_max),
        (PAGE, Some(2 * PAGE))
    );
    assert_eq!((bounds.tables, bounds.table_max), (1, Some(2)));
}

#[test]
fn without_a_maximum_there_is_none() {
    let bounds = counted(
        "(component
           (core module $a (memory 1 4) (table 1 1 funcref))
           (core module $b (memory 1) (table 1 funcref))
           (core instance (instantiate $a))
           (core instance (instantiate $b)))",
    );
    assert_eq!((bounds.memory_min, bounds.memory_max), (2 * PAGE, None));
    assert_eq!((bounds.table_min, bounds.table_max), (2, None));
}

#[test]
fn large_shared_and_finely_paged_memories() {
    let bounds = counted(
        "(component
           (core module $a (memory i64 0x1_0000_0000_0000 0x1_0000_0000_0000))
           (core module $b (memory i64 0 1) (memory 1 2 shared) (memory 100 200 (pagesize 1)))
           (core instance (instantiate $b)))",
    );
    assert_eq!(bounds.memory_min, PAGE + 100);
    assert_eq!(bounds.memory_max, Some(3 * PAGE + 200));
    let bounds = counted(
        "(component
           (core module $a (memory i64 0x1_0000_0000_0000 0x1_0000_0000_0000))
           (core module $b (memory 1 1))
           (core instance (instantiate $a))
           (core instance (instantiate $b)))",
    );
    assert_eq!(
        (bounds.memory_min, bounds.memory_max),
        (u64::MAX, Some(u64::MAX))
    );
}

#[test]
fn components_in_it_count_as_often_as_they_are_instantiated() {
    let bounds = counted(
        "(component
           (core module $m (memory 1 1))
           (component $never (core module $n (memory 9)) (core instance (instantiate $n)))
           (component $c
             (alias outer 1 $m (core module $m))
             (component $d
               (core instance (instantiate $m))
               (core instance (instantiate $m)))
             (core instance (instantiate $m))
             (instance (instantiate $d)))
           (instance (instantiate $c))
           (instance (instantiate $c)))",
    );
    assert_eq!((bounds.core_modules, bounds.core_instances), (2, 6));
    assert_eq!(bounds.memory_max, Some(6 * PAGE));
}

/// Modules and components come to whoever instantiates them in more than one way.
#[test]
fn what_is_exported_is_followed() {
    let bounds = counted(
        r#"(component
             (core module $m (memory 1 1))
             (component $empty)
             (component $giver
               (core module $two (memory 2 2))
               (component $three
                 (core module $n (memory 3 3))
                 (core instance (instantiate $n)))
               (export "two" (core module $two))
               (export "three" (component $three)))
             (instance $given (instantiate $giver))
             (instance $all
               (export "in" (instance $given))
               (export "one" (core module $m)))
             (alias export $all "in" (instance $in))
             (alias export $all "one" (core module $one))
             (alias export $in "two" (core module $two))
             (alias export $in "three" (component $three))
             (export $again "out" (core module $two))
             (core instance (instantiate $one))
             (core instance (instantiate $again))
             (instance (instantiate $three)))"#,
    );
    assert_eq!(bounds.core_instances, 3);
    assert_eq!(
        (bounds.memory_min, bounds.memory_max),
        (6 * PAGE, Some(6 * PAGE))
    );
}

#[test]
fn what_is_only_given_cannot_be_told() {
    let cases = [
        r#"(component (import "m" (core module $m)) (core instance (instantiate $m)))"#,
        r#"(component (import "c" (component $c)) (instance (instantiate $c)))"#,
        r#"(component
             (import "i" (instance $i (export "m" (core module))))
             (alias export $i "m" (core module $m))
             (core instance (instantiate $m)))"#,
        r#"(component
             (core module $m (memory 1 1))
             (component $c (import "m" (core module $m)) (core instance (instantiate $m)))
             (instance (instantiate $c (with "m" (core module $m)))))"#,
    ];
    for wat in cases {
        let bounds = counted(wat);
        assert_eq!(
            (bounds.core_instances, bounds.memory_min),
            (u64::MAX, u64::MAX)
        );
        assert_eq!((bounds.memory_max, bounds.table_max), (None, None));
    }
    // Given and not instantiated.
    let bounds = counted(r#"(component (import "m" (core module $m)))"#);
    assert_eq!((bounds.core_instances, bounds.memory_max), (0, Some(0)));
}

/// Each component instantiates the one before twice: 2^999 instances of the first.
#[test]
fn doubling_without_end() {
    let mut wat = String::from(
        "(component
           (component $c0 (core module $m (memory 1 1) (table 1 1 funcref)) (core instance (instantiate $m)))",
    );
    for level in 1..1_000 {
        let below = level - 1;
        let twice = format!("(instance (instantiate $c{below}))").repeat(2);
        let _ = write!(
            wat,
            "(component $c{level} (alias outer 1 $c{below} (component $c{below})) {twice})"
        );
    }
    wat += "(instance (instantiate $c999)))";
    assert_eq!(
        counted(&wat),
        Bounds {
            core_modules: 1,
            core_instances: u64::MAX,
            memories: u64::MAX,
            memory_min: u64::MAX,
            memory_max: Some(u64::MAX),
            tables: u64::MAX,
            table_min: u64::MAX,
            table_max: Some(u64::MAX),
        }
    );
}

/// A chain of exports is followed without recursion, also when it is given up.
#[test]
fn chains_without_end() {
    let mut wat = String::from("(component (component $c0)");
    for level in 1..1_000 {
        let below = level - 1;
        let _ = write!(
            wat,
            "(component $c{level}
               (alias outer 1 $c{below} (component $c))
               (instance $i (instantiate $c))
               (export \"c\" (component $c)) (export \"i\" (instance $i)))"
        );
    }
    wat += "(instance (instantiate $c999)))";
    assert_eq!(counted(&wat).core_instances, 0);
}

/// Bytes that nobody has validated make an error or a number.
#[test]
fn indices_that_lead_nowhere() {
    let header = b"\0asm\x0d\0\x01\0";
    let sections: [&[u8]; 4] = [
        // An instance of module 9.
        &[2, 4, 1, 0, 9, 0],
        // An instance of component 9.
        &[5, 4, 1, 0, 9, 0],
        // Component 7 of the component 300 levels outside.
        &[6, 6, 1, 4, 2, 0xac, 2, 7],
        // Module `m` of instance 5.
        &[6, 7, 1, 0, 0x11, 0, 5, 1, b'm'],
    ];
    for section in sections {
        let mut bytes = header.to_vec();
        bytes.extend(section);
        let bounds = Bounds::read(&bytes).expect("it is counted");
        assert!([0, u64::MAX].contains(&bounds.memory_min), "{bounds:?}");
    }
    assert!(Bounds::read(b"").is_err() && Bounds::read(&header[..7]).is_err());
}
