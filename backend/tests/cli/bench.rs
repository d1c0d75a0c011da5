//! `tunemask bench` as a user calls it.

use crate::program::tunemask;
use serde_json::Value;

#[test]
fn bench_speaks_the_words_of_the_peer() {
    let bench = |more: &[&str]| {
        let fixed =
            ["bench", "--model", "builtin:tiny", "--task", "sentiment", "--steps", "2", "--threads", "1"];
        tunemask(&[&fixed[..], more].concat())
    };
    for (mask, rates, runs) in
        [("layernorms", "1e-3,1e-2", 2), ("ffn", "1e-3,1e-2", 2), ("frozen", "1e-3", 1)]
    {
        let text =
            bench(&["--mask", mask, "--learning-rates", rates, "--warmup-steps", "1", "--json"]).success();
        let figures: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&figures["mask"], figures["runs"].as_u64()), (&Value::from(mask), Some(runs)));
        for word in ["steps_per_s", "examples_per_s", "tokens_per_s", "mean_loss"] {
            assert!(figures[word].as_f64().unwrap() > 0.0, "{word} in {text}");
        }
        let ratio = figures["examples_per_s"].as_f64().unwrap() / figures["steps_per_s"].as_f64().unwrap();
        assert!((ratio - 16.0).abs() < 1e-6, "{text}");
        assert!(figures["device"] == "cpu" && figures["dtype"] == "f32" && figures["batch"] == 16);
    }
    assert!(bench(&[]).success().contains("tokens/s"));
    let printed = tunemask(&["bench", "--model", "builtin:tiny", "--task", "rte"]).failure(1);
    assert!(printed.contains("name the folder that holds RTE/train.tsv with --data"), "{printed}");
}
