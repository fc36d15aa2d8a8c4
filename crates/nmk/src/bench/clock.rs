//! The clocks: elapsed time, and the time that processors worked.

use std::hint::black_box;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

use super::{Cell, Figure};

/// The time that a run took, by two clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Took {
    /// The elapsed time, in seconds.
    pub(super) seconds: f64,
    /// The time of processors in seconds, summed over all threads. Other programs on a busy machine lengthen
    /// the elapsed time, and lengthen this time only as far as they displace data from the caches.
    pub(super) processor_seconds: f64,
}

impl Took {
    /// Returns the time that one thread worked: the time of the processor, or the elapsed time if that is
    /// shorter, because reading the clock of the processor takes long.
    pub(super) fn busy_seconds(self) -> f64 {
        self.seconds.min(self.processor_seconds)
    }
}

/// The moment at which a run began, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    processor_seconds: f64,
    wall: Instant,
}

impl Begun {
    pub(super) fn now() -> Self {
        Self { processor_seconds: processor_seconds(), wall: Instant::now() }
    }

    pub(super) fn took(self) -> Took {
        let seconds = self.wall.elapsed().as_secs_f64();
        Took { seconds, processor_seconds: processor_seconds() - self.processor_seconds }
    }
}

fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Returns the time that `run` takes, and its result.
pub(super) fn timed<T>(run: impl FnOnce() -> T) -> (Took, T) {
    let begun = Begun::now();
    let out = black_box(run());
    (begun.took(), out)
}

/// Returns the time that `run` takes, and its result. If `run` fails, its error is returned and the time is
/// not.
pub(super) fn tried<T, E>(run: impl FnOnce() -> Result<T, E>) -> Result<(Took, T), E> {
    let (took, out) = timed(run);
    Ok((took, out?))
}

/// Returns the tokens per second of runs that computed `tokens` tokens each, by both clocks. `runs` must not
/// be empty.
pub(super) fn rates(tokens: usize, runs: &[Took]) -> Vec<(&'static str, Cell)> {
    let rate = |seconds: fn(&Took) -> f64| {
        Cell::Figure(Figure::from_runs(runs.iter().map(|run| tokens as f64 / seconds(run)).collect()))
    };
    vec![
        ("tokens_per_second", rate(|run| run.seconds)),
        ("tokens_per_processor_second", rate(|run| run.processor_seconds)),
    ]
}

/// Returns the slope of the line that fits the points best by least squares: the growth of the second number
/// with the first.
pub(super) fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let (mut product, mut square) = (0.0, 0.0);
    for point in points {
        product += (point.0 - x) * (point.1 - y);
        square += (point.0 - x) * (point.0 - x);
    }
    if square > 0.0 { product / square } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::slope;

    #[test]
    fn the_slope_is_that_of_a_line() {
        assert_eq!(slope(&[(16.0, 5.0), (128.0, 5.0)]), 0.0);
        assert!((slope(&[(1.0, 3.0), (2.0, 5.0), (4.0, 9.0)]) - 2.0).abs() < 1e-12);
        assert_eq!(slope(&[(7.0, 3.0)]), 0.0, "no line goes through one point alone");
    }
}
