//! Small drawings of a week, made by the server.

use domain::provider::ProviderType;
use leptos::prelude::*;

use super::marks::hue;

/// Bars, one per day. A day without anything is a short line, never a gap.
#[component]
pub(crate) fn Bars(days: Vec<u128>, #[prop(into)] label: String) -> impl IntoView {
    const HEIGHT: u32 = 240;
    const LEAST: u32 = 15;
    let heights = scaled(&days, HEIGHT - 20);
    let bars = heights.into_iter().zip(days).zip(0_u32..).map(|((height, value), place)| {
        let height = if value == 0 { LEAST } else { height.max(LEAST) };
        html! {
            <rect x=tenths(place * 137) y=tenths(HEIGHT - height) width="11.2" height=tenths(height) rx="1" class=(value == 0).then_some("zero")></rect>
        }
    });
    html! { <svg class="spark" viewBox="0 0 96 24" role="img" aria-label=label>{bars.collect_view()}</svg> }
}

/// A line over the days, in the hue of a provider type, or in the accent colour.
#[component]
pub(crate) fn Line(
    days: Vec<u128>,
    #[prop(into)] ty: Option<ProviderType>,
    #[prop(into)] label: String,
) -> impl IntoView {
    const FLOOR: u32 = 380;
    let step = 1_200
        / u32::try_from(days.len().saturating_sub(1))
            .unwrap_or(1)
            .max(1);
    let points: Vec<String> = scaled(&days, FLOOR - 40)
        .into_iter()
        .zip(0_u32..)
        .map(|(height, place)| format!("{} {}", tenths(place * step), tenths(FLOOR - height)))
        .collect();
    let line = format!("M{}", points.join(" L"));
    let fill = format!("{line} L120 40 L0 40Z");
    html! {
        <svg class=format!("spark {}", ty.map_or("", hue)) viewBox="0 0 120 40" preserveAspectRatio="none" role="img" aria-label=label>
            <path class="fill" d=fill></path>
            <path class="line" d=line></path>
        </svg>
    }
}

/// Heights from 0 to `most`, in proportion.
fn scaled(values: &[u128], most: u32) -> Vec<u32> {
    let highest = values.iter().copied().max().unwrap_or(0).max(1);
    values
        .iter()
        .map(|value| {
            let height = value
                .saturating_mul(u128::from(most))
                .saturating_add(highest / 2)
                / highest;
            u32::try_from(height).unwrap_or(most)
        })
        .collect()
}

/// A number of tenths, as a decimal.
fn tenths(number: u32) -> String {
    format!("{}.{}", number / 10, number % 10)
}

#[cfg(test)]
mod tests {
    use super::{scaled, tenths};

    #[test]
    fn the_highest_day_fills_the_drawing() {
        assert_eq!(scaled(&[0, 5, 10], 220), [0, 110, 220]);
        assert_eq!(scaled(&[0, 0], 220), [0, 0]);
        assert_eq!(scaled(&[u128::from(u64::MAX), 0], 220), [220, 0]);
        assert_eq!(scaled(&[], 220), Vec::<u32>::new());
        assert_eq!(
            (tenths(137), tenths(5)),
            ("13.7".to_owned(), "0.5".to_owned())
        );
    }
}
