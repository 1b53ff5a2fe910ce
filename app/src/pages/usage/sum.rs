//! What spend was for, as the sum that it is: total = input + cached input + cache writes + output + searches.

use admin::usage::{CostType, PartView};
use domain::NanoUsd;
use leptos::prelude::*;

use crate::format::{
    count::{grouped, headline},
    money,
};

/// One term of the sum.
struct Term {
    sign: &'static str,
    label: &'static str,
    cost: NanoUsd,
    /// `None`: it is no matter of tokens.
    tokens: Option<i64>,
}

/// The terms: the total first, then what it is the sum of, and reasoning as the part of output that it is.
fn terms(parts: &[PartView]) -> [Term; 7] {
    let of = |kind: CostType| {
        let part = parts.iter().find(|part| part.key == kind.key());
        part.map_or((NanoUsd::ZERO, 0), |part| (part.cost, part.tokens))
    };
    let [input, cached, writes, reasoning, searches] = [
        CostType::Input,
        CostType::Cached,
        CostType::CacheWrites,
        CostType::Reasoning,
        CostType::Searches,
    ]
    .map(of);
    let output = of(CostType::Output);
    let output = (
        NanoUsd(output.0.0.saturating_add(reasoning.0.0)),
        output.1.saturating_add(reasoning.1),
    );
    let total = (
        parts.iter().map(|part| part.cost).sum(),
        parts.iter().map(|part| part.tokens).sum(),
    );
    let term = |sign, label, (cost, tokens): (NanoUsd, i64)| Term {
        sign,
        label,
        cost,
        tokens: Some(tokens),
    };
    [
        term("", "Total", total),
        term("=", "Input", input),
        term("+", "Cached input", cached),
        term("+", "Cache writes", writes),
        term("+", "Output", output),
        Term {
            tokens: None,
            ..term("+", "Searches", searches)
        },
        term("", "of output: reasoning", reasoning),
    ]
}

/// The sum, each term exactly and with as many decimals.
#[component]
pub(super) fn Sum(parts: Vec<PartView>) -> impl IntoView {
    let terms = terms(&parts);
    let decimals = money::decimals_of(terms.iter().map(|term| term.cost));
    let terms = terms.map(|term| {
        let class = match term.sign {
            "" if term.label == "Total" => "total",
            "" => "part",
            _ => "",
        };
        let sign = (!term.sign.is_empty()).then(|| html! { <span class="op" aria-hidden="true">{term.sign}</span> });
        let tokens = term.tokens.map(|tokens| {
            let tokens = u64::try_from(tokens).unwrap_or(0);
            html! { <small title=format!("{} tokens", grouped(tokens))>{format!("{} tokens", headline(tokens))}</small> }
        });
        let cost = money::to_decimals(term.cost, decimals);
        html! { <div class=class>{sign}<dt>{term.label}</dt><dd>{cost}{tokens}</dd></div> }
    });
    html! { <dl class="sum">{terms.collect_view()}</dl> }
}

#[cfg(test)]
mod tests {
    use admin::usage::{CostType, PartView};
    use domain::NanoUsd;

    use super::terms;

    #[test]
    fn the_terms_add_up_and_reasoning_is_a_part_of_output() {
        let costs = [1, 20, 300, 4_000, 50_000, 600_000].map(NanoUsd);
        let parts: Vec<PartView> = CostType::ALL
            .iter()
            .zip(costs)
            .map(|(kind, cost)| PartView {
                key: kind.key(),
                label: kind.label(),
                cost,
                tokens: cost.0 * 2,
            })
            .collect();
        let terms = terms(&parts);
        let told: Vec<(&str, i64)> = terms.iter().map(|term| (term.label, term.cost.0)).collect();
        assert_eq!(
            told,
            [
                ("Total", 654_321),
                ("Input", 1),
                ("Cached input", 20),
                ("Cache writes", 300),
                ("Output", 54_000),
                ("Searches", 600_000),
                ("of output: reasoning", 50_000),
            ]
        );
        let sum: i64 = terms[1..6].iter().map(|term| term.cost.0).sum();
        assert_eq!(sum, terms[0].cost.0);
    }
}
