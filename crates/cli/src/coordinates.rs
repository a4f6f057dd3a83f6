//! Places, heights, distances and times in the words of people who fly.

use detente_spacetime::{Instant, Span, Window};

/// Feet in a metre.
const FEET_IN_METRE: f64 = 1.0 / 0.3048;

/// Writes a place as charts and radios do: degrees and decimal minutes, latitude first.
pub(crate) fn position(longitude_deg: f64, latitude_deg: f64) -> String {
    format!(
        "{} {}",
        angle(latitude_deg, 2, ["N", "S"]),
        angle(longitude_deg, 3, ["E", "W"])
    )
}

/// One angle: `36°08.35′N`.
fn angle(value_deg: f64, digits: usize, [positive, negative]: [&str; 2]) -> String {
    let hundredths = (value_deg.abs() * 6000.0).round();
    let (degrees, minutes) = ((hundredths / 6000.0).floor(), (hundredths % 6000.0) / 100.0);
    let side = if value_deg < 0.0 && hundredths > 0.0 {
        negative
    } else {
        positive
    };
    format!("{degrees:0digits$}°{minutes:05.2}′{side}")
}

/// Writes a distance with the digits that matter: `0.85 m`, `120 m`, `4.3 km`.
pub(crate) fn distance(metres: f64) -> String {
    if metres < 10.0 {
        format!("{metres:.2} m")
    } else if metres < 1_000.0 {
        format!("{metres:.0} m")
    } else if metres < 100_000.0 {
        format!("{:.1} km", metres / 1_000.0)
    } else {
        format!("{} km", grouped(metres / 1_000.0))
    }
}

/// Writes heights above the ellipsoid: `1 200 to 3 050 m (3 900 to 10 000 ft)`.
pub(crate) fn heights(lower_m: f64, upper_m: f64) -> String {
    let feet = |metres: f64| grouped((metres * FEET_IN_METRE / 100.0).round() * 100.0);
    if upper_m.is_finite() {
        format!(
            "{} to {} m ({} to {} ft)",
            grouped(lower_m),
            grouped(upper_m),
            feet(lower_m),
            feet(upper_m)
        )
    } else {
        format!("{} m ({} ft) or more", grouped(lower_m), feet(lower_m))
    }
}

/// Writes a stretch of time, the date once when both ends share it.
pub(crate) fn stretch(start: Instant, end: Option<Instant>) -> String {
    let from = moment(start);
    match end {
        None => format!("{from} until further notice"),
        Some(end) => {
            let to = moment(end);
            let same_day = from.get(..10) == to.get(..10);
            let to = if same_day {
                to.get(11..).unwrap_or(&to)
            } else {
                to.as_str()
            };
            format!("{from} to {to}")
        }
    }
}

/// Writes a window as [`stretch`] does.
pub(crate) fn window(window: &Window) -> String {
    stretch(window.start(), window.end())
}

/// Writes an instant without its idle parts: `2016-09-12 16:00Z`.
pub(crate) fn moment(instant: Instant) -> String {
    let text = instant.to_string().replacen('T', " ", 1);
    match text.strip_suffix(":00Z") {
        Some(minute) if minute.len() == 16 => format!("{minute}Z"),
        _ => text,
    }
}

/// Writes a duration.
pub(crate) fn duration(span: Span) -> String {
    span.to_string()
}

/// Writes a whole number in groups of three.
pub(crate) fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    if value.round() < 0.0 {
        text.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_in_degrees_and_minutes() {
        assert_eq!(position(36.825, 36.1391), "36°08.35′N 036°49.50′E");
        assert_eq!(position(-179.999_99, -0.000_01), "00°00.00′N 180°00.00′W");
        assert_eq!(position(0.0, -89.5), "89°30.00′S 000°00.00′E");
    }

    #[test]
    fn distances_keep_the_digits_that_matter() {
        let written: Vec<String> = [0.013, 9.994, 840.4, 4_321.0, 1_234_567.0]
            .map(distance)
            .into();
        assert_eq!(written, ["0.01 m", "9.99 m", "840 m", "4.3 km", "1 235 km"]);
    }

    #[test]
    fn heights_are_given_in_metres_and_feet() {
        assert_eq!(heights(-12.0, 3_048.0), "−12 to 3 048 m (0 to 10 000 ft)");
        assert_eq!(
            heights(1_200.0, f64::INFINITY),
            "1 200 m (3 900 ft) or more"
        );
    }

    #[test]
    fn times_leave_out_what_is_said_already() {
        let at = |text: &str| Instant::parse_rfc3339(text).unwrap();
        let start = at("2016-09-12T16:00:00Z");
        assert_eq!(
            stretch(start, Some(at("2016-09-12T18:30:00.5Z"))),
            "2016-09-12 16:00Z to 18:30:00.5Z"
        );
        assert_eq!(
            stretch(start, Some(at("2016-09-13T00:00:00Z"))),
            "2016-09-12 16:00Z to 2016-09-13 00:00Z"
        );
        assert_eq!(
            stretch(start, None),
            "2016-09-12 16:00Z until further notice"
        );
    }
}
