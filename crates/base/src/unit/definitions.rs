//! Definitions of the built-in units.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::expression;
use super::{Dimensions, Units};

/// Prefixes with their powers of ten; those that begin like another one stand before it.
pub(super) const PREFIXES: &[(&str, i32)] = &[
    ("quetta", 30),
    ("ronna", 27),
    ("yotta", 24),
    ("zetta", 21),
    ("exa", 18),
    ("peta", 15),
    ("tera", 12),
    ("giga", 9),
    ("mega", 6),
    ("kilo", 3),
    ("hecto", 2),
    ("deca", 1),
    ("deka", 1),
    ("deci", -1),
    ("centi", -2),
    ("milli", -3),
    ("micro", -6),
    ("nano", -9),
    ("pico", -12),
    ("femto", -15),
    ("atto", -18),
    ("zepto", -21),
    ("yocto", -24),
    ("da", 1),
    ("Q", 30),
    ("R", 27),
    ("Y", 24),
    ("Z", 21),
    ("E", 18),
    ("P", 15),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("K", 3),
    ("h", 2),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("µ", -6),
    ("μ", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
    ("a", -18),
    ("z", -21),
    ("y", -24),
];

/// Base units: names, and how many of the dimension's base (grams are thousandths of kilograms). Levels over a
/// reference are logarithms: they are compared among each other, and have nothing to do with other units.
const BASE: &[(&str, &str)] = &[
    ("meter metre m", "1"),
    ("gram gramme g", "1/1000"),
    ("second sec s", "1"),
    ("ampere amp A", "1"),
    ("kelvin Kelvin degK °K K", "1"),
    ("candela candle cd", "1"),
    ("mole mol", "1"),
    ("pixel dot px pel picture_element", "1"),
    ("decibel dB", "1"),
    ("decibelmilliwatt dBm", "1"),
    ("decibelvolt dBV", "1"),
    ("decibelmicrowatt dBu", "1"),
    ("decibelisotropic dBi", "1"),
    ("decibelcarrier dBc", "1"),
    ("decibelfullscale dBFS", "1"),
    ("decibelweighted dBA", "1"),
    ("octave oct", "1"),
];

/// The others: names, and the definition over those before. Names in `!` take no prefix.
const DERIVED: &[(&str, &str)] = &[
    // numbers
    ("!radian rad", "1"),
    ("steradian sr", "1"),
    ("!piece pcs pc", "1 radian/radian"),
    ("!each ea", "1 piece"),
    ("!count", "1 piece"),
    ("!pair", "2 piece"),
    ("!dozen dz", "12 piece"),
    ("!score", "20 piece"),
    ("!hundred", "100 piece"),
    ("!gross", "144 piece"),
    ("!thousand", "1000 piece"),
    ("!million", "1000000 piece"),
    ("!percent %", "1/100 piece"),
    ("!permille ‰", "1/1000 piece"),
    ("!ppm", "1e-6 piece"),
    ("!ppb", "1e-9 piece"),
    ("bit", "1 piece"),
    ("byte B octet", "8 bit"),
    ("kibibit Kibit", "1024 bit"),
    ("mebibit Mibit", "1024 kibibit"),
    ("kibibyte KiB", "1024 byte"),
    ("mebibyte MiB", "1024 kibibyte"),
    ("gibibyte GiB", "1024 mebibyte"),
    ("tebibyte TiB", "1024 gibibyte"),
    ("baud Bd", "1 bit/second"),
    // angles
    ("!pi π", "3.14159265358979323846264338327950288 piece"),
    ("!degree deg arcdeg ° arcdegree", "pi/180"),
    ("!arcminute arcmin", "degree/60"),
    ("!arcsecond arcsec", "arcminute/60"),
    ("!turn revolution cycle", "2 pi"),
    ("!grade gon grad", "pi/200"),
    ("!mil", "pi/32000"),
    // length
    ("angstrom Å \u{212b} ångström", "1e-10 meter"),
    ("micron", "1e-6 meter"),
    ("!inch in international_inch", "254/10000 meter"),
    ("!inches", "1 inch"),
    ("!thou th mil_length", "1/1000 inch"),
    ("!microinch uin", "1/1000000 inch"),
    ("!foot ft feet international_foot", "12 inch"),
    ("!yard yd", "3 foot"),
    ("!mile mi", "1760 yard"),
    ("!nautical_mile nmi", "1852 meter"),
    ("!fathom", "7200/3937 meter"),
    ("!point pt", "1/72 inch"),
    ("!light_year ly", "9460730472580800 meter"),
    ("!astronomical_unit au", "149597870700 meter"),
    ("parsec", "30856775814913672.789 meter"),
    // area and volume
    ("are", "100 meter^2"),
    ("!hectare ha", "10000 meter^2"),
    ("!acre", "62726400000/15499969 meter^2"),
    ("!circular_mil cmil", "pi/4 thou^2"),
    ("liter litre l L ℓ", "1/1000 meter^3"),
    ("!cc", "1e-6 meter^3"),
    ("!gallon gal US_gallon", "231 inch^3"),
    ("!quart qt", "gallon/4"),
    ("!pint", "gallon/8"),
    ("!cup", "gallon/16"),
    ("!fluid_ounce floz fl_oz", "gallon/128"),
    ("!tablespoon tbsp", "fluid_ounce/2"),
    ("!teaspoon tsp", "tablespoon/3"),
    ("!imperial_gallon UK_gallon", "4.54609 liter"),
    ("!imperial_pint UK_pint", "imperial_gallon/8"),
    ("!barrel bbl", "63/2 gallon"),
    // time
    ("!minute min", "60 second"),
    ("hour hr h", "60 minute"),
    ("!day d", "24 hour"),
    ("!week", "7 day"),
    ("!fortnight", "14 day"),
    ("!year yr julian_year", "365.25 day"),
    ("!month", "year/12"),
    ("!decade", "10 year"),
    ("!century", "100 year"),
    ("hertz Hz", "1/second"),
    ("!rpm revolutions_per_minute", "turn/minute"),
    // mass
    ("tonne t metric_ton", "1000000 gram"),
    ("!carat ct", "1/5 gram"),
    ("!grain gr", "0.06479891 gram"),
    ("!pound lb lbs avoirdupois_pound", "453.59237 gram"),
    ("!ounce oz", "pound/16"),
    ("!troy_ounce ozt toz", "480 grain"),
    ("!stone", "14 pound"),
    ("!short_ton ton US_ton", "2000 pound"),
    ("!long_ton UK_ton", "2240 pound"),
    ("!slug", "pound * 9.80665 meter / foot"),
    ("dalton Da", "1.66053906660e-24 gram"),
    // motion, force, pressure
    ("!kph kmh", "1000 meter/hour"),
    ("!mph", "mile/hour"),
    ("!knot kt", "nautical_mile/hour"),
    ("!standard_gravity g_0 gravity", "9.80665 meter/second^2"),
    ("newton N", "1000 gram meter/second^2"),
    ("dyne dyn", "1e-5 newton"),
    ("!pound_force lbf", "pound standard_gravity"),
    ("!ounce_force ozf", "ounce standard_gravity"),
    ("!kilogram_force kgf kilopond", "1000 gram standard_gravity"),
    ("!gram_force gf", "gram standard_gravity"),
    ("pascal Pa", "newton/meter^2"),
    ("bar", "100000 pascal"),
    ("!atmosphere atm", "101325 pascal"),
    ("torr", "atmosphere/760"),
    ("!millimeter_Hg mmHg", "133.322387415 pascal"),
    ("!psi pound_force_per_square_inch", "pound_force/inch^2"),
    ("!ksi", "1000 psi"),
    ("poise P", "1/10 pascal second"),
    ("stokes St", "1e-4 meter^2/second"),
    // energy and power
    ("joule J", "newton meter"),
    ("!foot_pound ft_lb", "foot pound_force"),
    ("calorie cal", "4.184 joule"),
    ("!btu Btu BTU", "1055.056 joule"),
    ("electron_volt eV", "1.602176634e-19 joule"),
    ("erg", "1e-7 joule"),
    ("watt W", "joule/second"),
    ("watt_hour Wh watthour", "watt hour"),
    ("!horsepower hp", "550 foot pound_force/second"),
    ("!metric_horsepower PS", "75 kilogram_force meter/second"),
    ("var", "1 watt"),
    ("volt_ampere VA", "1 watt"),
    // electricity and magnetism
    ("coulomb C", "ampere second"),
    ("ampere_hour Ah", "ampere hour"),
    ("volt V", "watt/ampere"),
    ("ohm Ω \u{2126} R", "volt/ampere"),
    ("siemens S mho", "ampere/volt"),
    ("farad F", "coulomb/volt"),
    ("weber Wb", "volt second"),
    ("henry H henries", "weber/ampere"),
    ("tesla T", "weber/meter^2"),
    ("gauss G", "1e-4 tesla"),
    ("maxwell Mx", "1e-8 weber"),
    ("oersted Oe", "1000/(4 pi) ampere/meter"),
    // light, radiation, chemistry
    ("lumen lm", "candela steradian"),
    ("lux lx", "lumen/meter^2"),
    ("nit", "candela/meter^2"),
    ("!foot_candle fc", "lumen/foot^2"),
    ("becquerel Bq", "1/second"),
    ("curie Ci", "3.7e10 becquerel"),
    ("gray Gy", "joule/(1000 gram)"),
    ("sievert Sv", "joule/(1000 gram)"),
    ("roentgen röntgen", "2.58e-4 coulomb/(1000 gram)"),
    ("katal kat", "mole/second"),
    ("molar M", "mole/liter"),
    ("diopter dpt", "1/meter"),
    // temperature differences, textiles, screens
    ("delta_degree_Celsius delta_degC", "1 kelvin"),
    ("!delta_degree_Fahrenheit delta_degF", "5/9 kelvin"),
    ("!rankine degR degree_Rankine", "5/9 kelvin"),
    ("tex Tt", "gram/(1000 meter)"),
    ("!denier den", "gram/(9000 meter)"),
    ("!dpi dots_per_inch ppi PPI DPI", "pixel/inch"),
    ("neper Np", "8.68588963806503655302257837833210164588794 decibel"),
    ("bps", "1 bit/second"),
    ("Nm", "1 newton meter"),
    ("!cfm", "1 foot^3/minute"),
    ("!cfs", "1 foot^3/second"),
    ("!gpm", "1 gallon/minute"),
    ("!gph", "1 gallon/hour"),
];

/// Scales whose zero is elsewhere: names, size of a degree in a unit, and their zero in it.
const SCALES: &[(&str, &str, &str, &str)] = &[
    ("degree_Celsius celsius Celsius degC degreeC °C", "1", "kelvin", "273.15"),
    ("degree_Fahrenheit fahrenheit Fahrenheit degF degreeF °F", "5/9", "kelvin", "45967/180"),
    ("degree_Reaumur degree_Réaumur reaumur réaumur degRe degreeRe °Re", "5/4", "kelvin", "273.15"),
    ("decibelwatt dBW", "1", "dBm", "30"),
    ("decibelmillivolt dBmV", "1", "dBV", "-60"),
    ("decibelmicrovolt dBµV dBuV dBμV", "1", "dBV", "-120"),
];

/// Further units: names (behind `!` without prefixes), and what one is in others; a line each, made from the
/// units that Pint knows.
const MORE: &str = include_str!("more.tsv");

pub(super) fn integer(number: i64) -> BigRational {
    BigRational::from_integer(BigInt::from(number))
}

pub(super) fn power_of_ten(power: i32) -> BigRational {
    let size = BigInt::from(10).pow(power.unsigned_abs());
    if power < 0 { BigRational::new(BigInt::one(), size) } else { BigRational::from_integer(size) }
}

/// Reads the definitions above. One that cannot be read is left out; a test sees that there is none.
pub(super) fn read() -> Units {
    let mut units = Units::default();
    let number = |units: &Units, text: &str| expression::evaluate(units, text).ok();
    for (dimension, (names, size)) in BASE.iter().enumerate() {
        let names: Vec<&str> = names.split(' ').collect();
        let Some(mut value) = number(&units, size) else { continue };
        let mut dimensions = Dimensions::default();
        dimensions[dimension] = 12;
        value.dimensions = dimensions;
        units.add(&names, value, BigRational::zero(), true);
    }
    let more = MORE.lines().filter_map(|line| line.split_once('\t'));
    for (names, definition) in DERIVED.iter().copied().chain(more) {
        let prefixes = !names.starts_with('!');
        let names: Vec<&str> = names.trim_start_matches('!').split(' ').collect();
        let Some(value) = number(&units, definition) else { continue };
        units.add(&names, value, BigRational::zero(), prefixes);
    }
    for (names, size, unit, zero) in SCALES {
        let names: Vec<&str> = names.split(' ').collect();
        let value = number(&units, &format!("{size} {unit}"));
        let (Some(value), Some(zero)) = (value, number(&units, zero)) else { continue };
        units.add(&names, value, zero.value, false);
    }
    units
}

/// How many units the definitions describe.
#[cfg(test)]
pub(super) fn described() -> usize {
    BASE.len() + DERIVED.len() + MORE.lines().count() + SCALES.len()
}
