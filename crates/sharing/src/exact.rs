//! The exact place of an object that is shown coarsely: written for one recipient, read and held against what everybody reads.

use detente_records::act::ExactPlace;
use detente_records::act::edition::CellSize;
use detente_records::act::exact_place::{ExactPlaceForm, PlaceReading};
use detente_records::standoff::ACCURACY_UNSTATED_M;
use detente_records::{HolderId, ProtectedObject, RecordId};
use detente_spacetime::{GeoBox, Position};

use crate::coarsen::{HALF, QUARTER, cell_of, degrees, units};
use crate::padding;
use crate::reading::{ReadFault, members};
use crate::sealing::Opened;

/// The least rim is the cell divided by this: wide enough for nearly every object, so that nearly all of a cell show the same.
const RIM_PARTS: i64 = 8;

/// What the act says that brought an exact place, and how everybody reads the object.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedPlace<'a> {
    /// The object.
    pub object: &'a RecordId,
    /// The version released.
    pub version: u32,
    /// Who notified it.
    pub originator: &'a HolderId,
    /// Whom it is sealed for.
    pub recipient: &'a HolderId,
    /// The area that everybody reads; none when the version is not on record any more.
    pub shown: Option<&'a ProtectedObject>,
}

/// Writes an exact place for its recipient; none when it is longer than anything that is sealed.
///
/// Its length says nothing: nearly all fit into [`PLACE_BYTES`](crate::PLACE_BYTES).
pub fn exact_payload(place: &ExactPlace, recipient: &HolderId) -> Option<Vec<u8>> {
    let mut place = place.clone();
    place.form = ExactPlaceForm::V1;
    place.recipient = recipient.clone();
    padding::padded_place(place.to_json().to_string().into_bytes())
}

/// Reads an exact place that was opened.
///
/// # Errors
///
/// [`ReadFault`]: the sender sealed something else than its act says, or a place outside the area that everybody reads, which
/// therefore protects nothing.
pub fn read_exact(opened: &Opened, expected: &ExpectedPlace<'_>) -> Result<ExactPlace, ReadFault> {
    let (place, problems) = ExactPlace::parse("exact place", &members(&opened.payload)?);
    let place = place.ok_or_else(|| ReadFault::Form(problems.to_string()))?;
    let is_other = [
        (place.object != *expected.object, "object"),
        (place.version != expected.version, "version"),
        (place.originator != *expected.originator, "originator"),
        (place.recipient != *expected.recipient, "recipient"),
    ];
    if let Some((_, what)) = is_other.iter().find(|(is_other, _)| *is_other) {
        return Err(ReadFault::Other(what));
    }
    let is_held = |shown: &&ProtectedObject| lies_in(place.feature.record(), shown);
    match expected.shown.filter(|shown| !is_held(shown)) {
        Some(_) => Err(ReadFault::OutsideItsArea),
        None => Ok(place),
    }
}

/// Writes that somebody read an exact place, for whoever notified the object; none when it is longer than anything that is
/// sealed.
pub fn reading_payload(reading: &PlaceReading) -> Option<Vec<u8>> {
    padding::padded_place(reading.to_json().to_string().into_bytes())
}

/// Reads that somebody read an exact place, which was opened.
///
/// # Errors
///
/// [`ReadFault`]: it is of another holder's node, or for somebody else.
pub fn read_reading(
    opened: &Opened,
    (holder, originator): (&HolderId, &HolderId),
) -> Result<PlaceReading, ReadFault> {
    let members = members(&opened.payload)?;
    let (reading, problems) = PlaceReading::parse("reading", &members);
    let reading = reading.ok_or_else(|| ReadFault::Form(problems.to_string()))?;
    match (reading.holder == *holder, reading.originator == *originator) {
        (true, true) => Ok(reading),
        (false, _) => Err(ReadFault::Other("holder")),
        (true, false) => Err(ReadFault::Other("originator")),
    }
}

/// The ring of the area that an object is shown by, as GeoJSON draws it; edges follow parallels.
///
/// It is the cell of the object's middle with a rim all around: an eighth of the cell, doubled as often as it takes to hold the
/// object wherever in the cell its middle lies and its accuracy lets it stand. So the area tells the cell, and how large the
/// object is to within the double, and nothing of where in the cell it stands. The cells that an object reaches into would tell
/// the border that it stands at.
///
/// None for what no such area holds: beyond 88° of latitude, where a cell is a whole row, and for half the Earth.
pub fn area_around(bounds: &GeoBox, accuracy_m: f64, size: CellSize) -> Option<Vec<[f64; 2]>> {
    let held = bounds.expanded(accuracy_m);
    let (south_deg, north_deg) = (held.south_deg(), held.north_deg());
    let west_deg = held.rects().next()?.west_deg;
    let width_deg: f64 = held.rects().map(|rect| rect.east_deg - rect.west_deg).sum();
    let middle_deg = f64::midpoint(west_deg, west_deg + width_deg);
    let turns = if middle_deg > 180.0 { 1.0 } else { 0.0 };
    let middle_deg = middle_deg - 360.0 * turns;
    let middle = Position::new(f64::midpoint(south_deg, north_deg), middle_deg).ok()?;
    let cell = cell_of(middle, size);
    let (south, west) = (units(cell.south_deg), units(cell.west_deg));
    let (north, east) = (units(cell.north_deg), units(cell.east_deg));
    let (height, width) = (north - south, east - west);
    // A unit more on every side for what was rounded.
    let reach_north = units((north_deg - south_deg) / 2.0) + 1;
    let reach_east = units(width_deg / 2.0) + 1;
    let mut parts = 1;
    while parts * height < reach_north * RIM_PARTS || parts * width < reach_east * RIM_PARTS {
        parts *= 2;
    }
    let (rim_north, rim_east) = (parts * height / RIM_PARTS, parts * width / RIM_PARTS);
    let (south, north) = (south - rim_north, north + rim_north);
    let (west, width) = (west - rim_east, width + 2 * rim_east);
    if south <= -QUARTER || north >= QUARTER || width >= HALF {
        return None;
    }
    let around = |longitude: i64| degrees((longitude + HALF).rem_euclid(2 * HALF) - HALF);
    let (west, east) = (around(west), around(west + width));
    let (south, north) = (degrees(south), degrees(north));
    Some(vec![
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
    ])
}

/// Whether an object, wherever its accuracy lets it stand, lies in the area it is shown by: the box around it does, corner by
/// corner. An area made for an object holds the box.
pub fn lies_in(exact: &ProtectedObject, shown: &ProtectedObject) -> bool {
    let accuracy_m = exact.accuracy_m.unwrap_or(ACCURACY_UNSTATED_M);
    let held = exact.volume.footprint.bounds().expanded(accuracy_m);
    held.rects().all(|rect| {
        let corners = [
            (rect.south_deg, rect.west_deg),
            (rect.south_deg, rect.east_deg),
            (rect.north_deg, rect.west_deg),
            (rect.north_deg, rect.east_deg),
        ];
        corners.into_iter().all(|(latitude_deg, longitude_deg)| {
            Position::new(latitude_deg, longitude_deg)
                .is_ok_and(|corner| shown.volume.footprint.contains(corner))
        })
    })
}
