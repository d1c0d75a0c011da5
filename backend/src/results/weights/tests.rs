//! Figures, moments and outliers of weights that are made up.

use super::*;
use crate::results::render::csv;
use tunemask_shared::family::Family;
use tunemask_shared::mask::MaskSwitches;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::shape::{Kind, ModelShape};

const SHAPE: ModelShape = ModelShape {
    vocabulary: 9,
    hidden: 8,
    layers: 3,
    heads: 2,
    intermediate: 16,
    positions: 6,
    segments: 2,
    family: Family::Bert,
};

fn drawn() -> Vec<f32> {
    let mut stream = Stream::new(1, Purpose::Weights, 0);
    // Of few bits, so that sums and differences are exact.
    (0..SHAPE.scalars()).map(|_| (64.0 * stream.normal()).round() as f32 / 64.0).collect()
}

/// The same with every γ of the second block's LayerNorm A raised.
fn tuned(pretrained: &[f32]) -> Vec<f32> {
    let mut tuned = pretrained.to_vec();
    let gamma = SHAPE.parameter(Kind::AttentionGamma, Some(1)).unwrap();
    tuned[gamma.range()].iter_mut().zip(1..).for_each(|(w, i)| *w += i as f32 / 4.0);
    tuned
}

#[test]
fn the_distribution_counts_every_weight_once() {
    let figure = distribution_figure("m", &SHAPE, &drawn());
    assert_eq!(figure.panels.len(), WeightGroup::ALL.len());
    for panel in &figure.panels {
        assert_eq!(panel.blocks.len(), 3, "{:?}", panel.group);
        assert_eq!(panel.all.n, panel.blocks.iter().map(|c| c.n).sum::<usize>());
        let bins = |i: usize| panel.blocks.iter().map(|c| c.bins.counts[i]).sum::<u64>();
        assert!(panel.all.bins.counts.iter().enumerate().all(|(i, &count)| count == bins(i)));
        let width = (panel.all.bins.high - panel.all.bins.low) / 60.0;
        let area: f64 = panel.all.densities().iter().sum::<f64>() * width;
        let inside = 1.0 - panel.all.outside() as f64 / panel.all.n as f64;
        assert!((area - inside).abs() < 1e-12 && inside > 0.8, "{area} is not {inside}");
    }
    assert_eq!(figure.csv().lines().count(), 1 + 8 * 4 * 60);
    assert!(figure.csv().starts_with("group,block,low,high,count,density\nmha,all,"));
}

#[test]
fn the_change_shows_what_changed_and_no_more() {
    let before = drawn();
    let figure = change_figure("m", "run 1", &SHAPE, &before, &tuned(&before));
    let changed: Vec<(&str, usize)> =
        figure.panels.iter().filter(|p| p.all.n > 0).map(|p| (p.group.name(), p.all.n)).collect();
    assert_eq!(changed, [("layernorm_a", 8), ("layernorm_a_gamma", 8)]);
    let gamma = &figure.panels[2];
    assert_eq!((gamma.blocks.len(), gamma.blocks[0].block), (1, Some(2)));
    assert!(gamma.all.bins.low > 0.24 && gamma.all.bins.high < 2.01, "{:?}", gamma.all.bins);
}

#[test]
fn the_svg_says_in_words_what_it_draws() {
    let before = drawn();
    let figure = change_figure("a < b & c", "mask & run", &SHAPE, &before, &tuned(&before));
    let svg = figure.svg();
    assert!(
        svg.contains("<title id=\"title\">What fine-tuning changed of a &lt; b &amp; c by module"),
        "{svg}"
    );
    assert!(
        svg.contains("LayerNorm A, γ: 8 scalars, most of them from 0.25")
            && svg.contains("Attention: nothing.")
    );
    assert!(svg.contains(">Scalars that changed in mask &amp; run.</text>"), "{svg}");
    assert!(svg.contains("prefers-color-scheme: dark") && svg.contains(">tuned − pretrained"));
    assert_eq!(svg.matches("nothing changed</text>").count(), 6);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    // As many elements are closed as opened.
    assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
    assert_eq!(distribution_figure("m", &SHAPE, &before).svg().matches("class=\"block\"").count(), 8 * 3);
}

#[test]
fn a_panel_stands_by_itself_with_what_it_holds() {
    let before = drawn();
    let figure = change_figure("m", "run", &SHAPE, &before, &tuned(&before));
    let panels: Vec<String> = figure.panels.iter().map(Panel::svg).collect();
    for svg in &panels {
        assert!(
            svg.starts_with("<svg xmlns") && svg.ends_with("</svg>\n") && svg.contains("color-scheme: dark")
        );
        assert!(!svg.contains("NaN") && !svg.contains("tuned − pretrained"), "{svg}");
    }
    assert!(
        panels[2].contains(">LayerNorm A, γ</text>") && panels[2].contains(">n 8 · 25.0 % outside</text>"),
        "{}",
        panels[2]
    );
    assert_eq!(panels.iter().filter(|svg| svg.contains(">nothing changed</text>")).count(), 6);
    let described: Vec<String> = figure.panels.iter().map(Panel::description).collect();
    assert_eq!(described.join(" "), figure.description());
}

