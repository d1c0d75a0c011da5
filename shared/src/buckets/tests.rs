use super::*;

/// Steps `from..=to` of a run whose loss goes up and down.
fn points(from: u64, to: u64) -> Points {
    let steps = || from..=to;
    let column = |f: fn(f64) -> f64| steps().map(|step| f(step as f64)).collect::<Vec<_>>();
    Points {
        step: steps().collect(),
        epoch: column(|s| s / 100.0),
        loss: column(|s| 2.0 + (s * 0.7).sin()),
        learning_rate: column(|s| 1e-3 / s),
        gradient_norm: column(|s| (s * 12.9898).cos().abs()),
        tokens_per_s: column(|s| 9000.0 + s % 7.0),
        elapsed_secs: column(|s| s * 0.05),
    }
}

#[test]
fn few_points_stay_as_they_came() {
    let all = points(1, 100);
    let made = Buckets::of(&all, 100);
    assert_eq!((made.points(), made.stride(), made.steps()), (&all, 1, 100));
    assert_eq!((made.extremes(), made.newest()), (None, all.last()));
    let none = Buckets::new(100);
    assert_eq!((none.is_empty(), none.steps(), none.newest().len()), (true, 0, 0));
}

#[test]
fn a_bucket_holds_the_mean_and_the_ends_of_its_steps() {
    for most in [2, 3, 7, 10, 64] {
        for steps in [1, 10, 11, 64, 65, 99, 1000] {
            let all = points(1, steps);
            let made = Buckets::of(&all, most);
            assert_eq!(made.steps() as u64, steps, "{most}");
            assert!(made.points().len() <= most && 2 * made.points().len() >= most.min(steps as usize));
            let stride = made.stride();
            let buckets: Vec<&[f64]> = all.loss.chunks(stride).collect();
            assert_eq!(made.points().loss.len(), buckets.len(), "{most} of {steps}");
            for (i, bucket) in buckets.iter().enumerate() {
                let mean = bucket.iter().sum::<f64>() / bucket.len() as f64;
                assert!((made.points().loss[i] - mean).abs() < 1e-12, "{most} of {steps}");
                let end = (i * stride + bucket.len()) as u64;
                assert_eq!(made.points().step[i], end);
                assert_eq!(made.points().elapsed_secs[i], end as f64 * 0.05);
                let Some([lowest, highest]) = made.extremes() else { continue };
                assert_eq!(lowest.loss[i], bucket.iter().copied().fold(f64::INFINITY, f64::min));
                assert_eq!(highest.loss[i], bucket.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            }
            assert_eq!(made.newest(), all.last());
        }
    }
}

#[test]
fn who_goes_on_with_a_curve_that_was_sent_has_what_the_sender_has() {
    for (most, sent) in [(7, 1), (7, 30), (64, 64), (64, 100), (64, 129)] {
        let text = serde_json::to_string(&Buckets::of(&points(1, sent), most)).unwrap();
        let mut got: Buckets = serde_json::from_str(&text).unwrap();
        for step in sent + 1..=500 {
            got.extend(&points(step, step));
        }
        assert_eq!(got, Buckets::of(&points(1, 500), most), "{most} after {sent}");
    }
}

#[test]
fn what_is_not_finite_breaks_its_bucket_and_hides_none_of_its_ends() {
    let mut all = points(1, 16);
    all.loss[5] = f64::NAN;
    all.loss[9] = f64::INFINITY;
    let made = Buckets::of(&all, 4);
    let is_whole: Vec<bool> = made.points().loss.iter().map(|mean| mean.is_finite()).collect();
    assert_eq!((made.stride(), is_whole), (4, vec![true, false, false, true]));
    let [lowest, highest] = made.extremes().unwrap();
    let finite = |step: usize| all.loss[step];
    assert_eq!(highest.loss[1], [4, 6, 7].map(finite).into_iter().fold(f64::MIN, f64::max));
    let others = [8, 10, 11].map(finite);
    assert_eq!(lowest.loss[2], others.into_iter().fold(f64::MAX, f64::min));
    assert_eq!(highest.loss[2], others.into_iter().fold(f64::MIN, f64::max));
}

#[test]
fn columns_that_are_too_short_end_in_not_a_number() {
    let mut all = points(1, 10);
    all.loss.truncate(9);
    all.epoch.clear();
    for most in [4, 100] {
        let made = Buckets::of(&all, most);
        assert_eq!((made.steps(), made.points().epoch[0].is_nan()), (10, true));
        assert!(made.points().loss.last().unwrap().is_nan() && made.points().loss[0].is_finite());
    }
}

#[test]
fn all_runs_of_a_page_share_its_room() {
    assert_eq!(most_buckets(0), WATCHED_BUCKETS);
    assert_eq!(most_buckets(1), WATCHED_BUCKETS);
    assert_eq!(most_buckets(21), WATCHED_BUCKETS / 21);
    assert_eq!(most_buckets(1_000_000), FEWEST_BUCKETS);
}
