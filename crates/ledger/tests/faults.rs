//! Every operation of the disk fails once, or from then on until there is room again. Nothing that was
//! acknowledged is lost, nothing is half there, and the writer goes on.

mod common;

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::rc::Rc;

use common::{entry, key};
use ledger::{Caps, Digest, Disk, Journal, Ledger, LedgerError, MemoryDisk, Receipt, Value, verify_on};

/// How an operation goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It is refused for want of room, before anything was done.
    Full,
    /// Half of a write is done; then there is no room.
    Short,
    /// The device fails, before anything was done.
    Device,
    /// The device fails, after everything was done.
    Late,
    /// It is not done and said to be. No disk may do that: the control.
    Lie,
}

#[derive(Debug, Default)]
struct Plan {
    /// Operations so far.
    done: Cell<u32>,
    /// The operation that goes wrong.
    at: Cell<Option<(u32, Fault)>>,
    /// Whether those after it go wrong too.
    lasting: Cell<bool>,
}

/// A disk in memory that fails as planned.
#[derive(Clone, Debug)]
struct Faulty {
    disk: MemoryDisk,
    plan: Rc<Plan>,
}

impl Faulty {
    fn new() -> Self {
        Self { disk: MemoryDisk::default(), plan: Rc::default() }
    }

    fn fail(&self, at: u32, fault: Fault, lasting: bool) {
        self.plan.at.set(Some((at, fault)));
        self.plan.lasting.set(lasting);
    }

    /// There is room again.
    fn heal(&self) {
        self.plan.at.set(None);
    }

    /// What is to go wrong with the operation that begins.
    fn next(&self) -> Option<Fault> {
        let now = self.plan.done.replace(self.plan.done.get() + 1);
        let (at, fault) = self.plan.at.get()?;
        (now == at || (self.plan.lasting.get() && now > at)).then_some(fault)
    }

    /// Does `act`, or fails.
    fn guarded<T>(&self, act: impl FnOnce(&MemoryDisk) -> io::Result<T>) -> io::Result<T> {
        match self.next() {
            None | Some(Fault::Lie) => act(&self.disk),
            Some(Fault::Full | Fault::Short) => Err(ErrorKind::StorageFull.into()),
            Some(Fault::Device) => Err(io::Error::from_raw_os_error(5)),
            Some(Fault::Late) => act(&self.disk).and(Err(io::Error::from_raw_os_error(5))),
        }
    }
}

impl Disk for Faulty {
    type Lock = <MemoryDisk as Disk>::Lock;

    fn read(&self, path: &Path, offset: u64, limit: usize) -> io::Result<Option<Vec<u8>>> {
        self.guarded(|disk| disk.read(path, offset, limit))
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        self.guarded(|disk| disk.length(path))
    }

