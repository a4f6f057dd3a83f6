/** Drawing polygons, circles and corridors with terra-draw, and showing what was drawn. */
import type { Feature, Geometry, LineString, Polygon } from 'geojson';
import { MercatorCoordinate, type GeoJSONSource, type Map as MapLibre } from 'maplibre-gl';
import { TerraDraw, TerraDrawCircleMode, TerraDrawLineStringMode, TerraDrawPolygonMode } from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';
import type { Shape } from '../operations/draft';
import type { Place } from './coordinates';
import { circle, densified } from './geodesy';

export type Tool = Shape['type'];
const MODES: Record<Tool, string> = { polygon: 'polygon', circle: 'circle', corridor: 'linestring' };

export class Drawing {
  #draw: TerraDraw | null = null;
  #tool: Tool | null = null;
  #width = 0;

  constructor(
    private readonly map: MapLibre,
    private readonly colour: string,
    private readonly listener: { changed: (shape: Shape) => void; finished: (shape: Shape) => void },
  ) {
    map.addSource('draft', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
    map.addLayer({ id: 'draft-fill', type: 'fill', source: 'draft', paint: { 'fill-color': colour, 'fill-opacity': 0.22 } });
    map.addLayer({ id: 'draft-line', type: 'line', source: 'draft', paint: { 'line-color': colour, 'line-width': 3 } });
  }

  /** Begins to draw; `width` is what a corridor extends to each side. */
  start(tool: Tool, width: number): void {
    this.stop();
    this.#tool = tool;
    this.#width = width;
    const styles = { fillColor: this.colour, fillOpacity: 0.15, outlineColor: this.colour, outlineWidth: 2 } as const;
    const hex = styles as unknown as { fillColor: `#${string}`; fillOpacity: number; outlineColor: `#${string}`; outlineWidth: number };
    this.#draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map: this.map }),
      modes: [
        new TerraDrawPolygonMode({ styles: hex }),
        new TerraDrawCircleMode({ styles: hex }),
        new TerraDrawLineStringMode({ styles: { lineStringColor: this.colour as `#${string}`, lineStringWidth: 3 } }),
      ],
    });
    this.#draw.start();
    this.#draw.setMode(MODES[tool]);
    this.#draw.on('change', () => {
      const shape = this.#shape(false);
      if (shape) this.listener.changed(shape);
    });
    this.#draw.on('finish', () => {
      const shape = this.#shape(true);
      this.stop();
      if (shape) this.listener.finished(shape);
    });
  }

  get isDrawing(): boolean {
    return this.#draw !== null;
  }

  stop(): void {
    // terra-draw is told from inside its own event: it ends when that is over.
    const draw = this.#draw;
    this.#draw = null;
    if (draw) queueMicrotask(() => draw.stop());
  }

  /** Shows a shape that is drawn; `outline` is the exact one of the node, where it is known. */
  show(shape: Shape | null): void {
    const features: Feature[] = [];
    const add = (geometry: Geometry): number => features.push({ type: 'Feature', geometry, properties: {} });
    if (shape?.type === 'polygon' && shape.places.length > 1) add({ type: 'Polygon', coordinates: [densified([...shape.places, shape.places[0]!])] });
    if (shape?.type === 'circle' && shape.radius > 0) add({ type: 'Polygon', coordinates: [circle(shape.centre, shape.radius)] });
    if (shape?.type === 'corridor' && shape.places.length > 1) {
      add({ type: 'LineString', coordinates: densified(shape.places) });
      for (const place of shape.places) if (shape.halfWidth > 0) add({ type: 'Polygon', coordinates: [circle(place, shape.halfWidth, 48)] });
    }
    this.map.getSource<GeoJSONSource>('draft')?.setData({ type: 'FeatureCollection', features });
  }

  #shape(isFinished: boolean): Shape | null {
    const drawn = this.#draw?.getSnapshot().find((feature) => feature.properties['mode'] === MODES[this.#tool ?? 'polygon']);
    if (!drawn) return null;
    if (this.#tool === 'circle') return circleOf((drawn.geometry as Polygon).coordinates[0] as Place[], Number(drawn.properties['radiusKilometers']) * 1000);
    if (this.#tool === 'corridor') {
      const places = distinct((drawn.geometry as LineString).coordinates as Place[]);
      return places.length >= 2 ? { type: 'corridor', places, halfWidth: this.#width } : null;
    }
    const ring = distinct((drawn.geometry as Polygon).coordinates[0]?.slice(0, -1) as Place[]);
    return ring.length >= 3 || isFinished ? { type: 'polygon', places: ring } : null;
  }
}

/** Without points that fall on the one before. */
function distinct(places: Place[]): Place[] {
  return places.filter((place, index) => index === 0 || String(place) !== String(places[index - 1])).map(([x, y]) => [round(x), round(y)]);
}

/** Decimals of a drawn place: a tenth of a metre, finer than a hand. */
const round = (degrees: number): number => Number(degrees.toFixed(6));

/** The centre of a circle that terra-draw drew in the map's projection. */
function circleOf(ring: Place[], radius: number): Shape | null {
  if (!(radius > 0)) return null;
  const points = ring.map((place) => MercatorCoordinate.fromLngLat(place));
  const middle = (values: number[]): number => (Math.min(...values) + Math.max(...values)) / 2;
  const { lng, lat } = new MercatorCoordinate(middle(points.map(({ x }) => x)), middle(points.map(({ y }) => y))).toLngLat();
  return { type: 'circle', centre: [round(lng), round(lat)], radius: Math.round(radius) };
}
