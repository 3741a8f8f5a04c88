//! Adding a record: under the lock, after the last one, whatever the process before left behind.
//!
//! In this order, so that a kill at any moment leaves what the next one understands: the line, then the head. A new file is in the head before
//! its first line is written.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::thread;
use std::time::{Duration, Instant};

use super::LogOptions;
use super::folder::Folder;
use super::head::{self, Head, Locked, Written};
use super::line::{self, LONGEST};
use super::record::{Record, Repair};

/// How long a record waits for the lock. Whoever holds it writes one line, unless it was stopped.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it asks before it waits in between, and how long it waits then.
const TRIES: u32 = 32;
const PAUSE: Duration = Duration::from_micros(50);

/// How much behind the head is looked at. More was not left by a process that was killed.
const LEFT: u64 = 1 << 20;

/// The open files of a log that is written to.
#[derive(Debug, Default)]
pub(super) struct Writer {
    head: Option<File>,
    current: Option<(u64, File)>,
    last: Option<Written>,
    /// Records since the last one that could not be written.
    lost: u64,
    /// Somebody held the lock for too long: nobody else waits for it, until it is free again.
    stuck: bool,
}

/// What a record is written to.
struct Place<'a> {
    folder: &'a Folder,
    options: &'a LogOptions,
    file: &'a File,
    now: Duration,
}

impl Writer {
    pub(super) fn append(
        &mut self,
        folder: &Folder,
        options: &LogOptions,
        now: Duration,
        session: Option<&str>,
        record: &Record,
    ) -> io::Result<()> {
        let written = self.written(folder, options, now, session, record);
        match written {
            Ok(()) => self.lost = 0,
            Err(_) => self.lost += 1,
        }
        written
    }

    fn written(
        &mut self,
        folder: &Folder,
        options: &LogOptions,
        now: Duration,
        session: Option<&str>,
        record: &Record,
    ) -> io::Result<()> {
        let mut file = match self.head.take() {
            Some(file) => file,
            None => folder.make(head::NAME)?,
        };
        let mut lock = self.lock(&file)?;
        // The log was removed under it, and perhaps begun anew.
        if file.metadata()?.nlink() == 0 {
            drop(lock);
            self.current = None;
            file = folder.make(head::NAME)?;
            lock = self.lock(&file)?;
        }
        let place = Place {
            folder,
            options,
            file: &file,
            now,
        };
        let done = self.put(&place, session, record);
        drop(lock);
        self.head = Some(file);
        done
    }

