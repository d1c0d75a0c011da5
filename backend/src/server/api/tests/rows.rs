//! What comes in rows: of a run, and of all runs of an experiment.

use super::described::Described;
use axum::body::Body;

/// A table that is asked for.
struct Asked {
    template: &'static str,
    path: String,
    /// The forms that it has, the first for those who do not mind.
    forms: &'static [&'static str],
    rows: usize,
}

/// Every table in every form, and what is said of forms and parameters that there are none of.
pub async fn tables(of: &mut Described, run: &str) {
    let (whole, long) = (&["json", "csv", "jsonl", "parquet"][..], &["jsonl", "csv", "parquet"][..]);
    let asked = |template: &'static str, forms, rows| Asked {
        template,
        path: template.replace("{experiment}", "1").replace("{run}", run),
        forms,
        rows,
    };
    let all = [
        asked("/experiments/{experiment}/runs", whole, 2),
        // 24 examples in batches of 16.
        asked("/runs/{run}/points", whole, 2),
        asked("/experiments/{experiment}/points", long, 2 * 2),
        // Accuracy and loss.
        asked("/experiments/{experiment}/evaluations", long, 2 * 2),
    ];
    for Asked { template, path, forms, rows } in all {
        for format in forms {
            let answer = of.get(template, &format!("{path}?format={format}")).await;
            match *format {
                "parquet" => {
                    assert!(answer.body.starts_with(b"PAR1") && answer.body.ends_with(b"PAR1"), "{path}");
                }
                "csv" => assert_eq!(answer.text().lines().count(), 1 + rows, "{path}: a header and its rows"),
                "jsonl" => assert_eq!(answer.text().lines().count(), rows, "{path}"),
                _ => assert!(answer.json().is_object(), "{path}"),
            }
        }
        let usual = of.get(template, &path).await;
        assert_eq!(usual.header("content-type"), format!("application/{}", forms[0]), "{path}");
        let operation = format!("get {template}");
        let csv = of.ask(&operation, &path, &[("accept", "text/csv")], Body::empty()).await;
        assert_eq!(csv.header("content-type"), "text/csv");
        let none = of.ask(&operation, &path, &[("accept", "application/xml")], Body::empty()).await;
        assert_eq!(none.status, 406);
        let wrong = of.get(template, &format!("{path}?format=xml")).await;
        let offered = format!("format: `xml` is not offered here; ask for {}", forms.join(", "));
        assert!(wrong.status == 400 && wrong.text().contains(&offered), "{}", wrong.text());
        let unknown = of.get(template, &format!("{path}?from=3")).await;
        assert!(
            unknown.status == 400 && unknown.text().contains("unknown field `from`"),
            "{}",
            unknown.text()
        );
    }
}
