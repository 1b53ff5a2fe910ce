//! A catalog's file: checked or refused; of one that passes every look-up finds what is in it.
#![no_main]

use catalog::Catalog;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(catalog) = Catalog::from_bytes(bytes.to_vec()) else {
        return;
    };
    let mut rows = 0;
    for kind in catalog.kinds() {
        rows += catalog.list(kind).len();
        for model in catalog.list(kind) {
            let found = catalog
                .find(kind, &model.id, model.region.as_deref())
                .expect("found again");
            assert_eq!(found.id, model.id);
            let _ = catalog.regions(kind, &model.id);
            let _ = catalog.search(kind, &model.id, 5);
        }
    }
    assert!(rows <= catalog.rows());
});
