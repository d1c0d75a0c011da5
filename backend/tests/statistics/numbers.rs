//! Tests on numbers, each as others compute it.

use super::fixtures::fixtures;
use super::near;
use tunemask::results::significance::{holm, mcnemar, stochastic_order, wilcoxon};

#[test]
fn mcnemar_is_that_of_statsmodels() {
    let cases = fixtures().mcnemar;
    assert!(cases.len() > 8);
    for case in cases {
        let got = mcnemar(case.left_only, case.right_only);
        assert!(near(got.exact, case.exact), "{got:?} is not {}", case.exact);
        assert!(near(got.mid_p, case.mid_p), "{got:?} is not {}", case.mid_p);
        assert!(near(got.chi_square, case.chi_square), "{got:?} is not {}", case.chi_square);
        let few = case.left_only + case.right_only < 25;
        assert_eq!(got.p, if few { got.mid_p } else { got.chi_square });
    }
}

#[test]
fn wilcoxon_is_that_of_scipy() {
    let cases = fixtures().wilcoxon;
    assert!(cases.iter().any(|c| c.exact) && cases.iter().any(|c| !c.exact));
    for case in cases {
        let got = wilcoxon(&case.differences);
        assert_eq!((got.n, got.exact, got.statistic), (case.n, case.exact, case.statistic));
        assert!(near(got.p, case.p), "{got:?} is not {}", case.p);
    }
    assert_eq!(wilcoxon(&[0.0, 0.0]).p, 1.0);
    assert!(wilcoxon(&[1.0, f64::NAN]).p.is_nan());
}

#[test]
fn holm_is_that_of_statsmodels() {
    for case in fixtures().holm {
        let got = holm(&case.p);
        assert!(got.iter().zip(&case.holm).all(|(g, w)| near(*g, *w)), "{got:?} is not {:?}", case.holm);
    }
    // What was planned and could not be tested counts as 1 would.
    let with_hole = holm(&[0.01, f64::NAN, 0.02]);
    assert!(with_hole[1].is_nan() && with_hole[0] == 0.03 && with_hole[2] == 0.04, "{with_hole:?}");
}

#[test]
fn almost_stochastic_order_is_that_of_deepsig() {
    for case in fixtures().orders {
        let got = stochastic_order(&case.left, &case.right);
        assert!(near(got.violation_ratio, case.violation_ratio), "{got:?} is not {}", case.violation_ratio);
        // Both draw scores again, each in its own way.
        assert!((got.epsilon_min - case.epsilon_min).abs() < 0.04, "{got:?} is not {}", case.epsilon_min);
    }
    assert_eq!(stochastic_order(&[0.5; 3], &[0.5; 3]).violation_ratio, 0.5);
}
