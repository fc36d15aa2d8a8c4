//! Pictures in SVG, drawn without a library: axes from 0 to 1 upwards, lines and points.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 48.0;

/// A picture that is being drawn. The vertical axis goes from 0 to 1.
pub(crate) struct Picture {
    svg: String,
    low: f64,
    high: f64,
    labels: usize,
}

impl Picture {
    /// Begins a picture with a title, whose horizontal axis goes from `low` to `high`.
    pub(crate) fn new(title: &str, across: &str, up: &str, (low, high): (f64, f64)) -> Self {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
             <text x=\"{LEFT}\" y=\"16\" font-size=\"14\">{}</text>\n\
             <text x=\"{LEFT}\" y=\"32\">{} (upwards), {} (across)</text>\n",
            escaped(title),
            escaped(up),
            escaped(across)
        );
        let high = if high > low { high } else { low + 1.0 };
        let frame = Self { svg: String::new(), low, high, labels: 0 };
        for part in 0..=4 {
            let share = f64::from(part) / 4.0;
            let (x, y) = (frame.x(low + share * (high - low)), frame.y(share));
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{share}</text>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.2}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                y + 4.0,
                HEIGHT - BOTTOM + 18.0,
                low + share * (high - low),
            );
        }
        Self { svg, ..frame }
    }

    fn x(&self, value: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (value - self.low) / (self.high - self.low)
    }

    fn y(&self, share: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share
    }

    /// Draws a line through points, with its name at the right edge.
    pub(crate) fn line(&mut self, name: &str, colour: &str, points: &[(f64, f64)]) {
        let path: Vec<String> =
            points.iter().map(|(x, y)| format!("{:.1},{:.1}", self.x(*x), self.y(*y))).collect();
        let y = TOP + 16.0 * (self.labels as f64 + 1.0);
        self.labels += 1;
        let _ = writeln!(
            self.svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{}</text>",
            path.join(" "),
            WIDTH - RIGHT + 8.0,
            escaped(name)
        );
    }

    /// Draws a point with a few words beside it.
    pub(crate) fn point(&mut self, words: &str, colour: &str, (x, y): (f64, f64)) {
        let (x, y) = (self.x(x), self.y(y));
        let _ = writeln!(
            self.svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"10\" fill=\"{colour}\">{}</text>",
            x + 5.0,
            y - 4.0,
            escaped(words)
        );
    }

    /// Draws an upright bar between two shares, for an interval.
    pub(crate) fn bar(&mut self, colour: &str, x: f64, [low, high]: [f64; 2]) {
        let (x, low, high) = (self.x(x), self.y(low), self.y(high));
        let _ = writeln!(
            self.svg,
            "<path d=\"M{x:.1} {low:.1}V{high:.1}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>"
        );
    }

    /// Returns the text of the picture.
    pub(crate) fn text(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