#[test]
fn moments_have_a_line_for_each_kind_of_weights() {
    let before = drawn();
    let after = tuned(&before);
    let alone = csv::moments(&weight_rows(&SHAPE, &before, None, 10));
    assert_eq!(alone.lines().count(), 1 + 4 * 8);
    let both = csv::moments(&weight_rows(&SHAPE, &before, Some(&after), 10));
    assert_eq!(both.lines().count(), 1 + 3 * 4 * 8);
    let columns = both.lines().next().unwrap().split(',').count();
    assert!(both.lines().all(|line| line.split(',').count() == columns), "{both}");
    assert!(both.contains("\nlayernorm_a_gamma,2,difference,8,1.125,"), "{both}");
    // Of all equal values there is no skewness.
    assert!(both.contains("\nmha,all,difference,864,0,0,,,0,0,"), "{both}");
}

#[test]
fn outliers_stand_beside_what_they_became() {
    let before = drawn();
    let after = tuned(&before);
    let found = outliers(2, &SHAPE, MaskSwitches::default(), &before, Some(&after)).unwrap();
    assert_eq!(found.len(), 2 * 6);
    for outlier in &found {
        let moved = outlier.scalar.tensor == "bert.encoder.layer.1.attention.output.LayerNorm.weight";
        let want = outlier.scalar.value + if moved { (outlier.scalar.index + 1) as f32 / 4.0 } else { 0.0 };
        assert_eq!(outlier.tuned, Some(want));
        assert!(outlier.scalar.sigma.abs() > 1.0);
    }
    let csv = csv::outliers(&found);
    assert_eq!(csv.lines().next(), Some("tensor,index,value,sigma,tuned"));
    assert_eq!(csv.lines().count(), 13);
    assert!(outliers(17, &SHAPE, MaskSwitches::default(), &before, None).is_err());
}

#[test]
fn a_comparison_has_shared_bins_that_hold_every_weight() {
    let before = drawn();
    let after = tuned(&before);
    let compared = [
        NamedWeights { name: "pretrained", weights: &before },
        NamedWeights { name: "tuned on a < b", weights: &after },
    ];
    let figure = Comparison::of("m".into(), &SHAPE, &compared);
    let groups: Vec<&str> = figure.panels.iter().map(|panel| panel.group.name()).collect();
    assert_eq!(groups, ["mha", "ffn", "layernorm_a", "layernorm_f"]);
    for panel in &figure.panels {
        for bins in &panel.histograms {
            assert_eq!([bins.low, bins.high], figure.ends());
            assert_eq!(bins.counts.iter().sum::<u64>() as usize, panel.n);
        }
        assert_eq!(panel.histograms[0] != panel.histograms[1], panel.group == WeightGroup::LayerNormA);
    }
    assert_eq!(figure.csv().lines().count(), 1 + 4 * 2 * 80);
    let svg = figure.svg();
    assert_eq!(svg.matches("<title>tuned on a &lt; b</title>").count(), 4);
    assert!(!svg.contains("NaN") && svg.contains("class=\"tuned t0\""), "{svg}");
}

#[test]
fn a_map_tells_how_far_each_module_moved_and_counts_before_and_after() {
    let before = drawn();
    let after = tuned(&before);
    let figure = distribution_figure("m", &SHAPE, &before);
    let run = TunedWeights { name: "full on RTE", weights: &after };
    let map = weight_map("m", &SHAPE, &before, Some(run), &figure);
    assert_eq!((map.modules.len(), map.tuned.as_deref()), (6, Some("full on RTE")));
    for module in &map.modules {
        assert_eq!(module.all.scalars, module.blocks.iter().map(|block| block.scalars).sum::<u64>());
        for (place, block) in module.blocks.iter().enumerate() {
            let moved = module.title == "LayerNorm A, γ" && place == 1;
            assert_eq!(block.drift, Some(block.drift.unwrap()).filter(|drift| (*drift > 0.0) == moved));
            assert_eq!(block.after.as_ref() == Some(&block.before), !moved, "{}", module.title);
        }
    }
    // √(Σ (i/4)²) by the norm of what was there.
    let gamma = weight_values(&SHAPE, &before, WeightGroup::LayerNormAGamma, Some(2));
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let moved = norm(&mut (1..=8).map(|i| f64::from(i) / 4.0));
    let want = moved / norm(&mut gamma.iter().copied());
    let own = &map.modules[1].blocks[1];
    assert!((own.drift.unwrap() - want).abs() < 1e-12, "{:?} is not {want}", own.drift);
    let mean = gamma.iter().sum::<f64>() / 8.0;
    assert!((own.before.mean - mean).abs() < 1e-12);
    assert!((own.after.as_ref().unwrap().mean - (mean + 36.0 / 4.0 / 8.0)).abs() < 1e-12);
    // Without a run nothing moved.
    let alone = weight_map("m", &SHAPE, &before, None, &figure);
    assert!(alone.modules.iter().all(|module| module.all.after.is_none() && module.all.drift.is_none()));
}
