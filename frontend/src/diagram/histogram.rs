//! Histograms of a module's weights: as pretrained filled, as tuned a line upon it.
//!
//! All panels of a figure share their axes, so that blocks can be compared. What lies outside of the bins is not drawn, and counts in the
//! shares.

use super::drift::block_name;
use super::mark::{Anchor, Area, Diagram, Target, text_width};
use crate::chart::scale::Scale;
use crate::format::number;
use crate::interval::Interval;
use tunemask_shared::report::{WeightBins, WeightModule, WeightPart};
use tunemask_shared::text::percent;
use tunemask_shared::ticks;

/// The least that a panel takes beside others, and its height with its title and its axis.
const PANEL: f64 = 190.0;
const PANEL_HEIGHT: f64 = 112.0;
/// The height of one alone.
const HEIGHT: f64 = 250.0;
/// Room around the bins: left, above, below.
const LEFT: f64 = 44.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 22.0;
const GAP: f64 = 12.0;
const TEXT: f64 = 11.0;
/// The line that says what is what.
const KEY: f64 = 22.0;

/// The blocks of a module beside each other, the lowest first, as many in a row as there is room for. A target for each block.
pub fn blocks(module: &WeightModule, width: f64) -> Diagram {
    let width = width.max(PANEL);
    let in_row = ((width / PANEL).floor() as usize).clamp(1, module.blocks.len().max(1));
    let panel = width / in_row as f64;
    let rows = module.blocks.len().div_ceil(in_row);
    let mut drawn = Diagram { width, height: KEY + PANEL_HEIGHT * rows as f64, ..Diagram::default() };
    draw_key(&mut drawn, module);
    let most = module.blocks.iter().map(highest).fold(0.0, f64::max);
    for (i, part) in module.blocks.iter().enumerate() {
        let (row, place) = (i / in_row, i % in_row);
        let outer = Area {
            x: panel * place as f64,
            y: KEY + PANEL_HEIGHT * row as f64,
            width: panel - GAP,
            height: PANEL_HEIGHT - 4.0,
        };
        let inner =
            Area { x: outer.x, y: outer.y + TOP, width: outer.width, height: outer.height - TOP - BOTTOM };
        let name = block_name(Some(i + 1));
        drawn.text("small strong", outer.x, outer.y + 13.0, Anchor::Start, name.clone());
        draw_bins(&mut drawn, module, part, inner, most);
        draw_across(&mut drawn, module, inner, 3);
        drawn.targets.push(Target { said: said(&name, part), runs: Vec::new(), area: outer });
    }
    drawn
}

/// A module's weights in a block, or in all, with both axes. A target for each bin.
pub fn alone(module: &WeightModule, block: Option<usize>, width: f64) -> Diagram {
    let width = width.max(260.0);
    let mut drawn = Diagram { width, height: KEY + HEIGHT, ..Diagram::default() };
    draw_key(&mut drawn, module);
    let inner = Area { x: LEFT, y: KEY + 6.0, width: width - LEFT - GAP, height: HEIGHT - BOTTOM - 8.0 };
    let part = module.part(block);
    let most = highest(part);
    let up = Scale::linear(Interval::new(0.0, most), inner.upwards());
    for value in up.ticks(4) {
        let y = up.value_to_pixel(value);
        drawn.path("grid", format!("M{:.1} {y:.1}H{:.1}", inner.x, inner.right()));
        drawn.text("tick", inner.x - 6.0, y + 4.0, Anchor::End, percent(value));
    }
    draw_bins(&mut drawn, module, part, inner, most);
    draw_across(&mut drawn, module, inner, 6);
    let (before, after) = (part.shares(&part.before), part.after.as_ref().map(|after| part.shares(after)));
    let step = inner.width / before.len().max(1) as f64;
    for (bin, share) in before.iter().enumerate() {
        let ends = format!("{} to {}", number(module.edge(bin)), number(module.edge(bin + 1)));
        let tuned = after.as_ref().and_then(|after| after.get(bin));
        let tuned = tuned.map_or(String::new(), |share| format!(", tuned {}", percent(*share)));
        let area = Area { x: inner.x + step * bin as f64, y: inner.y, width: step, height: inner.height };
        let said = format!("{ends}: pretrained {}{tuned}", percent(*share));
        drawn.targets.push(Target { said, runs: Vec::new(), area });
    }
    drawn
}

/// The largest share of a bin.
fn highest(part: &WeightPart) -> f64 {
    let of = |bins: &WeightBins| part.shares(bins).into_iter().fold(0.0, f64::max);
    part.after.as_ref().map_or(0.0, of).max(of(&part.before))
}

fn draw_bins(drawn: &mut Diagram, module: &WeightModule, part: &WeightPart, area: Area, most: f64) {
    let steps = |bins: &WeightBins| outline(&part.shares(bins), area, most);
    let base = format!("V{:.1}", area.bottom());
    drawn.path("before", format!("M{:.1} {:.1}{}{base}Z", area.x, area.bottom(), steps(&part.before)));
    if let Some(after) = &part.after {
        drawn.path("after", format!("M{:.1} {:.1}{}{base}", area.x, area.bottom(), steps(after)));
    }
    drawn.path("axis", format!("M{:.1} {:.1}H{:.1}", area.x, area.bottom(), area.right()));
    if module.low < 0.0 && module.high > 0.0 {
        let x = across(module, area).value_to_pixel(0.0);
        drawn.path("grid", format!("M{x:.1} {:.1}V{:.1}", area.y, area.bottom()));
    }
}

