//! A report with every kind of block.

use super::lab::spec;
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Direction;
use tunemask_shared::report::{
    Block, Cell, Choice, Column, Figure, File, FileForm, Finding, Forest, ForestClaim, ForestRow, HeatCell,
    HeatMap, HeatRow, Layout, Link, NormEpochs, NormVectors, OpenClaim, Panel, Plot, PlotPoint, PlotScale,
    PlotSeries, PlotState, PlotStyle, Report, ReportKind, ReportRequest, Table, Warning, WeightBins,
    WeightMap, WeightModule, WeightPart,
};

/// A report with every kind of block.
pub fn reported() -> Report {
    let file =
        |form: FileForm| File {
            form, name: format!("a-b.{}", form.extension()), text: "β < \"γ\"\n".into()
        };
    let figure = Cell {
        text: "66.4 ± 1.25".into(),
        under: "lr 1e-3 · n 2".into(),
        warning: Some(Warning { sign: '↓', reason: "the lowest rate won".into() }),
        strong: true,
        runs: vec![spec().id().unwrap()],
        ..Cell::default()
    };
    let mask = Cell { mask: Some(Mask::LayerNorms), ..Cell::code("layernorms") };
    let target =
        ReportRequest { kind: ReportKind::Table, layout: Some(Layout::Layers), ..ReportRequest::default() };
    let text = Block::Paragraph("`full` is left out.".into());
    let mut blocks = vec![
        Block::Heading("β < \"γ\"".into()),
        Block::Paragraph("`full` is left out.".into()),
        Block::Notes(vec!["a".into(), "b".into()]),
        Block::Links {
            label: "Layout".into(),
            links: vec![Link { text: "One block's LayerNorms".into(), target, here: true }],
        },
        Block::Table(Table {
            caption: "Results".into(),
            columns: vec![Column::words("Mask"), Column::numbers("RTE accuracy")],
            rows: vec![vec![mask, figure]],
            files: vec![file(FileForm::Latex)],
        }),
        Block::Figure(Figure {
            caption: "Weights".into(),
            legend: "Filled: all.".into(),
            panels: vec![Panel { summary: "a hill".into(), svg: "<svg/>".into() }],
            files: vec![file(FileForm::Csv), file(FileForm::Svg)],
        }),
        Block::Files {
            what: "results".into(),
            files: [FileForm::Markdown, FileForm::Latex, FileForm::JsonLines].map(file).into(),
        },
    ];
    blocks.extend([
        Block::HeatMaps(vec![heat_map()]),
        Block::Plots(vec![plot()]),
        Block::Forest(forest()),
        Block::Weights(weights()),
        Block::NormEpochs(norms()),
        Block::Fold { summary: "All".into(), blocks: vec![text] },
    ]);
    Report { blocks }
}

fn plot() -> Plot {
    let point = |mask, x, state| PlotPoint {
        mask,
        x,
        value: 66.4,
        low: 65.1,
        high: 67.7,
        state,
        said: "66.4 ± 1.3".into(),
        runs: vec![spec().id().unwrap()],
    };
    let points = vec![point(Mask::SingleNorm(1), 1.0, PlotState::Partial)];
    Plot {
        title: "RTE accuracy".into(),
        summary: "1 mask".into(),
        across: "block".into(),
        scale: PlotScale::Whole,
        series: vec![PlotSeries { name: "one block".into(), style: PlotStyle::Line, points }],
        references: vec![point(Mask::Full, 0.0, PlotState::Whole)],
        csv: "mask,x\n".into(),
    }
}

fn forest() -> Forest {
    let row = ForestRow {
        name: "mha − full".into(),
        finding: Finding::Undecided,
        difference: -0.4,
        low: f64::NAN,
        high: f64::NAN,
        text: "−0.4 [–, –]".into(),
        said: "mha − full: −0.4 points".into(),
        runs: vec![spec().id().unwrap()],
    };
    let claim = ForestClaim {
        sentence: "Every module alone comes close to full fine-tuning.".into(),
        finding: Finding::NotSupported,
        plain: "`mha` is worse.".into(),
        comparisons: vec![row],
        details: vec![Block::Paragraph("p".into())],
    };
    let open = OpenClaim { sentence: "A claim.".into(), reason: "The study has no `random`.".into() };
    Forest {
        title: "verdicts".into(),
        margin: 2.0,
        intervals: "90 % intervals".into(),
        claims: vec![claim],
        open: vec![open],
        csv: "claim\n".into(),
    }
}

fn heat_map() -> HeatMap {
    let picked = HeatCell {
        value: Some(0.664),
        text: "66.4".into(),
        under: "± 1.3".into(),
        choice: Choice::Picked,
        warning: Some(Warning { sign: '↑', reason: "the highest rate won".into() }),
        said: "layernorms at 1e-3: 66.4 ± 1.3".into(),
        runs: vec![spec().id().unwrap()],
    };
    let failed =
        HeatCell { text: "failed".into(), said: "layernorms at 1e-4: failed".into(), ..HeatCell::default() };
    let queued = HeatCell {
        text: "queued".into(),
        said: "layernorms at 1e-3, seed 2: queued".into(),
        ..HeatCell::default()
    };
    HeatMap {
        title: "RTE accuracy".into(),
        summary: "1 mask at 2 learning rates".into(),
        down: "mask".into(),
        across: "learning rate".into(),
        columns: vec!["1e-4".into(), "1e-3".into()],
        rows: vec![
            HeatRow { mask: Mask::LayerNorms, seed: None, cells: vec![failed, picked] },
            HeatRow { mask: Mask::LayerNorms, seed: Some(2), cells: vec![HeatCell::default(), queued] },
        ],
        better: Direction::Higher,
        csv: "mask,learning_rate,mean\n".into(),
    }
}

fn weights() -> WeightMap {
    let bins = |counts: [u64; 2]| WeightBins { counts: counts.to_vec(), mean: -0.25, std: 0.5 };
    let part = WeightPart { scalars: 7, before: bins([3, 4]), after: Some(bins([1, 5])), drift: Some(0.125) };
    let frozen = WeightPart { after: None, drift: None, ..part.clone() };
    WeightMap {
        model: "minilm".into(),
        tuned: Some("full on RTE".into()),
        modules: vec![WeightModule {
            title: "Attention".into(),
            low: -1.5,
            high: 2.0,
            all: part.clone(),
            blocks: vec![part, frozen],
        }],
    }
}

fn norms() -> NormEpochs {
    let vectors = NormVectors {
        title: "block 1, after attention".into(),
        gamma: vec![vec![1.0, 0.5], vec![1.25, 0.5]],
        beta: vec![vec![0.0, -0.125], vec![0.0625, -0.25]],
    };
    NormEpochs { epochs: vec![0, 3], norms: vec![vectors] }
}
