//! The rows of the table, and what is measured in turns.

use std::time::Duration;

use crate::bench_server::BenchServer;
use crate::http::{Load, load};

pub const PAIRS: usize = 5;
pub const TURN: Duration = Duration::from_millis(1_500);
pub const CONNECTIONS: usize = 32;

/// A row of the table.
pub struct Row {
    pub name: String,
    pub measured: String,
    pub against: String,
    pub ratio: Option<f64>,
    pub limit: String,
}

impl Row {
    pub fn print(&self) {
        let ratio = self.ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
        println!(
            "| {} | {} | {} | {ratio} | {} |",
            self.name, self.measured, self.against, self.limit
        );
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Requests per second of two loads, measured alternately: both medians, and the median of the ratios.
pub async fn compare(server: &BenchServer, one: &Load, other: &Load) -> (f64, f64, f64) {
    load(server.port, one, CONNECTIONS, TURN).await;
    load(server.port, other, CONNECTIONS, TURN).await;
    let (mut ones, mut others, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let first = load(server.port, one, CONNECTIONS, TURN).await;
        let second = load(server.port, other, CONNECTIONS, TURN).await;
        ones.push(first);
        others.push(second);
        ratios.push(first / second);
    }
    (median(ones), median(others), median(ratios))
}

pub fn per_second(rate: f64) -> String {
    format!("{rate:.0}/s")
}