/// The upper edge of the bins, from left to right.
fn outline(shares: &[f64], area: Area, most: f64) -> String {
    let step = area.width / shares.len().max(1) as f64;
    let height = |share: f64| if most > 0.0 { area.height * share / most } else { 0.0 };
    let bin = |(i, share): (usize, &f64)| {
        format!("V{:.1}H{:.1}", area.bottom() - height(*share), area.x + step * (i + 1) as f64)
    };
    shares.iter().enumerate().map(bin).collect()
}

/// The axis of a module's weights.
fn across(module: &WeightModule, area: Area) -> Scale {
    Scale::linear(Interval::new(module.low, module.high), area.across())
}

fn draw_across(drawn: &mut Diagram, module: &WeightModule, area: Area, wanted: usize) {
    let across = across(module, area);
    let values = across.ticks(wanted);
    let labels = ticks::labels(&values, module.high - module.low);
    let mut end = f64::NEG_INFINITY;
    for (value, label) in values.iter().zip(labels) {
        let (x, half) = (across.value_to_pixel(*value), text_width(&label, TEXT) / 2.0);
        drawn.path("axis", format!("M{x:.1} {:.1}v4", area.bottom()));
        if x - half > end && x + half <= area.right() + GAP {
            drawn.text("tick", x, area.bottom() + 15.0, Anchor::Middle, label);
            end = x + half + 4.0;
        }
    }
}

fn draw_key(drawn: &mut Diagram, module: &WeightModule) {
    drawn.rect("before", Area { x: 0.0, y: 3.0, width: 14.0, height: 10.0 });
    drawn.text("small", 19.0, 12.0, Anchor::Start, "pretrained");
    if module.all.after.is_some() {
        drawn.path("after", "M92 8h18".to_owned());
        drawn.text("small", 116.0, 12.0, Anchor::Start, "tuned");
    }
}

/// What a panel says: mean and standard deviation, before and after.
fn said(name: &str, part: &WeightPart) -> String {
    let moments = |bins: &WeightBins| format!("mean {}, std {}", number(bins.mean), number(bins.std));
    let tuned = part.after.as_ref().map_or(String::new(), |after| format!("; tuned {}", moments(after)));
    format!("{name}: pretrained {}{tuned}", moments(&part.before))
}

/// The bins of a module's blocks and of all together, unrounded.
pub fn histogram_csv(module: &WeightModule) -> String {
    let mut out = String::from("block,low,high,pretrained,tuned\n");
    let parts = std::iter::once(None).chain((1..=module.blocks.len()).map(Some));
    for block in parts {
        let (part, name) = (module.part(block), block.map_or("all".to_owned(), |block| block.to_string()));
        for (bin, before) in part.before.counts.iter().enumerate() {
            let after = part.after.as_ref().and_then(|after| after.counts.get(bin));
            let after = after.map_or(String::new(), u64::to_string);
            out += &format!("{name},{},{},{before},{after}\n", module.edge(bin), module.edge(bin + 1));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::drift::tests::map;
    use crate::diagram::mark::Shape;

    fn paths<'a>(drawn: &'a Diagram, wanted: &str) -> Vec<&'a str> {
        let of = |shape: &'a Shape| match shape {
            Shape::Path { class, d } if class == wanted => Some(d.as_str()),
            _ => None,
        };
        drawn.shapes.iter().filter_map(of).collect()
    }

    #[test]
    fn blocks_stand_beside_each_other_where_there_is_room() {
        let module = &map().modules[0];
        let wide = blocks(module, 900.0);
        assert_eq!(wide.targets[0].area.y, wide.targets[1].area.y);
        let narrow = blocks(module, 250.0);
        assert!(narrow.targets[0].area.y < narrow.targets[1].area.y);
        assert!(
            narrow.targets.iter().all(|t| t.area.right() <= narrow.width && t.area.bottom() <= narrow.height)
        );
        // A key of both, and a line for each block.
        assert_eq!((paths(&wide, "before").len(), paths(&wide, "after").len()), (2, 3));
        assert_eq!(
            wide.targets[1].said,
            "block 2: pretrained mean 0.1000, std 0.2000; tuned mean 0.1000, std 0.2000"
        );
    }

    #[test]
    fn the_highest_bin_reaches_the_top_and_each_can_be_read() {
        let module = &map().modules[0];
        let drawn = alone(module, Some(1), 400.0);
        let says: Vec<&str> = drawn.targets.iter().map(|target| target.said.as_str()).collect();
        assert_eq!(says[1], "0 to 1.000: pretrained 60.0 %, tuned 20.0 %");
        let top = drawn.targets[0].area.y;
        assert!(paths(&drawn, "before")[0].contains(&format!("V{top:.1}H")));
        let mut frozen = module.clone();
        frozen.all.after = None;
        let drawn = alone(&frozen, None, 400.0);
        assert!(paths(&drawn, "after").is_empty());
        assert!(drawn.targets[0].said.ends_with("pretrained 20.0 %"));
    }

    #[test]
    fn a_file_has_every_bin_of_every_block() {
        let csv = histogram_csv(&map().modules[0]);
        assert_eq!(csv.lines().count(), 1 + 3 * 3);
        assert_eq!(csv.lines().nth(1), Some("all,-1,0,2,4"));
    }
}
