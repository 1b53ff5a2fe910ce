//! Runs each hot function once where callgrind looks: `tests/counts.rs` starts it.
#![expect(clippy::print_stdout, reason = "it tells the test what was run")]

use std::hint::black_box;

use weir_hot::Function;

fn main() {
    for mut function in weir_hot::all() {
        // What is made at the first run only is not counted.
        function.run();
        counted(&mut function);
        println!("{}", function.name);
    }
}

/// The function whose cost callgrind writes down, once for each run.
#[inline(never)]
fn counted(function: &mut Function) {
    black_box(function.run());
}
