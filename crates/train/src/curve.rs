//! The loss curve of a run, with one point for each step.

use crate::TrainError;
use crate::run::Progress;
use std::fmt::Write;
use std::path::Path;

/// One step of a loss curve, or the mean of several steps in a thinned curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Number of optimiser steps that were finished.
    pub step: u64,
    /// The weighted mean cross-entropy of the step, in nats per token.
    pub loss: f64,
    /// The norm of the gradient before clipping.
    pub norm: f64,
    /// The learning rate of the step.
    pub rate: f64,
    /// Number of tokens that were trained on so far, padding included.
    pub tokens: u64,
    /// Seconds that the training has taken so far.
    pub seconds: f64,
}

impl Point {
    /// Creates the point of a step from its results, the number of tokens so far and the seconds so far.
    #[must_use]
    pub fn new(progress: &Progress, tokens: u64, seconds: f64) -> Self {
        let Progress { done, loss, norm, rate, .. } = *progress;
        Self { step: done, loss, norm, rate, tokens, seconds }
    }

    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(',');
        let mut field = || fields.next();
        Some(Self {
            step: field()?.parse().ok()?,
            loss: field()?.parse().ok()?,
            norm: field()?.parse().ok()?,
            rate: field()?.parse().ok()?,
            tokens: field()?.parse().ok()?,
            seconds: field()?.parse().ok()?,
        })
    }
}

/// The loss curve of a run: its points in ascending order of their steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    points: Vec<Point>,
}

impl Curve {
    /// Reads a curve from a file with the lines of [`Curve::to_csv`]. Fails at the first line that has
    /// another form.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let text = std::fs::read_to_string(path).map_err(TrainError::file(path))?;
        let parse =
            |line: &str| Point::parse(line).ok_or_else(|| TrainError::Curve { line: line.to_owned() });
        Ok(Self { points: text.lines().map(parse).collect::<Result<_, _>>()? })
    }

    /// Returns the part of the curve up to and including `step`, from which a resumed run goes on.
    #[must_use]
    pub fn until(mut self, step: u64) -> Self {
        self.points.retain(|point| point.step <= step);
        self
    }

    /// Returns the curve with one point for each `period` steps. The loss is the mean of those steps, and
    /// every other field is that of the last one.
    #[must_use]
    pub fn thinned(&self, period: usize) -> Self {
        let mean = |chunk: &[Point]| {
            let loss = chunk.iter().map(|point| point.loss).sum::<f64>() / chunk.len() as f64;
            Point { loss, ..chunk[chunk.len() - 1] }
        };
        Self { points: self.points.chunks(period).map(mean).collect() }
    }

    /// Adds a point at the end; its step must be higher than all before.
    pub fn push(&mut self, point: Point) {
        self.points.push(point);
    }

    /// Returns the points of the curve in ascending order of their steps.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Returns the last point of the curve. Returns `None` if the curve is empty.
    #[must_use]
    pub fn last(&self) -> Option<Point> {
        self.points.last().copied()
    }

    /// Returns the curve as text, one line for each point: step, loss, norm, rate, tokens and seconds,
    /// separated by commas.
    #[must_use]
    pub fn to_csv(&self) -> String {
        self.points.iter().fold(String::new(), |mut text, p| {
            let Point { step, loss, norm, rate, tokens, seconds } = p;
            let _ = writeln!(text, "{step},{loss:.5},{norm:.4},{rate:.6},{tokens},{seconds:.1}");
            text
        })
    }

    /// Returns the curve as an SVG picture: the loss by step, on a logarithmic scale.
    #[must_use]
    pub fn to_svg(&self) -> String {
        crate::picture::draw(&self.points)
    }
}
