//! The time of each launch, from events in the stream.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cudarc::driver::sys::CUevent_flags;
use cudarc::driver::{CudaContext, CudaEvent, CudaStream, DriverError};
use gpu::KernelTime;

/// The number of events that are made before a measurement begins, because making one takes as long as a launch.
const PREPARED: usize = 4096;

/// The launches of a measurement, if one is going on.
#[derive(Default)]
pub(crate) struct Profile(Mutex<Option<Measured>>);

struct Measured {
    /// Events that nothing was recorded in yet.
    prepared: Vec<CudaEvent>,
    begun: CudaEvent,
    /// The kernel of each launch, and an event behind it.
    launches: Vec<(&'static str, CudaEvent)>,
}

fn event(context: &Arc<CudaContext>) -> Result<CudaEvent, DriverError> {
    context.new_event(Some(CUevent_flags::CU_EVENT_DEFAULT))
}

impl Profile {
    /// Begins a measurement, and forgets one that is going on.
    pub(crate) fn begin(&self, stream: &CudaStream) -> Result<(), DriverError> {
        let context = stream.context();
        let prepared = (0..PREPARED).map(|_| event(context)).collect::<Result<_, _>>()?;
        let begun = event(context)?;
        begun.record(stream)?;
        *self.measured() = Some(Measured { prepared, begun, launches: Vec::new() });
        Ok(())
    }

    /// Records the end of a launch, if a measurement is going on.
    pub(crate) fn record(&self, kernel: &'static str, stream: &CudaStream) -> Result<(), DriverError> {
        let mut measured = self.measured();
        let Some(measured) = measured.as_mut() else { return Ok(()) };
        let event = measured.prepared.pop().map_or_else(|| event(stream.context()), Ok)?;
        event.record(stream)?;
        measured.launches.push((kernel, event));
        Ok(())
    }

    /// Ends the measurement, and returns the time of each kernel, the longest first.
    pub(crate) fn end(&self) -> Result<Vec<KernelTime>, DriverError> {
        let Some(measured) = self.measured().take() else { return Ok(Vec::new()) };
        let mut times: HashMap<&'static str, KernelTime> = HashMap::new();
        let mut before = &measured.begun;
        for (name, event) in &measured.launches {
            let time = times.entry(name).or_insert(KernelTime { name, launches: 0, seconds: 0.0 });
            time.launches += 1;
            time.seconds += f64::from(before.elapsed_ms(event)?) / 1e3;
            before = event;
        }
        let mut times: Vec<KernelTime> = times.into_values().collect();
        times.sort_by(|one, other| other.seconds.total_cmp(&one.seconds).then(one.name.cmp(other.name)));
        Ok(times)
    }

    fn measured(&self) -> std::sync::MutexGuard<'_, Option<Measured>> {
        // The list is whole even if a thread panicked between two calls.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
