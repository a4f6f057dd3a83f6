//! Degrees with decimals, and degrees with minutes and seconds.

use super::token::{Mark, Number, Side, Token, tokens};
use super::{Notation, NotationError, Stated, decimals};
use crate::position::Position;

/// The longest degree of latitude, at the poles, metres.
const LATITUDE_DEG_M: f64 = 111_694.0;
/// A degree of longitude at the equator, metres.
const LONGITUDE_DEG_M: f64 = 111_320.0;
/// Most decimals of a degree that are written: a tenth of a millimetre.
const DEGREE_DECIMALS_MAX: usize = 9;
/// Most decimals of a second that are written.
const SECOND_DECIMALS_MAX: usize = 5;
/// Digits of degrees before the decimal mark.
const DEGREE_DIGITS_MAX: usize = 3;

/// Reads two angles. A comma between digits separates them or marks decimals, whichever fits; if both do, the text is
/// refused with the two readings.
pub(super) fn read(plain: &str) -> Result<Stated, NotationError> {
    let separated = pair(plain);
    let Some(marked) = decimal_commas(plain) else {
        return separated;
    };
    match (separated, pair(&marked)) {
        (Ok(first), Ok(second)) if first.position != second.position => {
            Err(NotationError::Ambiguous { first, second })
        }
        (Ok(found), _) | (Err(_), Ok(found)) => Ok(found),
        (Err(NotationError::Unreadable), Err(error)) | (Err(error), Err(_)) => Err(error),
    }
}

/// The text with commas between digits as decimal marks; none when there are no such commas.
pub(super) fn decimal_commas(plain: &str) -> Option<String> {
    let characters: Vec<char> = plain.chars().collect();
    let is_digit = |index: Option<usize>| {
        let found = index.and_then(|index| characters.get(index));
        found.is_some_and(char::is_ascii_digit)
    };
    let mut is_changed = false;
    let changed = characters.iter().enumerate().map(|(index, character)| {
        let is_mark =
            *character == ',' && is_digit(index.checked_sub(1)) && is_digit(Some(index + 1));
        is_changed |= is_mark;
        if is_mark { '.' } else { *character }
    });
    let changed: String = changed.collect();
    is_changed.then_some(changed)
}

/// One angle.
#[derive(Clone, Copy, Debug)]
struct Angle {
    degrees: f64,
    side: Option<Side>,
    /// One unit of the last digit, degrees.
    unit_deg: f64,
    parts: usize,
}

fn pair(text: &str) -> Result<Stated, NotationError> {
    let tokens = tokens(text)?;
    let (first, second) = halves(&tokens)?;
    let (first, second) = (angle(first)?, angle(second)?);
    let (latitude, longitude) = match (first.side, second.side) {
        (None, None) => (first, second),
        (Some(one), Some(other)) => match (one.is_latitude(), other.is_latitude()) {
            (true, false) => (first, second),
            (false, true) => (second, first),
            (is_latitude, _) => {
                let axis = if is_latitude { "latitude" } else { "longitude" };
                return Err(NotationError::SameAxis { axis });
            }
        },
        _ => return Err(NotationError::OneHemisphere),
    };
    for (axis, angle, most) in [
        ("latitude", latitude, 90.0),
        ("longitude", longitude, 180.0),
    ] {
        if angle.degrees.abs() > most {
            let value = angle.degrees;
            return Err(NotationError::OutOfRange { axis, value });
        }
    }
    let position = Position::new(latitude.degrees, longitude.degrees)
        .map_err(|_| NotationError::Unreadable)?;
    // Spreadsheets drop noughts at the end, so that the finer of the two speaks for both.
    let unit_deg = latitude.unit_deg.min(longitude.unit_deg);
    let narrowing = latitude.degrees.to_radians().cos().abs();
    let precision_m = (unit_deg * LATITUDE_DEG_M).hypot(unit_deg * LONGITUDE_DEG_M * narrowing);
    Ok(Stated {
        position,
        notation: match first.parts.max(second.parts) {
            1 => Notation::Decimal,
            _ => Notation::Sexagesimal,
        },
        precision_m,
    })
}

