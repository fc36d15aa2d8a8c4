//! The loss curve as an SVG picture, drawn without a library.

use crate::curve::Point;
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 56.0;
const BOTTOM: f64 = 40.0;
const TOP: f64 = 24.0;
/// The losses at which a grid line is drawn.
const GRID: [f64; 9] = [0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 4.0, 8.0];

/// The scales of the two axes.
struct Scale {
    steps: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn x(&self, step: f64) -> f64 {
        LEFT + (WIDTH - LEFT - 16.0) * step / self.steps
    }

    fn y(&self, loss: f64) -> f64 {
        let share = (loss.ln() - self.low.ln()) / (self.high.ln() - self.low.ln());
        HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share
    }
}

/// Returns a picture of the points, which must be in ascending order of their steps; all losses must be
/// positive.
#[must_use]
pub fn draw(points: &[Point]) -> String {
    let losses = || points.iter().map(|point| point.loss);
    let scale = Scale {
        steps: points.last().map_or(1.0, |point| point.step as f64),
        low: losses().fold(f64::MAX, f64::min) * 0.9,
        high: losses().fold(f64::MIN, f64::max) * 1.1,
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    axes(&mut svg, &scale);
    let path: Vec<String> =
        points.iter().map(|p| format!("{:.1},{:.1}", scale.x(p.step as f64), scale.y(p.loss))).collect();
    let _ = writeln!(
        svg,
        "<polyline fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"1.5\" points=\"{}\"/>\n</svg>",
        path.join(" ")
    );
    svg
}

fn axes(svg: &mut String, scale: &Scale) {
    let right = WIDTH - 16.0;
    for loss in GRID.into_iter().filter(|loss| (scale.low..scale.high).contains(loss)) {
        let y = scale.y(loss);
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{loss}</text>",
            LEFT - 6.0,
            y + 4.0
        );
    }
    for part in 0..=4 {
        let step = scale.steps * f64::from(part) / 4.0;
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{step:.0}</text>",
            scale.x(step),
            HEIGHT - BOTTOM + 18.0
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"15\">weighted cross-entropy (nats, logarithmic) by optimiser step</text>"
    );
}
