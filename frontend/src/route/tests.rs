//! Addresses there and back.

use super::*;
use crate::setting::Setting;
use crate::trial::Trial;
use tunemask_shared::comparison::WrongChoice;

#[test]
fn an_address_comes_back_as_it_was() {
    let route = Route {
        page: Page::Experiment(ExperimentId(3)),
        view: ViewOptions {
            setting: Setting {
                axis: Axis::Time,
                smoothing: 0.9,
                x_scale: ScaleKind::Logarithmic,
                loss_scale: ScaleKind::Logarithmic,
                grouping: Some(Grouping::over_seeds()),
                outliers: Outliers::Ignored,
                colours: Colours::read(&["mask:layers(1,3).ln:4".to_owned()]),
            },
            zoom: Interval::between(20.0, 80.0),
            shown_values: vec![
                ShownValues { chart: "loss".into(), shown: Interval::new(0.2, 0.8) },
                ShownValues { chart: "rte:accuracy".into(), shown: Interval::new(40.0, 60.0) },
            ],
            charts: ChartOrder {
                pinned: vec!["speed".into()],
                moved: vec!["norm".into()],
                hidden: vec!["rate".into()],
            },
            filter: Filter {
                tasks: vec!["rte".into()],
                masks: vec!["layers(1,3).ln".into(), "a b%".into()],
                rates: vec!["1e-3".into(), "2.5e-4".into()],
                seeds: vec!["2".into()],
                statuses: vec![RunStatus::Running, RunStatus::Failed],
                nodes: vec!["desk/cpu-1".into()],
                runs: vec![RunId("0a".into()), RunId("1b".into())],
                text: "seed 1".into(),
            },
            sort: Sort::read("-best"),
            trial: Trial::default(),
            visibility: Visibility::AllBut([RunId("0a".into())].into()),
            pinned: vec![RunId("1b".into())],
        },
    };
    let url = route.url();
    assert_eq!(
        url,
        "/experiments/3?axis=time&smooth=0.9&logx=1&log=1&group=seeds&outliers=ignore&colour=mask:layers%281%2C3%29.ln:4&x=20.00..80.00\
         &y=loss:0.2000..0.8000,rte:accuracy:40.00..60.00&pin=speed&order=norm&without=rate&task=rte\
         &mask=layers%281%2C3%29.ln,a%20b%25&rate=1e-3,2.5e-4&seeds=2&status=running,failed&node=desk%2Fcpu-1&runs=0a,1b&q=seed%201&sort=-best&hide=0a&top=1b"
    );
    let (path, query) = url.split_once('?').unwrap();
    assert_eq!(Route::read(path, query), route);
    // None shown is not all shown.
    let none =
        Route { view: ViewOptions { visibility: Visibility::none(), ..ViewOptions::default() }, ..route };
    assert_eq!(none.url(), "/experiments/3?show=");
    assert_eq!(Route::read("/experiments/3", "show="), none);
}

#[test]
fn a_text_that_is_tried_stands_in_the_address() {
    let trial = Trial {
        task: Some("inference".parse().unwrap()),
        text: "so 100 % good?".into(),
        seed: Some(2),
        ..Trial::default()
    };
    let route =
        Route { page: Page::Try(ExperimentId(3)), view: ViewOptions { trial, ..ViewOptions::default() } };
    let url = route.url();
    assert_eq!(url, "/experiments/3/try?on=inference&text=so%20100%20%25%20good%3F&seed=2");
    let (path, query) = url.split_once('?').unwrap();
    assert_eq!(Route::read(path, query), route);
}

#[test]
fn defaults_are_short_and_nonsense_is_ignored() {
    let plain = Route { page: Page::Experiments, view: ViewOptions::default() };
    assert_eq!(plain.url(), "/");
    assert_eq!(Route::read("/", "?axis=bananas&y=loss,:&smooth=NaN&status=lost&sort=-&x"), plain);
    assert_eq!(Route::read("/experiments/x", "").page, Page::Missing);
    assert_eq!(Route::read("/new", "?from=7").page, Page::New(Prefill::Experiment(ExperimentId(7))));
    assert_eq!(Route::read("/experiments/3/results", "").page, Page::Missing);
    for url in [
        "/experiments/3/rates",
        "/experiments/3/runs/0a1b2c",
        "/experiments/3/try",
        "/experiments/3/table?layout=outliers",
        "/experiments/4/verdicts?margin=1.5",
        "/new?from=7",
        "/new?study=table3",
        "/new?study=table1-quick",
        "/compare?of=3,5",
        "/compare?of=3:0a1b2c,5:0a1b2c",
    ] {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        assert_eq!(Route::read(path, query).page.url(), url);
    }
    assert_eq!(Route::read("/compare", "?of=3").page, Page::Compare(Err(WrongChoice::One)));
    let broken = Route::read("/", "?mask=%e2%82%ac%4");
    assert_eq!(broken.view.filter.masks, ["€%4"]);
}
