//! The exact place of an object that is shown coarsely: written for one recipient, read and held against what everybody reads.

use detente_records::act::ExactPlace;
use detente_records::act::edition::CellSize;
use detente_records::act::exact_place::{ExactPlaceForm, PlaceReading};
use detente_records::standoff::ACCURACY_UNSTATED_M;
use detente_records::{HolderId, ProtectedObject, RecordId};
use detente_spacetime::{GeoBox, Position};

use crate::coarsen::cell_of;
use crate::padding;
use crate::reading::{ReadFault, members};
use crate::sealing::Opened;

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

/// The ring around the cells that hold a place wherever its accuracy lets it lie, as GeoJSON draws it; edges follow parallels.
///
/// None for a place without bounds.
pub fn cells_around(bounds: &GeoBox, accuracy_m: f64, size: CellSize) -> Option<[[f64; 2]; 5]> {
    let held = bounds.expanded(accuracy_m);
    let mut corners = held.rects().flat_map(|rect| {
        let south_west = Position::new(rect.south_deg, rect.west_deg);
        let north_east = Position::new(rect.north_deg, rect.east_deg);
        [south_west, north_east].into_iter().flatten()
    });
    let (low, high) = (corners.next()?, corners.next()?);
    let (low, high) = (cell_of(low, size), cell_of(high, size));
    let (south, west) = (low.south_deg, low.west_deg);
    let (north, east) = (high.north_deg, high.east_deg);
    Some([
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
    ])
}

/// Whether a ring of [`cells_around`] is one cell; the middle of several says where the border lies that the object is at.
pub fn is_one_cell(ring: &[[f64; 2]; 5], size: CellSize) -> bool {
    let [[west, south], _, [east, north], ..] = *ring;
    let middle = Position::new(f64::midpoint(south, north), f64::midpoint(west, east));
    middle.is_ok_and(|middle| {
        let cell = cell_of(middle, size);
        let sides = [
            (cell.west_deg, west),
            (cell.south_deg, south),
            (cell.east_deg, east),
            (cell.north_deg, north),
        ];
        let tiny_deg = 1e-9;
        sides
            .iter()
            .all(|(one, other)| (one - other).abs() < tiny_deg)
    })
}

/// Whether an object, wherever its accuracy lets it stand, lies in the area it is shown by: the box around it does, corner by
/// corner. Cells that hold an object hold the box.
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