    fn lock<'a>(&mut self, file: &'a File) -> io::Result<Locked<'a>> {
        let since = Instant::now();
        for tried in 0u32.. {
            if let Some(lock) = head::try_lock(file, true)? {
                self.stuck = false;
                return Ok(lock);
            }
            if self.stuck || since.elapsed() > PATIENCE {
                break;
            }
            if tried < TRIES {
                thread::yield_now();
            } else {
                thread::sleep(PAUSE);
            }
        }
        self.stuck = true;
        let why = "another process holds the log's lock and does not write";
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    }

    fn put(&mut self, place: &Place, session: Option<&str>, record: &Record) -> io::Result<()> {
        let (mut head, mut repair) = match Head::read_again(place.file, self.last.as_ref())? {
            Some(head) => (head, Repair::default()),
            None => anew(place.folder)?,
        };
        self.reconcile(place, &mut head, &mut repair)?;
        if repair != Repair::default() {
            self.line(place, &mut head, None, 0, &Record::Repair(repair))?;
        }
        self.line(place, &mut head, session, self.lost, record)
    }

    /// Brings the head to where the file ends.
    fn reconcile(&mut self, place: &Place, head: &mut Head, repair: &mut Repair) -> io::Result<()> {
        if head.file == 0 {
            return Ok(());
        }
        let Some((file, size)) = self.current(place.folder, head.file)? else {
            repair.missing_bytes = head.end;
            (head.file, head.end) = (0, 0);
            return Ok(());
        };
        if size == head.end {
            return Ok(());
        }
        if size > head.end && size - head.end <= LEFT {
            let mut left = vec![0; (size - head.end) as usize];
            file.read_exact_at(&mut left, head.end)?;
            let mut foreign = false;
            for line in left.split_inclusive(|&byte| byte == b'\n') {
                let Some(whole) = line.strip_suffix(b"\n") else {
                    // Cut off in the middle of a write: it was a record for nobody yet.
                    repair.cut_bytes = line.len() as u64;
                    file.set_len(head.end)?;
                    break;
                };
                let chain = line::chain(whole);
                if chain.is_none_or(|chain| chain.seq != head.seq + 1 || chain.prev != head.hash) {
                    foreign = true;
                    break;
                }
                head.seq += 1;
                head.hash = line::hash(whole);
                head.end += line.len() as u64;
                repair.adopted += 1;
            }
            if !foreign {
                return Ok(());
            }
        }
        // Somebody else changed the file. What is there stays, for whoever verifies it.
        repair.missing_bytes = head.end.saturating_sub(size);
        repair.foreign_bytes = size.saturating_sub(head.end);
        head.end = size;
        let mut last = [b'\n'];
        if size > 0 {
            file.read_exact_at(&mut last, size - 1)?;
        }
        if last != *b"\n" {
            file.write_all_at(b"\n", size)?;
            head.end += 1;
        }
        Ok(())
    }

    /// Writes one line, and then the head.
    fn line(
        &mut self,
        place: &Place,
        head: &mut Head,
        session: Option<&str>,
        lost: u64,
        record: &Record,
    ) -> io::Result<()> {
        let line = line::build((head.seq + 1, head.hash), place.now, session, lost, record)?;
        debug_assert!(line.len() <= LONGEST, "{}", line.len());
        let length = line.len() as u64;
        if head.file == 0 || head.end > 0 && head.end + length > place.options.file_bytes {
            self.next_file(place, head)?;
        }
        let Some((_, file)) = &self.current else {
            return Err(io::ErrorKind::NotFound.into());
        };
        if let Err(error) = file.write_all_at(&line, head.end) {
            // A part of it would be taken for one that a kill left.
            let _ = file.set_len(head.end);
            return Err(error);
        }
        head.seq += 1;
        head.hash = line::hash(&line);
        head.end += length;
        self.last = Some(head.write(place.file)?);
        Ok(())
    }

    /// Goes on in a file of its own, and removes what is too old.
    fn next_file(&mut self, place: &Place, head: &mut Head) -> io::Result<()> {
        let number = head.seq + 1;
        let file = place.folder.begin(number)?;
        let numbers = place.folder.numbers()?;
        let full = numbers
            .iter()
            .filter(|&&known| known >= head.first && known <= head.file);
        let full: Vec<u64> = full.copied().collect();
        // With the new one.
        let old = (full.len() + 1).saturating_sub(place.options.files.max(2));
        match full.get(old) {
            // One that somebody else removed is missed until it would be gone by now.
            Some(&first) if old > 0 => head.first = first,
            _ if head.first == 0 => head.first = number,
            _ => {}
        }
        let before = std::mem::replace(&mut head.file, number);
        head.end = 0;
        // From here on they are not missed.
        head.write(place.file)?;
        for &known in &numbers {
            let begun = before < known && known < number;
            // Begun by somebody who was killed before the head said so.
            if known < head.first || begun && place.folder.is_empty(known)? {
                place.folder.remove(known);
            }
        }
        self.current = Some((number, file));
        Ok(())
    }

    /// The file that is written to, open, and its size.
    fn current(&mut self, folder: &Folder, number: u64) -> io::Result<Option<(&File, u64)>> {
        let known = self.current.take_if(|(known, _)| *known == number);
        if let Some((_, file)) = known {
            let is = file.metadata()?;
            // One that was removed is not written to any more.
            if is.nlink() > 0 {
                let (_, file) = self.current.insert((number, file));
                return Ok(Some((file, is.len())));
            }
        }
        let Some(file) = folder.records(number, true)? else {
            return Ok(None);
        };
        let size = file.metadata()?.len();
        let (_, file) = self.current.insert((number, file));
        Ok(Some((file, size)))
    }
}

/// A head where there is none: of a log that begins, or of one that lost it. Then it is after the last line that is there, and says so.
fn anew(folder: &Folder) -> io::Result<(Head, Repair)> {
    let mut head = Head::new();
    let numbers = folder.numbers()?;
    let mut repair = Repair::default();
    for &number in numbers.iter().rev() {
        let Some(file) = folder.records(number, false)? else {
            continue;
        };
        let size = file.metadata()?.len();
        if size == 0 {
            continue;
        }
        let from = size.saturating_sub(LONGEST as u64);
        let mut tail = vec![0; (size - from) as usize];
        file.read_exact_at(&mut tail, from)?;
        (head.seq, head.first) = (number, numbers[0]);
        repair.lost_head = true;
        if let Some(end) = tail.iter().rposition(|&byte| byte == b'\n') {
            let last = tail[..end].rsplit(|&byte| byte == b'\n').next();
            let last = last.unwrap_or_default();
            head.seq = line::chain(last).map_or(number, |chain| chain.seq.max(number));
            head.hash = line::hash(last);
            (head.file, head.end) = (number, from + end as u64 + 1);
        }
        break;
    }
    Ok((head, repair))
}