    fn write(&self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match self.next() {
            None => self.disk.write(path, offset, bytes),
            Some(Fault::Full) => Err(ErrorKind::StorageFull.into()),
            Some(Fault::Short) => {
                self.disk.write(path, offset, &bytes[..bytes.len() / 2])?;
                Err(ErrorKind::StorageFull.into())
            }
            Some(Fault::Device) => Err(io::Error::from_raw_os_error(5)),
            Some(Fault::Late) => {
                self.disk.write(path, offset, bytes)?;
                Err(io::Error::from_raw_os_error(5))
            }
            Some(Fault::Lie) => self.disk.write(path, offset, &bytes[..bytes.len() / 2]),
        }
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.guarded(|disk| disk.truncate(path, length))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.guarded(|disk| disk.sync(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.guarded(|disk| disk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.guarded(|disk| disk.remove(path))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.guarded(|disk| disk.create_folder(path))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.guarded(|disk| disk.sync_folder(path))
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.disk.is_folder(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        self.guarded(|disk| disk.names(path))
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Self::Lock>> {
        self.guarded(|disk| disk.lock(path))
    }

    fn is_locked(&self, path: &Path) -> io::Result<bool> {
        self.guarded(|disk| disk.is_locked(path))
    }
}

const FOLDER: &str = "/ledger";

/// What a caller knows: the entries that were acknowledged.
#[derive(Default)]
struct Known {
    acknowledged: Vec<Receipt>,
    /// Errors that the writer returned.
    errors: Vec<LedgerError>,
}

fn open(disk: &Faulty) -> Result<Ledger<Faulty>, LedgerError> {
    Ledger::open_on(disk.clone(), Path::new(FOLDER), &key(1), Caps::default()).map(|(ledger, _)| ledger)
}

/// Tries until it works; `again` runs after each failure.
fn insist<T>(
    known: &mut Known,
    again: &dyn Fn(),
    mut act: impl FnMut() -> Result<T, LedgerError>,
) -> Option<T> {
    for _ in 0..4 {
        match act() {
            Ok(done) => return Some(done),
            Err(error) => {
                known.errors.push(error);
                again();
            }
        }
    }
    None
}

fn naming(blob: Digest, number: u32) -> ledger::Entry {
    entry(number, Value::map([("blobs", Value::List(vec![blob.to_value()]))]))
}

/// A short life of a ledger, each step tried again where it fails. None if a step never worked.
fn live(disk: &Faulty, known: &mut Known, again: &dyn Fn()) -> Option<()> {
    let mut ledger = insist(known, again, || open(disk))?;
    for (number, blob) in [(0, b"a question".as_slice()), (3, b"another question")] {
        let digest = insist(known, again, || ledger.keep(blob))?;
        let group = [naming(digest, number), entry(number + 1, Value::Null)];
        let receipts = insist(known, again, || ledger.append(&group))?;
        known.acknowledged.extend(receipts);
        let alone = [entry(number + 2, Value::text("x".repeat(300)))];
        let receipts = insist(known, again, || ledger.append(&alone))?;
        known.acknowledged.extend(receipts);
    }
    let gone = ledger.keep(b"a question").ok()?;
    // The entry that says so may stand although the content's end was not confirmed: then it is said twice.
    let receipt = insist(known, again, || ledger.forget(gone, "private"));
    known.acknowledged.extend(receipt);
    drop(ledger);
    let mut ledger = insist(known, again, || open(disk))?;
    let receipts = insist(known, again, || ledger.append(&[entry(6, Value::Null)]))?;
    known.acknowledged.extend(receipts);
    Some(())
}

/// What is wrong with the ledger on `disk`, for a caller who knows this.
fn wrong(disk: &Faulty, known: &Known) -> Option<String> {
    disk.heal();
    let (mut ledger, report) =
        match Ledger::open_on(disk.clone(), Path::new(FOLDER), &key(1), Caps::default()) {
            Ok(opened) => opened,
            Err(error) => return Some(format!("it does not open: {error}")),
        };
    let entries: Vec<_> = match ledger::read_on(disk, Path::new(FOLDER)).and_then(Iterator::collect) {
        Ok(entries) => entries,
        Err(error) => return Some(format!("it cannot be read: {error}")),
    };
    if entries.len() as u64 != report.count {
        return Some(format!("{} entries are read and {} are counted", entries.len(), report.count));
    }
    for receipt in &known.acknowledged {
        match entries.get(receipt.index as usize) {
            Some(stored) if stored.digest == receipt.entry && stored.head == receipt.head => {}
            _ => return Some(format!("the acknowledged entry {} is lost", receipt.index)),
        }
    }
    if let Err(error) = ledger.append(&[entry(7, Value::Null)]) {
        return Some(format!("it takes no more: {error}"));
    }
    drop(ledger);
    verify_on(disk, Path::new(FOLDER), key(1).public(), None).err().map(|error| error.to_string())
}

/// How many operations a life takes that nothing goes wrong in.
fn operations() -> u32 {
    let (disk, mut known) = (Faulty::new(), Known::default());
    live(&disk, &mut known, &|| {}).expect("nothing goes wrong");
    assert_eq!((known.acknowledged.len(), known.errors.len()), (8, 0));
    assert_eq!(wrong(&disk, &known), None);
    disk.plan.done.get()
}

#[test]
fn any_operation_may_fail_once() {
    let mut failures = 0;
    for at in 0..operations() {
        for fault in [Fault::Full, Fault::Short, Fault::Device, Fault::Late] {
            let (disk, mut known) = (Faulty::new(), Known::default());
            disk.fail(at, fault, false);
            let lived = live(&disk, &mut known, &|| {});
            let told = known.errors.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert!(lived.is_some(), "{fault:?} at {at}: {told:?}");
            assert_eq!(wrong(&disk, &known), None, "{fault:?} at {at}: {told:?}");
            failures += usize::from(!known.errors.is_empty());
            for line in told {
                assert!(
                    (line.contains('/') || line.contains("to forget")) && !line.contains('\n'),
                    "{fault:?} at {at}: {line}"
                );
            }
        }
    }
    assert!(failures > 100, "{failures} of the faults were noticed");
}

#[test]
fn a_full_disk_takes_nothing_away_and_has_room_again() {
    for at in 0..operations() {
        for fault in [Fault::Full, Fault::Short, Fault::Device] {
            let (disk, mut known) = (Faulty::new(), Known::default());
            disk.fail(at, fault, true);
            // Three attempts on the full disk; then somebody makes room.
            let attempts = Cell::new(0);
            let lived = live(&disk, &mut known, &|| {
                attempts.set(attempts.get() + 1);
                if attempts.get() == 3 {
                    disk.heal();
                }
            });
            assert!(lived.is_some(), "{fault:?} from {at}: {:?}", known.errors);
            assert_eq!(wrong(&disk, &known), None, "{fault:?} from {at}: {:?}", known.errors);
        }
    }
}

#[test]
fn a_writer_that_ends_on_a_full_disk_has_lost_nothing() {
    for at in 0..operations() {
        for fault in [Fault::Full, Fault::Short, Fault::Device, Fault::Late] {
            let (disk, mut known) = (Faulty::new(), Known::default());
            disk.fail(at, fault, true);
            live(&disk, &mut known, &|| {});
            let whole = known.acknowledged.len();
            assert_eq!(wrong(&disk, &known), None, "{fault:?} from {at} with {whole} acknowledged");
        }
    }
}

#[test]
fn a_disk_that_lies_is_found_out_by_these_checks() {
    let found = (0..operations()).filter(|at| {
        let (disk, mut known) = (Faulty::new(), Known::default());
        disk.fail(*at, Fault::Lie, false);
        live(&disk, &mut known, &|| {});
        wrong(&disk, &known).is_some()
    });
    assert!(found.count() >= 3, "half a write that is said to be whole goes unnoticed");
}
