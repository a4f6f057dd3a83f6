/** Measuring on the map: lengths and bearings along geodesics, and the surface of what is enclosed. */
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent } from 'maplibre-gl';
import { between, densified, lengthOf, surface } from './geodesy';
import type { Place } from './coordinates';

export class Measure {
  isOn: boolean = $state(false);
  points: Place[] = $state.raw([]);
  readonly length = $derived(lengthOf(this.points));
  readonly bearing = $derived(this.points.length > 1 ? between(this.points.at(-2)!, this.points.at(-1)!).bearing : null);
  readonly surface = $derived(this.points.length > 2 ? surface(this.points) : null);
  #map: MapLibre | null = null;

  attach(map: MapLibre): void {
    this.#map = map;
    map.addSource('measure', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
    map.addLayer({ id: 'measure-line', type: 'line', source: 'measure', paint: { 'line-color': '#d95f00', 'line-width': 2.5, 'line-dasharray': [2, 1] } });
    map.addLayer({ id: 'measure-point', type: 'circle', source: 'measure', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 4, 'circle-color': '#ffffff', 'circle-stroke-color': '#d95f00', 'circle-stroke-width': 2 } });
  }

  start(): void {
    this.isOn = true;
    this.#put([]);
    const map = this.#map;
    if (map) map.getCanvas().style.cursor = 'crosshair';
  }

  stop(): void {
    this.isOn = false;
    this.#put([]);
    const map = this.#map;
    if (map) map.getCanvas().style.cursor = '';
  }

  click(event: MapMouseEvent): void {
    this.add([event.lngLat.lng, event.lngLat.lat]);
  }

  addCentre(): void {
    const centre = this.#map?.getCenter();
    if (centre) this.add([centre.lng, centre.lat]);
  }

  add(place: Place): void {
    this.#put([...this.points, place]);
  }

  undo(): void {
    this.#put(this.points.slice(0, -1));
  }

  #put(points: Place[]): void {
    this.points = points;
    const source = this.#map?.getSource<GeoJSONSource>('measure');
    source?.setData({
      type: 'FeatureCollection',
      features: [
        { type: 'Feature', geometry: { type: 'LineString', coordinates: densified(points) }, properties: {} },
        ...points.map((point) => ({ type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: point }, properties: {} })),
      ],
    });
  }
}
