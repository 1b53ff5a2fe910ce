//! The frame of pages that one sees before signing in.

use leptos::prelude::*;

use super::document::Look;
use crate::{islands::ThemeSwitch, kit::icon::Mark};

/// A form at the left; at the right, on wide screens, the weir.
#[component]
pub(crate) fn Gate(title: String, look: Look, here: String, children: Children) -> impl IntoView {
    html! {
        <main class="gate" id="main">
            <div class="gate-form">
                <div>
                    <span class="brand"><Mark/>"Weir"</span>
                    <h1>{title}</h1>
                    {children()}
                    <div class="gate-foot">
                        <span class="help">"Weir "{look.version}</span>
                        <ThemeSwitch theme=look.theme.key().to_owned() back=here/>
                    </div>
                </div>
            </div>
            <section class="gate-art" aria-label="About Weir">
                <Drawing/>
                <div class="words">
                    <p class="motto">"Every call passes over one edge, and is measured there."</p>
                    <p class="soft">
                        "Applications call Weir, Weir calls the model. Keys stay here, and each token has its price on the books."
                    </p>
                </div>
            </section>
        </main>
    }
}

/// Lines of water over a sharp-crested weir, with the gauge that measures them.
#[component]
fn Drawing() -> impl IntoView {
    let lines = (0_u32..16).map(|line| {
        let opacity = format!("{:.2}", f64::from(90 - line * 4) / 100.0);
        html! { <path d=stream_line(line) opacity=opacity></path> }
    });
    html! {
        <svg class="flow" viewBox="0 0 800 1000" preserveAspectRatio="xMidYMax slice" aria-hidden="true">
            <path class="water" d="M-400 631H390L430 642V1000H-400Z"></path>
            <path class="water" d="M444 924H1200V1000H444Z"></path>
            <g class="stream">{lines.collect_view()}</g>
            <path class="plate" d="M427 640l17 17V1000H427Z"></path>
            <g class="gauge">
                <path d="M88 436V660M88 446h20M88 466h11M88 486h11M88 506h11M88 526h11M88 546h20M88 566h11M88 586h11M88 606h11M88 626h11M88 646h20"></path>
            </g>
        </svg>
    }
}

/// One line of water: level with small waves, over the edge, down, and away. The higher it comes, the
/// farther it falls.
fn stream_line(line: u32) -> String {
    let part = f64::from(line) / 15.0;
    let level = 468.5 + 161.5 * part;
    let wave = 1.8 * (1.0 - part);
    let mut path = format!("M-20 {level:.1}");
    let mut x = 2.0;
    while x <= 310.0 {
        let y = level + wave * f64::sin(x / 47.0 + f64::from(line) * 0.9);
        path.push_str(&format!(" L{x:.0} {y:.1}"));
        x += 22.0;
    }
    let reach = 138.0 - 118.0 * part;
    let fall = 448.0 + reach;
    let floor = 878.0 + 23.0 * part;
    let far = 1106.0 - 118.0 * part;
    path.push_str(&format!(
        " C390 {level:.1} {a:.0} {b:.1} {c:.1} {d:.1} S{fall:.1} {e:.1} {fall:.1} {floor:.1}",
        a = 424.0,
        b = level + 25.0 - 27.0 * part,
        c = 448.0 + reach * 0.29,
        d = level + 73.0 - 45.0 * part,
        e = floor - 168.0,
    ));
    path.push_str(&format!(
        " C{x1:.1} {y1:.1} {x2:.1} {y2:.1} {x3:.1} {y3:.1} S{x4:.1} {y4:.1} {x5:.1} {y5:.1} S{far:.1} {y6:.1} {end:.1} {y7:.1}",
        x1 = fall + 2.0, y1 = floor + 24.0, x2 = fall + 30.0, y2 = floor + 26.0, x3 = fall + 62.0, y3 = floor + 19.0,
        x4 = fall + 150.0, y4 = floor + 15.0 + 7.0 * part, x5 = fall + 210.0, y5 = floor + 20.0,
        y6 = floor + 24.0, end = far + 160.0, y7 = floor + 21.0,
    ));
    path
}
