//! Sizes on a disk.

/// With three digits that count, in units of 1,024: `512 B`, `84.0 KiB`, `1.21 GiB`.
pub(crate) fn of(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let (mut unit, mut scale) = ("KiB", 1_024_u64);
    for next in UNITS.into_iter().skip(1) {
        if bytes / scale < 1_024 {
            break;
        }
        (unit, scale) = (next, scale.saturating_mul(1_024));
    }
    let hundredths = u128::from(bytes) * 100 / u128::from(scale);
    match hundredths {
        0..1_000 => format!("{}.{:02} {unit}", hundredths / 100, hundredths % 100),
        1_000..10_000 => format!("{}.{} {unit}", hundredths / 100, hundredths % 100 / 10),
        _ => format!("{} {unit}", hundredths / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn sizes_have_three_digits_and_a_unit() {
        for (bytes, told) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.00 KiB"),
            (86_016, "84.0 KiB"),
            (1_048_575, "1023 KiB"),
            (1_048_576, "1.00 MiB"),
            (1_300_000_000, "1.21 GiB"),
            (u64::MAX, "16777215 TiB"),
        ] {
            assert_eq!(of(bytes), told);
        }
    }
}
