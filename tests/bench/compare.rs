// SPDX-License-Identifier: GPL-3.0-or-later
//! Starts programs in turn, as a web server starts a CGI, and prints the median time of each and the ratio to the first.
//!
//!     compare ROUNDS NAME PROGRAM CONF QUERY ADDRESS [NAME PROGRAM CONF QUERY ADDRESS]...
//!
//! In turn, so that whatever else the machine does meets all of them alike.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn run(case: &[String]) -> Duration {
    let [_, program, conf, query, address] = case else { panic!("five words for a case") };
    let mut command = Command::new(program);
    command.env_clear().env("HPS_CONFIG", conf).env("QUERY_STRING", query).env("REMOTE_ADDR", address);
    command.env("REQUEST_METHOD", "GET").stdin(Stdio::null()).stderr(Stdio::inherit());
    let begun = Instant::now();
    let output = command.output().expect("the program starts");
    let time = begun.elapsed();
    assert!(output.status.success() && output.stdout.starts_with(b"Status: 200"), "{program} {query}");
    time
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (rounds, cases) = arguments.split_first().expect("ROUNDS");
    let cases: Vec<&[String]> = cases.chunks(5).collect();
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); cases.len()];
    // The first rounds fill the caches.
    for round in 0..rounds.parse::<usize>().expect("a number") + 20 {
        for (case, times) in cases.iter().zip(&mut times) {
            let time = run(case);
            if round >= 20 {
                times.push(time);
            }
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e6
    };
    let medians: Vec<f64> = times.iter_mut().map(median).collect();
    println!("{:<44} {:>10} {:>7}", "median of one start", "us", "ratio");
    for (case, time) in cases.iter().zip(&medians) {
        println!("{:<44} {:>10.0} {:>7.2}", case[0], time, time / medians[0]);
    }
}
