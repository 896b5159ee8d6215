use super::*;

fn at(text: &str, unit: &str) -> Option<f64> {
    built_in().convert(text, unit).ok().and_then(|m| m.to_f64())
}

fn near(text: &str, unit: &str, expected: f64) {
    let got = at(text, unit).unwrap_or_else(|| panic!("{text} in {unit}: {:?}", built_in().convert(text, unit)));
    assert!((got - expected).abs() <= expected.abs() * 1e-9 + 1e-15, "{text} in {unit}: {got}, not {expected}");
}

#[test]
fn every_definition_can_be_read() {
    assert_eq!(built_in().units.len(), definitions::described());
    for about in built_in().all() {
        assert!(built_in().check(about.name).is_ok(), "{}", about.name);
        assert!(about.compatible.iter().any(|name| about.is_alias || *name == about.name), "{}", about.name);
    }
}

#[test]
fn quantities_are_read_as_people_write_them() {
    for (text, unit, expected) in [
        ("3", "m", 3.0),
        ("3mm", "m", 0.003),
        ("3k", "m", 3000.0),
        ("3u", "m", 3e-6),
        ("3 inch", "m", 0.0762),
        ("10k", "ohm", 10_000.0),
        ("2k7", "ohm", 2_700.0),
        ("8R6", "ohm", 8.6),
        ("4R7", "Ω", 4.7),
        ("33k3ohm", "ohm", 33_300.0),
        ("123kohm45", "ohm", 123_450.0),
        ("10n005F", "F", 10.005e-9),
        ("4.7 uF", "F", 4.7e-6),
        ("4.7 µF", "uF", 4.7),
        ("100nF", "uF", 0.1),
        ("1/4 W", "W", 0.25),
        ("1/4", "W", 0.25),
        ("1/2 kW", "W", 500.0),
        ("5 mm", "inch", 5.0 / 25.4),
        ("1.5e3", "V", 1500.0),
        ("-12.3E-3", "", -0.0123),
        ("3 dozen", "W", 36.0),
        ("50 dozen kW", "W", 600_000.0),
        ("1/2 dozen", "", 6.0),
        ("12 pieces", "", 12.0),
        ("2 \"", "inches", 2.0),
        ("3'", "inches", 36.0),
        ("1,000 m", "km", 1.0),
        ("10 m/s^2", "m/s**2", 10.0),
        ("9.81 m/s²", "m/s^2", 9.81),
        ("5 square meters", "m^2", 5.0),
        ("5 meters squared", "m^2", 5.0),
        ("60 kilometers per hour", "m/s", 60.0 / 3.6),
        ("4 nV/Hz^0.5", "V/Hz^0.5", 4e-9),
        ("3 MHz", "kHz", 3000.0),
        ("50%", "percent", 50.0),
        ("2 KiB", "byte", 2048.0),
        ("1 1/2 in", "mm", 38.1),
        ("1-1/2 in", "mm", 38.1),
        ("1½\"", "mm", 38.1),
        ("-1 1/4", "m", -1.25),
        ("3/4\"", "inch", 0.75),
        ("R47", "ohm", 0.47),
        ("0R5", "ohm", 0.5),
        ("4K7", "ohm", 4_700.0),
        ("100R", "ohm", 100.0),
        ("p33", "F", 0.33e-12),
        ("2u2", "F", 2.2e-6),
        ("60/min", "Hz", 1.0),
        ("60 per minute", "Hz", 1.0),
        ("5 W/(m K)", "W/m/K", 5.0),
        ("5 m*s^-2", "m/s^2", 5.0),
        ("5 kg m**-3", "kg/m^3", 5.0),
    ] {
        near(text, unit, expected);
    }
}

#[test]
fn temperatures_have_their_zero_elsewhere() {
    for (text, unit, expected) in [
        ("900", "°C", 900.0),
        ("900°F", "degF", 900.0),
        ("900°K", "°C", 626.85),
        ("-100°C", "fahrenheit", -148.0),
        ("-100 Celsius", "fahrenheit", -148.0),
        ("25 degC", "K", 298.15),
        ("273.15 K", "degC", 0.0),
    ] {
        near(text, unit, expected);
    }
    // a difference of temperatures, not a temperature
    near("2 W/degC", "W/K", 2.0);
}

