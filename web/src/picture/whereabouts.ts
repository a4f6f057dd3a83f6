/** Where a map looks, as an address carries it: `37.1550,36.2021,8.30`. */
import type { Place } from '../map/coordinates';

export interface Whereabouts {
  center: Place;
  zoom: number;
}

/** As far as a map can be zoomed by anything. */
const ZOOM_MAX = 24;

export function writeView({ center, zoom }: Whereabouts): string {
  return `${center[0].toFixed(4)},${center[1].toFixed(4)},${zoom.toFixed(2)}`;
}

/** Null when an address says no place that a map can look at. */
export function readView(text: string | null): Whereabouts | null {
  const [longitude, latitude, zoom, ...more] = (text ?? '').split(',').map((word) => (word.trim() === '' ? NaN : Number(word)));
  if (longitude === undefined || latitude === undefined || zoom === undefined || more.length > 0) return null;
  const isPlace = Number.isFinite(longitude) && Math.abs(latitude) <= 90 && zoom >= 0 && zoom <= ZOOM_MAX;
  return isPlace ? { center: [longitude, latitude], zoom } : null;
}
