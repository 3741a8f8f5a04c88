//! Changes to a component: anywhere, or inside a section whose size is put right, so that more than the frame is tried.

use crate::random::Random;

const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Numbers at the edges of what is allowed somewhere.
const NUMBERS: [u64; 20] = [
    0,
    1,
    2,
    16,
    17,
    63,
    64,
    127,
    128,
    255,
    256,
    1_000,
    1_001,
    65_535,
    65_536,
    1_000_000,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 1,
    u64::MAX,
];

/// Changes `bytes` once or a few times; parts may come from `other`.
pub(crate) fn change(random: &mut Random, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.below(4) {
        bytes = match random.below(8) {
            0 => anywhere(random, &bytes, other),
            1 | 2 => sections(random, &bytes, other).unwrap_or(bytes),
            _ => inside(random, &bytes, other, 0),
        };
    }
    bytes
}

/// A change of bytes that knows nothing of what they mean.
fn anywhere(random: &mut Random, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.is_empty() {
        return random.bytes(8);
    }
    let at = random.below(bytes.len());
    let (start, end) = random.range(bytes.len());
    match random.below(12) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(start..end)),
        2 => {
            let part = bytes[start..end].to_vec();
            bytes.splice(at..at, part);
        }
        3 => {
            let part: Vec<u8> = bytes.drain(start..end).collect();
            let at = random.below(bytes.len() + 1);
            bytes.splice(at..at, part);
        }
        4 => {
            let part = bytes[start..end].to_vec();
            let times = 1 + random.below(64);
            bytes.splice(at..at, part.repeat(times));
        }
        5 => {
            let (from, to) = random.range(other.len());
            bytes.splice(start..end, other[from..to].iter().copied());
        }
        6 => bytes[at] = random.next() as u8,
        7 => {
            // Sorts of items, kinds of types, and the first bytes of sections.
            bytes[at] = *random.of(&[
                0, 1, 2, 3, 4, 5, 0x10, 0x11, 0x3f, 0x40, 0x41, 0x42, 0x43, 0x68, 0x69, 0x6a, 0x6b,
                0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x7d, 0x7f, 0x80, 0xff,
            ]);
        }
        8 | 9 => number(random, &mut bytes, at),
        _ => {
            for _ in 0..1 + random.below(8) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
        }
    }
    bytes
}

/// Another number where one may be.
fn number(random: &mut Random, bytes: &mut Vec<u8>, at: usize) {
    let rest = &bytes[at..];
    let length = rest
        .iter()
        .take(10)
        .take_while(|byte| **byte >= 128)
        .count()
        + 1;
    let was = rest
        .iter()
        .take(length)
        .rev()
        .fold(0_u64, |sum, byte| sum << 7 | u64::from(byte & 127));
    let new = match random.below(4) {
        0 => was.wrapping_add(1),
        1 => was.wrapping_sub(1),
        _ => *random.of(&NUMBERS),
    };
    let mut written = leb(new);
    if random.one_in(4) {
        // As many bytes as before, or one more than is needed.
        if let Some(last) = written.last_mut() {
            *last |= 128;
        }
        written.push(0);
    }
    let end = (at + length).min(bytes.len());
    bytes.splice(at..end, written);
}

fn leb(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push(number as u8 & 127 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// One section: its id and what is in it.
type Section = (u8, Vec<u8>);

/// The sections of a module or component, and what follows where the frame is broken.
fn split(bytes: &[u8]) -> Option<(Vec<Section>, &[u8])> {
    let mut rest = bytes
        .strip_prefix(MODULE)
        .or_else(|| bytes.strip_prefix(COMPONENT))?;
    let mut sections = Vec::new();
    while let Some((id, after)) = rest.split_first() {
        let mut size = 0;
        let mut length = 0;
        for byte in after.iter().take(5) {
            size |= usize::from(byte & 127) << (7 * length);
            length += 1;
            if *byte < 128 {
                break;
            }
        }
        let Some(data) = after.get(length..).and_then(|data| data.get(..size)) else {
            break;
        };
        sections.push((*id, data.to_vec()));
        rest = &after[length + size..];
    }
    Some((sections, rest))
}

fn join(header: &[u8], sections: &[Section], rest: &[u8]) -> Vec<u8> {
    let mut bytes = header[..MODULE.len()].to_vec();
    for (id, data) in sections {
        bytes.push(*id);
        bytes.extend(leb(data.len() as u64));
        bytes.extend(data);
    }
    bytes.extend(rest);
    bytes
}

/// A change inside a section, at any depth, with the sizes put right.
fn inside(random: &mut Random, bytes: &[u8], other: &[u8], depth: usize) -> Vec<u8> {
    let Some((mut sections, rest)) = split(bytes) else {
        return anywhere(random, bytes, other);
    };
    if sections.is_empty() {
        return anywhere(random, bytes, other);
    }
    let at = random.below(sections.len());
    let (id, data) = &mut sections[at];
    // Modules, components, and documentation, which holds a component after its name.
    let name = if *id == 0 {
        1 + data.first().map_or(0, |length| usize::from(*length))
    } else {
        0
    };
    let nested = data.get(name..).filter(|data| data.starts_with(b"\0asm"));
    *data = match nested.map(<[u8]>::to_vec) {
        Some(nested) if depth < 8 => {
            let changed = match random.below(4) {
                0 => self::sections(random, &nested, other).unwrap_or(nested),
                _ => inside(random, &nested, other, depth + 1),
            };
            [&data[..name], &changed].concat()
        }
        _ => anywhere(random, data, other),
    };
    join(bytes, &sections, rest)
}

/// Sections that come and go, and those of another component.
fn sections(random: &mut Random, bytes: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let (mut sections, rest) = split(bytes)?;
    let (others, _) = split(other).unwrap_or_default();
    let place = random.below(sections.len() + 1);
    let at = random.below(sections.len());
    match random.below(7) {
        0 if !sections.is_empty() => drop(sections.remove(at)),
        1 if !sections.is_empty() => {
            let again = sections[at].clone();
            sections.insert(place, again);
        }
        2 if !sections.is_empty() => {
            let with = random.below(sections.len());
            sections.swap(at, with);
        }
        3 if !others.is_empty() => sections.insert(place, random.of(&others).clone()),
        4 if !others.is_empty() && !sections.is_empty() => {
            sections[at] = random.of(&others).clone();
        }
        // The one in the other.
        5 => sections.insert(place, (4, other.to_vec())),
        _ => {
            let id = random.below(15) as u8;
            let length = random.below(16);
            sections.insert(place, (id, random.bytes(length)));
        }
    }
    Some(join(bytes, &sections, rest))
}