#[test]
fn conversions_are_exact() {
    let scaled = |text, unit, places| built_in().convert(text, unit).unwrap().to_scaled(places);
    assert_eq!(scaled("1 inch", "mm", 5), Some(2_540_000));
    assert_eq!(scaled("0.1 m", "mm", 5), Some(10_000_000));
    assert_eq!(scaled("1/3", "m", 5), Some(33_333));
    assert_eq!(scaled("2/3", "m", 5), Some(66_667));
    assert_eq!(scaled("-0.000005", "m", 5), Some(-1));
    assert_eq!(scaled("1e30", "m", 5), None);
}

/// What Pint 0.25 makes of its units: a name, what one is, and in which base units.
const EXPECTED: &str = include_str!("expected.tsv");

/// Names that mean something else here: what people who order parts mean by them.
const DIFFERENT: &[&str] = &["pc", "pt", "px", "dpi", "hbar", "Eh", "gauss", "G", "maxwell", "Mx", "oersted", "Oe"];

#[test]
fn units_are_what_pint_says() {
    let mut wrong = Vec::new();
    for line in EXPECTED.lines() {
        let [name, size, unit] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if DIFFERENT.contains(&name) {
            continue;
        }
        let expected: f64 = size.parse().unwrap();
        let unit = if unit.is_empty() { "piece" } else { unit };
        let found = built_in().convert(&format!("1 {name}"), unit).map(|m| m.to_f64().unwrap_or(f64::NAN));
        if !found.as_ref().is_ok_and(|found| (found - expected).abs() <= expected.abs() * 1e-8) {
            wrong.push(format!("{name}: {found:?}, not {expected} {unit}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), EXPECTED.lines().count(), wrong.join("\n"));
}

#[test]
fn levels_are_compared_among_each_other() {
    near("-30 dBm", "dBm", -30.0);
    near("1 dBW", "dBm", 31.0);
    near("30 dBm", "dBW", 0.0);
    near("120 dBµV", "dBV", 0.0);
    near("2 Np", "dB", 17.371_779_276_130_073);
    near("3 dB/m", "dB/km", 3000.0);
    for (text, unit) in [("3 dBm", "W"), ("3 dBm", "dBV"), ("3 dB", "dBm"), ("3 W", "dBm"), ("3 dB", "")] {
        assert_eq!(unit.is_empty(), built_in().convert(text, unit).is_ok(), "{text} in {unit}");
    }
    for (text, unit, expected) in [
        ("100 kbps", "Mbps", 0.1),
        ("29.92 inHg", "kPa", 101.320_748_119_003),
        ("10 inH2O", "Pa", 2490.8891),
        ("5 cfm", "m^3/s", 0.002_359_737_216),
        ("2 slpm", "W", 3.3775),
        ("1 sq_in", "mm^2", 645.16),
        ("1 cubic_inch", "cm^3", 16.387_064),
        ("2 N.m", "J", 2.0),
        ("2 Nm", "J", 2.0),
        ("1 kgf.m", "J", 9.80665),
    ] {
        near(text, unit, expected);
    }
}

#[test]
fn nothing_is_worked_out() {
    for text in [
        "-",
        "--",
        "+",
        "k",
        "m",
        "5 - 10",
        "5-10",
        "5 – 10",
        "5..10",
        "5 5",
        "5 5/",
        "1 3/2",
        "1.5 1/2",
        "5*3",
        "5 * 3 m",
        "5+5",
        "2^10",
        "10^3",
        "(5)",
        "(5 m)",
        "5 (m)",
        "5 m 3",
        "5 m + 3",
        "5 m - 3 m",
        "5 m/2",
        "5 m*2",
        "1/2/3",
        "--5",
        "- -5",
        "5 ft 3 in",
        "10x10",
        "~5",
        "<5",
        "±5",
        "5 ± 1",
        "n/a",
        "1 2 3",
        "1-2-3",
        "2026-11-24",
        "5,5",
        "1/4-1/2",
    ] {
        for unit in ["m", "ohm", "W", "", "piece"] {
            let found = built_in().convert(text, unit);
            assert!(found.is_err(), "{text} in {unit:?}: {found:?}");
        }
    }
}

#[test]
fn what_is_wrong_is_refused() {
    for (text, unit) in [
        ("-x", "m"),
        ("xyz", "m"),
        ("12B45C", "m"),
        ("1/0", "m"),
        ("1/0", ""),
        ("", "m"),
        ("3", "10"),
        ("3", "xyz"),
        ("3", "-12"),
        ("3", "1/0"),
        ("5 kg", "m"),
        ("1 m + 1 kg", "m"),
        ("(1", "m"),
        ("1)", "m"),
        ("1,00,0", "m"),
        ("4,7", "m"),
        ("1..2", "m"),
        ("1e999999999999999999999", "m"),
        ("9^9^9", "m"),
        ("(9^300)^300", "m"),
        ("m^m", "m"),
        ("1 kdegC", "K"),
    ] {
        assert!(built_in().convert(text, unit).is_err(), "{text} in {unit}");
    }
    assert!(built_in().convert(&"(".repeat(400), "m").is_err());
    assert!(built_in().convert(&"9".repeat(501), "m").is_err());
    assert_eq!(built_in().convert("1e300", "").unwrap().to_scaled(5), None);
    assert_eq!(built_in().convert("5 kg", "m"), Err(UnitError::Incompatible));
    assert_eq!(built_in().check("furlwongs"), Err(UnitError::Unknown("furlwongs".into())));
}

#[test]
fn units_are_added_in_any_order_and_never_in_a_circle() {
    let custom = |name, symbol, definition| Custom { name, symbol, definition };
    let units = built_in()
        .with(&[custom("reel", "", "10 tube"), custom("tube", "tb", "50 piece"), custom("hpmm", "", "henry / mm")])
        .unwrap();
    assert_eq!(units.convert("2 reels", "piece").unwrap().to_scaled(0), Some(1000));
    assert_eq!(units.convert("1 / 10 hpmm", "henry / km").unwrap().to_scaled(0), Some(100_000));
    assert_eq!(units.convert("3 tb", "reel").unwrap().to_scaled(1), Some(3));
    let refused = |customs: &[Custom<'_>]| built_in().with(customs).map(|_| ()).unwrap_err();
    assert_eq!(refused(&[custom("a1", "", "2 a1")]), UnitError::Cycle("a1".into()));
    assert!(matches!(refused(&[custom("a1", "", "2 b1"), custom("b1", "", "3 a1")]), UnitError::Cycle(_)));
    assert!(matches!(refused(&[custom("a1", "", "2 nothing")]), UnitError::Unknown(_)));
    assert_eq!(refused(&[custom("a1", "", "0 m")]), UnitError::Range);
}

#[test]
fn nothing_makes_it_panic() {
    // numbers that look like chance but are the same in every run
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let pieces = [
        "1", "0", "9e99", "1e-300", ".", ",", "/", "*", "**", "^", "(", ")", "+", "-", " ", "m", "kg", "k", "R", "°C",
        "degF", "Ω", "µ", "%", "per", "square", "squared", "cubic", "'", "\"", "e", "E5", "2k7", "²", "³", "ß",
        "\u{0}", "\u{202e}", "💥", "1/3", "inch", "_", "Hz^0.5", "^-", "1,000",
    ];
    let units = ["", "m", "ohm", "degC", "%", "1/0", "kg m^2", "V/Hz^0.5"];
    for _ in 0..20_000 {
        let text: String = (0..random(12)).map(|_| pieces[random(pieces.len())]).collect();
        if let Ok(found) = built_in().convert(&text, units[random(units.len())]) {
            let _ = (found.to_f64(), found.to_scaled(5));
        }
        let _ = built_in().check(&text);
        // all units are copied for this
        if random(20) > 0 {
            continue;
        }
        let _ = built_in().with(&[Custom { name: "own", symbol: "o", definition: &text }]);
    }
}
