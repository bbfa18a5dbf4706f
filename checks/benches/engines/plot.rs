//! The growth with the number of threads, as a picture.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::growth::{Growth, THREADS};
use crate::measure::Measurement;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 320.0;
const MARGIN: f64 = 60.0;

/// Room on the right for the names.
const LEGEND: f64 = 170.0;

/// One colour for each contestant; they differ also in lightness.
const COLOURS: [&str; 6] = ["#c0392b", "#e08e0b", "#7d3c98", "#1f618d", "#1e8449", "#58b368"];

/// Draws executions and times, and returns where.
pub(crate) fn write(growth: &Growth) -> io::Result<PathBuf> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("growth.svg");
    fs::write(&path, draw(growth))?;
    Ok(path)
}

fn draw(growth: &Growth) -> String {
    let panel = WIDTH + 2.0 * MARGIN;
    let (width, height) = (2.0 * panel + LEGEND, HEIGHT + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    svg += &Panel { left: MARGIN, title: "executions", decades: (0, 6) }
        .draw(growth, |measured| measured.executions as f64);
    svg += &Panel { left: panel + MARGIN, title: "seconds", decades: (-5, 2) }
        .draw(growth, |measured| measured.time.as_secs_f64());
    for (number, (contestant, _)) in growth.lines().enumerate() {
        let (x, y) = (2.0 * panel, MARGIN + 20.0 * number as f64);
        let colour = COLOURS[number % COLOURS.len()];
        let name = contestant.name();
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"4\" fill=\"{colour}\"/><text x=\"{}\" y=\"{}\">{name}</text>",
            x + 10.0,
            y + 4.0
        );
    }
    svg + "</svg>\n"
}

/// One plot with a logarithmic scale.
struct Panel {
    left: f64,
    title: &'static str,
    /// The powers of ten at its ends.
    decades: (i32, i32),
}

impl Panel {
    fn draw(&self, growth: &Growth, value: impl Fn(&Measurement) -> f64) -> String {
        let mut svg = self.axes();
        for (number, (_, measured)) in growth.lines().enumerate() {
            let colour = COLOURS[number % COLOURS.len()];
            let points: Vec<(f64, f64)> = THREADS
                .iter()
                .zip(measured)
                .filter_map(|(threads, measured)| Some((*threads, measured.as_ref()?)))
                .map(|(threads, measured)| (self.x(threads), self.y(value(measured))))
                .collect();
            let line: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let _ = writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>",
                line.join(" ")
            );
            for (x, y) in points {
                let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
            }
        }
        svg
    }

    fn axes(&self) -> String {
        let mut svg = String::new();
        let (left, right) = (self.left, self.left + WIDTH);
        for decade in self.decades.0..=self.decades.1 {
            let y = self.y(10_f64.powi(decade));
            let _ = writeln!(
                svg,
                "<line x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">10<tspan dy=\"-5\" font-size=\"9\">{decade}\
                 </tspan></text>",
                left - 6.0,
                y + 4.0
            );
        }
        for threads in THREADS {
            let (x, y) = (self.x(threads), MARGIN + HEIGHT + 18.0);
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{threads}</text>");
        }
        let centre = f64::midpoint(left, right);
        let _ = writeln!(
            svg,
            "<text x=\"{centre}\" y=\"{}\" text-anchor=\"middle\">threads</text>\
             <text x=\"{centre}\" y=\"{}\" text-anchor=\"middle\" font-weight=\"bold\">{}</text>",
            MARGIN + HEIGHT + 38.0,
            MARGIN - 18.0,
            self.title
        );
        svg
    }

    fn x(&self, threads: usize) -> f64 {
        let place = (threads - THREADS[0]) as f64 / (THREADS.len() - 1) as f64;
        self.left + 20.0 + place * (WIDTH - 40.0)
    }

    fn y(&self, value: f64) -> f64 {
        let (least, most) = (f64::from(self.decades.0), f64::from(self.decades.1));
        MARGIN + HEIGHT - (value.log10() - least) / (most - least) * HEIGHT
    }
}
