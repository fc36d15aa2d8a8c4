//! Every operation of the disk fails once, or from then on until there is room again. Nothing that was
//! acknowledged is lost, nothing is half there, and the writer goes on.

mod common;

use std::cell::Cell;
use std::path::Path;

use common::{entry, key};
use files::{Fault, FaultyDisk};
use ledger::{Digest, Journal, Ledger, LedgerError, Receipt, SizeLimits, Value, verify_on};

const FOLDER: &str = "/ledger";

/// The knowledge of a caller of the ledger: the entries that were acknowledged, and the errors that it met.
#[derive(Default)]
struct Known {
    acknowledged: Vec<Receipt>,
    /// The errors that the writer returned, in order.
    errors: Vec<LedgerError>,
}

/// Opens a ledger that gets a checkpoint after every second entry, so that its writes fail and stop as all others.
fn open(disk: &FaultyDisk) -> Result<Ledger<FaultyDisk>, LedgerError> {
    let limits = SizeLimits { unchecked: 2, ..SizeLimits::default() };
    Ledger::open_on(disk.clone(), Path::new(FOLDER), &key(1), limits).map(|(ledger, _)| ledger)
}

/// Tries an operation several times until it works, and calls `again` after each failure. Returns `None` if
/// it never works.
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

/// Opens a ledger, writes to it, forgets a blob, and opens and writes again; each step is tried again where
/// it fails. Returns `None` if a step never worked.
fn live(disk: &FaultyDisk, known: &mut Known, again: &dyn Fn()) -> Option<()> {
    let mut ledger = insist(known, again, || open(disk))?;
    for (number, blob) in [(0, b"a question".as_slice()), (3, b"another question")] {
        let digest = insist(known, again, || ledger.store_blob(blob))?;
        let group = [naming(digest, number), entry(number + 1, Value::Null)];
        let receipts = insist(known, again, || ledger.append(&group))?;
        known.acknowledged.extend(receipts);
        let alone = [entry(number + 2, Value::text("x".repeat(300)))];
        let receipts = insist(known, again, || ledger.append(&alone))?;
        known.acknowledged.extend(receipts);
    }
    let gone = ledger.store_blob(b"a question").ok()?;
    // The entry that says so may stand although the content's end was not confirmed: then it is said twice.
    let receipt = insist(known, again, || ledger.forget(gone, "private"));
    known.acknowledged.extend(receipt);
    drop(ledger);
    let mut ledger = insist(known, again, || open(disk))?;
    let receipts = insist(known, again, || ledger.append(&[entry(6, Value::Null)]))?;
    known.acknowledged.extend(receipts);
    Some(())
}

/// Returns the first thing that is wrong with the ledger on `disk`, such as an acknowledged entry that is
/// lost, or `None`.
fn wrong(disk: &FaultyDisk, known: &Known) -> Option<String> {
    disk.heal();
    let (mut ledger, report) =
        match Ledger::open_on(disk.clone(), Path::new(FOLDER), &key(1), SizeLimits::default()) {
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

/// Returns the number of operations on the disk that [`live`] takes if nothing goes wrong.
fn operations() -> u32 {
    let (disk, mut known) = (FaultyDisk::default(), Known::default());
    live(&disk, &mut known, &|| {}).expect("nothing goes wrong");
    assert_eq!((known.acknowledged.len(), known.errors.len()), (8, 0));
    assert_eq!(wrong(&disk, &known), None);
    disk.operations()
}

#[test]
fn any_operation_may_fail_once() {
    let mut failures = 0;
    for at in 0..operations() {
        for fault in [Fault::Full, Fault::Short, Fault::Device, Fault::Late] {
            let (disk, mut known) = (FaultyDisk::default(), Known::default());
            disk.fail_after(at, fault);
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
            let (disk, mut known) = (FaultyDisk::default(), Known::default());
            disk.fail_from(at, fault);
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
            let (disk, mut known) = (FaultyDisk::default(), Known::default());
            disk.fail_from(at, fault);
            live(&disk, &mut known, &|| {});
            let whole = known.acknowledged.len();
            assert_eq!(wrong(&disk, &known), None, "{fault:?} from {at} with {whole} acknowledged");
        }
    }
}

#[test]
fn a_machine_that_stops_anywhere_has_lost_nothing_and_needs_no_repair() {
    let (mut finished, mut aside) = (0, 0);
    for at in 0..operations() {
        for seed in 0..12 {
            let (disk, mut known) = (FaultyDisk::default(), Known::default());
            disk.fail_after(at, Fault::Stop);
            live(&disk, &mut known, &|| {});
            let mut rng = fastrand::Rng::with_seed(seed);
            let after = disk.after_crash(&mut |below| rng.usize(..below));
            let whole = known.acknowledged.len();
            if let Ok(ledger) = open(&after) {
                finished += ledger.settled().finished;
                aside += ledger.settled().set_aside_bytes;
            }
            assert_eq!(wrong(&after, &known), None, "at {at}, seed {seed}, with {whole} acknowledged");
        }
    }
    assert!(finished > 20 && aside > 1000, "{finished} entries were finished, {aside} bytes set aside");
}

#[test]
fn a_disk_that_lies_is_found_out_by_these_checks() {
    let found = (0..operations()).filter(|at| {
        let (disk, mut known) = (FaultyDisk::default(), Known::default());
        disk.fail_after(*at, Fault::Lie);
        live(&disk, &mut known, &|| {});
        wrong(&disk, &known).is_some()
    });
    assert!(found.count() >= 3, "half a write that is said to be whole goes unnoticed");
}
