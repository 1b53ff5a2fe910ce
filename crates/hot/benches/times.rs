//! Times of the hot functions, by criterion: `make hot`.

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    for mut function in weir_hot::all() {
        let name = function.name.clone();
        criterion.bench_function(&name, |bencher| bencher.iter(|| function.run()));
    }
    criterion.final_summary();
}
