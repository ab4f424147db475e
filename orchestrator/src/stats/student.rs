//! Student's t distribution for whole degrees of freedom, by the finite series (Abramowitz and Stegun 26.7.3 and 26.7.4).

/// Probability that |T| is at most |t|.
fn central_probability(t: f64, degrees: u32) -> f64 {
    let nu = f64::from(degrees);
    let theta = (t.abs() / nu.sqrt()).atan();
    let (sin, cos_squared) = (theta.sin(), nu / (nu + t * t));
    // Both series: each term is the one before times cos² times (k - 1) / k, for every other k.
    let series = |first: f64, from: u32| {
        let terms = (from..degrees).step_by(2).scan(first, |term, k| {
            let current = *term;
            *term *= cos_squared * f64::from(k) / f64::from(k + 1);
            Some(current)
        });
        terms.sum::<f64>()
    };
    if degrees.is_multiple_of(2) {
        sin * series(1.0, 1)
    } else {
        std::f64::consts::FRAC_2_PI * (theta + sin * series(theta.cos(), 2))
    }
}

/// Distribution function of Student's t.
///
/// # Panics
/// When `degrees` is 0.
#[must_use]
pub fn t_cdf(t: f64, degrees: u32) -> f64 {
    assert!(degrees > 0, "Student's t needs at least one degree of freedom");
    let half = central_probability(t, degrees) / 2.0;
    if t < 0.0 { 0.5 - half } else { 0.5 + half }
}

/// The value that Student's t stays below with probability `p`, for 0 < p < 1.
///
/// # Panics
/// When `degrees` is 0.
#[must_use]
pub fn t_quantile(p: f64, degrees: u32) -> f64 {
    if p < 0.5 {
        return -t_quantile(1.0 - p, degrees);
    }
    let mut high = 1.0;
    while t_cdf(high, degrees) < p && high < f64::MAX / 2.0 {
        high *= 2.0;
    }
    let mut low = 0.0;
    // Halving 200 times exhausts the precision of any double, and mostly some 55 times do.
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if t_cdf(middle, degrees) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    // Golden values: scipy.stats.t.ppf.
    #[rstest]
    #[case(0.975, 1, 12.706_204_736_174_694)]
    #[case(0.975, 2, 4.302_652_729_749_462)]
    #[case(0.975, 3, 3.182_446_305_283_707_8)]
    #[case(0.975, 4, 2.776_445_105_197_793_4)]
    #[case(0.975, 5, 2.570_581_835_636_314_6)]
    #[case(0.975, 7, 2.364_624_251_592_784)]
    #[case(0.975, 11, 2.200_985_160_091_639)]
    #[case(0.975, 19, 2.093_024_054_408_308_7)]
    #[case(0.975, 29, 2.045_229_642_132_703)]
    #[case(0.975, 39, 2.022_690_920_036_761)]
    #[case(0.975, 100, 1.983_971_518_523_551_8)]
    #[case(0.975, 1000, 1.962_339_080_826_408_3)]
    #[case(0.95, 2, 2.919_985_580_353_724_2)]
    #[case(0.9995, 2, 31.599_054_576_445_365)]
    #[case(0.995, 4, 4.604_094_871_349_992)]
    #[case(0.9995, 11, 4.436_979_338_234_516)]
    fn quantiles_agree_with_scipy(#[case] p: f64, #[case] degrees: u32, #[case] expected: f64) {
        let ours = t_quantile(p, degrees);
        assert!((ours / expected - 1.0).abs() < 1e-9, "{ours} for {expected}");
    }

    // Golden values: scipy.stats.t.cdf.
    #[rstest]
    #[case(0.5, 1, 0.647_583_617_650_433_3)]
    #[case(-1.3, 2, 0.161_623_515_908_020_15)]
    #[case(2.0, 3, 0.930_337_015_720_578_5)]
    #[case(0.5, 10, 0.686_053_197_128_513_5)]
    #[case(-1.3, 11, 0.110_090_631_349_920_92)]
    #[case(2.0, 30, 0.972_687_477_518_508_5)]
    fn probabilities_agree_with_scipy(#[case] t: f64, #[case] degrees: u32, #[case] expected: f64) {
        assert!((t_cdf(t, degrees) - expected).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn quantile_inverts_distribution(p in 0.001_f64..0.999, degrees in 1_u32..200) {
            prop_assert!((t_cdf(t_quantile(p, degrees), degrees) - p).abs() < 1e-10);
        }
    }
}
