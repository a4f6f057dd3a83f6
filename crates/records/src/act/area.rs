//! Acts about areas and humanitarian pauses.

use super::feature::Drawn;
use super::member::acts;
use crate::area::Area;
use crate::local_text::LocalText;

acts! {
    /// See [`super::Kind::AreaEstablished`].
    AreaEstablished {
        /// The area.
        feature: Drawn<Area>,
    }

    /// See [`super::Kind::AreaChanged`].
    AreaChanged {
        /// Its new version.
        feature: Drawn<Area>,
        /// The number of that version; the first is 1.
        version: u32,
        /// Why.
        reason: Option<LocalText>,
    }

    /// See [`super::Kind::AreaCancelled`].
    AreaCancelled {
        /// Why.
        reason: LocalText,
    }

    /// See [`super::Kind::AreaChangeAgreed`].
    AreaChangeAgreed {
        /// The version agreed to; none for the end of the area.
        version: Option<u32>,
    }

    /// See [`super::Kind::AreaChangeDropped`].
    AreaChangeDropped {
        /// Why.
        reason: Option<LocalText>,
    }

    /// See [`super::Kind::PauseDeclared`].
    PauseDeclared {
        /// Where and when nobody enters.
        feature: Drawn<Area>,
        /// What for.
        purpose: LocalText,
    }
}