/// Finds where the second angle begins: behind a separator, at its hemisphere, at its degrees, or in the middle.
fn halves(tokens: &[Token]) -> Result<(&[Token], &[Token]), NotationError> {
    let places = |wanted: fn(&Token) -> bool| -> Vec<usize> {
        let found = tokens.iter().enumerate();
        found
            .filter(|(_, token)| wanted(token))
            .map(|(index, _)| index)
            .collect()
    };
    let separators = places(|token| *token == Token::Separator);
    let sides = places(|token| matches!(token, Token::Side(_)));
    let degrees = places(|token| *token == Token::Mark(Mark::Degrees));
    let numbers = places(|token| matches!(token, Token::Number(_)));
    let cut = match (separators.as_slice(), sides.as_slice(), degrees.as_slice()) {
        ([separator], _, _) => {
            let (first, second) = tokens.split_at(*separator);
            return Ok((first, second.get(1..).unwrap_or_default()));
        }
        ([], [0, second], _) => *second,
        ([], [first, second], _) if second + 1 == tokens.len() => first + 1,
        ([], [_], _) => return Err(NotationError::OneHemisphere),
        ([], [], [_, second]) => second.checked_sub(1).ok_or(NotationError::Unreadable)?,
        ([], [], []) if numbers.len() % 2 == 0 => {
            let middle = numbers.get(numbers.len() / 2);
            *middle.ok_or(NotationError::Unreadable)?
        }
        _ => return Err(NotationError::Unreadable),
    };
    Ok(tokens.split_at(cut))
}

fn angle(tokens: &[Token]) -> Result<Angle, NotationError> {
    let (before, tokens) = match tokens {
        [Token::Side(side), rest @ ..] => (Some(*side), rest),
        _ => (None, tokens),
    };
    let (after, tokens) = match tokens {
        [rest @ .., Token::Side(side)] => (Some(*side), rest),
        _ => (None, tokens),
    };
    if before.is_some() && after.is_some() {
        return Err(NotationError::Unreadable);
    }
    let side = before.or(after);
    let mut numbers: Vec<Number> = Vec::new();
    let mut is_marked = false;
    for token in tokens {
        match token {
            Token::Number(number) => {
                numbers.push(number.clone());
                is_marked = false;
            }
            Token::Mark(mark) => {
                let expected = match numbers.len() {
                    1 => Some(Mark::Degrees),
                    2 => Some(Mark::Minutes),
                    3 => Some(Mark::Seconds),
                    _ => None,
                };
                if expected != Some(*mark) || std::mem::replace(&mut is_marked, true) {
                    return Err(NotationError::Unreadable);
                }
            }
            Token::Side(_) | Token::Separator => return Err(NotationError::Unreadable),
        }
    }
    if let ([only], Some(side)) = (numbers.as_slice(), side)
        && let Some(parts) = packed(only, side)
    {
        numbers = parts;
    }
    sum(&numbers, side)
}

/// Takes `361204N` apart: degrees, minutes and seconds without anything between them, as pilots write.
fn packed(number: &Number, side: Side) -> Option<Vec<Number>> {
    let degrees = if side.is_latitude() { 2 } else { 3 };
    let digits = number.whole.as_str();
    let minutes = digits.get(degrees..degrees + 2)?;
    let seconds = digits.get(degrees + 2..)?;
    let mut parts = vec![digits.get(..degrees)?, minutes];
    match seconds.len() {
        0 => {}
        2 => parts.push(seconds),
        _ => return None,
    }
    let last = parts.len() - 1;
    let fraction = number.value.fract();
    let parts = parts.into_iter().enumerate().map(|(index, digits)| {
        let whole: f64 = digits.parse().ok()?;
        let is_last = index == last;
        Some(Number {
            value: if is_last { whole + fraction } else { whole },
            whole: digits.to_owned(),
            decimals: if is_last { number.decimals } else { 0 },
            sign: number.sign.filter(|_| index == 0),
        })
    });
    parts.collect()
}

