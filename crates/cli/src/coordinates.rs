//! Places, heights, distances and times in the words of people who fly.

use detente_spacetime::{Instant, Span, Window};

/// Feet in a metre.
const FEET_IN_METRE: f64 = 1.0 / 0.3048;
/// Heights are told in steps of so many feet.
const FEET_STEP: f64 = 10.0;

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

/// Writes a distance as [`distance`] does, rounded up: what has to be kept is never told as less.
pub(crate) fn distance_up(metres: f64) -> String {
    // What is no more than the rounding of binary numbers above a step is on it.
    let up = |value: f64, step: f64| ((value / step - 1e-9).ceil() * step).max(0.0);
    let step_m = match metres {
        _ if metres < 10.0 => 0.01,
        _ if metres < 1_000.0 => 1.0,
        _ if metres < 100_000.0 => 100.0,
        _ => 1_000.0,
    };
    distance(up(metres, step_m))
}

/// Writes heights above the ellipsoid, rounded outward: `1 200 to 3 050 m (3 930 to 10 010 ft)`.
pub(crate) fn heights(lower_m: f64, upper_m: f64) -> String {
    // A tenth of a millimetre is rounding, and no reason for another step.
    const SLACK_M: f64 = 1e-4;
    let down = |value: f64, step: f64| grouped((value / step).floor() * step);
    let up = |value: f64, step: f64| grouped((value / step).ceil() * step);
    let lower = down(lower_m + SLACK_M, 1.0);
    let lower_ft = down((lower_m + SLACK_M) * FEET_IN_METRE, FEET_STEP);
    if upper_m.is_finite() {
        let upper = up(upper_m - SLACK_M, 1.0);
        let upper_ft = up((upper_m - SLACK_M) * FEET_IN_METRE, FEET_STEP);
        format!("{lower} to {upper} m ({lower_ft} to {upper_ft} ft)")
    } else {
        format!("{lower} m ({lower_ft} ft) or more")
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
        assert_eq!(heights(-12.0, 3_048.0), "−12 to 3 048 m (−40 to 10 000 ft)");
        assert_eq!(
            heights(1_200.0, f64::INFINITY),
            "1 200 m (3 930 ft) or more"
        );
    }

    #[test]
    fn heights_are_rounded_outward() {
        assert_eq!(heights(105.0, 105.0), "105 to 105 m (340 to 350 ft)");
        assert_eq!(heights(104.6, 105.2), "104 to 106 m (340 to 350 ft)");
        assert_eq!(heights(0.0, 0.3), "0 to 1 m (0 to 10 ft)");
        for feet in 0..2_000 {
            let metres = f64::from(feet) * 10.0 * 0.3048;
            let told = grouped(f64::from(feet) * 10.0);
            let written = heights(metres, metres);
            assert!(
                written.ends_with(&format!("({told} to {told} ft)")),
                "{written}"
            );
        }
    }

    #[test]
    fn what_has_to_be_kept_is_rounded_up() {
        let written: Vec<String> = [
            0.001, 9.981, 9.999, 840.4, 971.0, 1_001.0, 1_100.0, 123_001.0,
        ]
        .map(distance_up)
        .into();
        assert_eq!(
            written,
            [
                "0.01 m", "9.99 m", "10 m", "841 m", "971 m", "1.1 km", "1.1 km", "124 km"
            ]
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
