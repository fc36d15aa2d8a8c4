//! What was admitted is kept.

use abi::Digest;
use det::TrustRoot;
use escalate::{Attempt, Keeping, Store, StoreError};

use super::{Examination, Solved};
use crate::Error;
use crate::config::Config;
use crate::primitives::{self, Primitive};

impl Solved {
    /// Keeps what was admitted in the store, together with its record.
    pub(super) fn keep(
        &mut self,
        examination: Examination,
        attempt: &Attempt,
        store: Option<&Store>,
        config: &Config,
        root: impl TrustRoot,
    ) -> Result<(), Error> {
        let record = crate::gate::read_record(&examination.record);
        let record = record
            .map_err(|cause| Error::GateRecord { record: self.entry.clone(), cause: Box::new(cause) })?;
        let model =
            attempt.recalled.as_ref().map_or(self.model.as_str(), |recalled| recalled.author.as_str());
        let kept = primitives::kept(&record, examination.record, attempt.rung.word(), attempt.number, model);
        self.note = match store {
            None => Some("nothing is kept, because no ledger is kept".to_owned()),
            Some(store) if config.no_ledger => {
                let folder = store.folder().display();
                Some(format!("not kept in {folder}: without a ledger nobody signs the record"))
            }
            Some(store) => match store.keep(&kept) {
                Ok(Keeping::New(_)) => None,
                Ok(Keeping::There(there)) => {
                    let trusted = primitives::trusted(store, config)?;
                    match primitives::checked(store, *there, trusted, &root) {
                        Ok(there) => {
                            let digest = there.kept.record_digest();
                            let note = format!(
                                "another search kept a function for it meanwhile, record {digest}; that one stays, and is \
                                 shown"
                            );
                            self.primitive = Some(there);
                            self.note = Some(note);
                            return Ok(());
                        }
                        // What does not count here keeps no place.
                        Err(_) => self.unkept(store.keep_beside(&kept)),
                    }
                }
                Err(error) => self.unkept(Err(error)),
            },
        };
        self.primitive = Some(Primitive { kept, record });
        Ok(())
    }

    /// Returns the remark about a function that the store did not take. The admission stays in the ledger, where the next
    /// search finds it.
    fn unkept(&mut self, kept: Result<Digest, StoreError>) -> Option<String> {
        let error = kept.err()?;
        self.is_kept = false;
        Some(format!("admitted, and not kept: {error}"))
    }
}