fn sum(numbers: &[Number], side: Option<Side>) -> Result<Angle, NotationError> {
    let (Some(first), Some(last), 1..=3) = (numbers.first(), numbers.last(), numbers.len()) else {
        return Err(NotationError::Unreadable);
    };
    if first.whole.len() > DEGREE_DIGITS_MAX {
        return Err(NotationError::Unreadable);
    }
    let inner = numbers.iter().rev().skip(1);
    if inner.clone().any(|number| number.decimals > 0) {
        return Err(NotationError::InnerDecimals);
    }
    let mut seconds = first.value * 3_600.0;
    let sixtieths = numbers
        .iter()
        .skip(1)
        .zip([("minutes", 60.0), ("seconds", 1.0)]);
    for (number, (part, weight)) in sixtieths {
        if number.sign.is_some() || number.whole.len() > 2 {
            return Err(NotationError::Unreadable);
        }
        if number.value >= 60.0 {
            let value = number.value;
            return Err(NotationError::Sixtieths { part, value });
        }
        seconds += number.value * weight;
    }
    if first.sign.is_some() && side.is_some() {
        return Err(NotationError::SignAndHemisphere);
    }
    // A whole number of degrees stays what it is: a division by 3600 of what was multiplied by it need not.
    let size = match numbers.len() {
        1 => first.value,
        _ => seconds / 3_600.0,
    };
    let is_negative = first.sign == Some(true) || side.is_some_and(Side::is_negative);
    let unit = match numbers.len() {
        1 => 1.0,
        2 => 1.0 / 60.0,
        _ => 1.0 / 3_600.0,
    };
    let digits = i32::try_from(last.decimals).map_err(|_| NotationError::Unreadable)?;
    Ok(Angle {
        degrees: if is_negative { -size } else { size },
        side,
        unit_deg: unit * 10_f64.powi(-digits),
        parts: numbers.len(),
    })
}

/// Writes `36.20124, 37.16117`.
pub(super) fn write_decimal(position: Position, fineness_m: f64) -> String {
    let digits = decimals(LATITUDE_DEG_M, fineness_m, DEGREE_DECIMALS_MAX);
    let written = |degrees: f64| {
        let text = format!("{degrees:.digits$}");
        // What rounds to nought has no sign.
        match text.strip_prefix('-') {
            Some(rest) if rest.chars().all(|digit| matches!(digit, '0' | '.')) => rest.to_owned(),
            _ => text,
        }
    };
    format!(
        "{}, {}",
        written(position.latitude_deg()),
        written(position.longitude_deg())
    )
}

/// Writes `36°12′04.5″N 037°09′40.2″E`.
pub(super) fn write_sexagesimal(position: Position, fineness_m: f64) -> String {
    let digits = decimals(LATITUDE_DEG_M / 3_600.0, fineness_m, SECOND_DECIMALS_MAX);
    format!(
        "{} {}",
        sexagesimal(position.latitude_deg(), 2, digits, ["N", "S"]),
        sexagesimal(position.longitude_deg(), 3, digits, ["E", "W"])
    )
}

fn sexagesimal(degrees: f64, width: usize, digits: usize, sides: [&str; 2]) -> String {
    let parts: u64 = 10_u64.pow(u32::try_from(digits).unwrap_or(0));
    // Counted in the smallest parts of a second, so that 59.96″ becomes a full minute and not 60.0″.
    // At most 648 000 seconds in a hundred thousand parts each.
    let count = (degrees.abs() * 3_600.0 * parts as f64).round() as u64;
    let (seconds, rest) = (count / parts, count % parts);
    let (whole, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let [positive, negative] = sides;
    let side = if degrees < 0.0 && count > 0 {
        negative
    } else {
        positive
    };
    let fraction = match digits {
        0 => String::new(),
        _ => format!(".{rest:0digits$}"),
    };
    format!("{whole:0width$}°{minutes:02}′{seconds:02}{fraction}″{side}")
}
