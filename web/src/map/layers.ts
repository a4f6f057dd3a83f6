/** How the features of the picture are drawn. Every kind differs by pattern or line beside its colour. */
import type { FeatureCollection, Position } from 'geojson';
import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import { label, mirrored, withoutRemarks } from '../language/harmless';
import { language } from '../language/language.svelte';
import { bounds, holdsAt, nameOf, type Feature } from '../picture/features.svelte';
import { toneOf } from '../parts/tone';
import type { Theme } from '../shell/theme.svelte';
import { BELOW_NAMES } from './basemap';
import { addPatterns } from './patterns';
import { symbolName, symbols } from './symbols';

export const CLASSES = ['area', 'keep_out', 'protected_object', 'movement', 'operation', 'event'] as const;
export type Class = (typeof CLASSES)[number];

/** Colours of what is drawn; each is told apart from its ground in both themes. */
export const COLOURS: Record<Theme, Record<string, string>> = {
  light: {
    designated_area: '#b3372b', concentrated: '#a11d33', significant: '#c2571a', possible: '#9a7d0a', prohibited_area: '#7b1fa2', restricted_operations_zone: '#5e35b1',
    no_fire_area: '#00796b', corridor: '#1565c0', demilitarised_zone: '#455a64', pause: '#00838f', loosened: '#b3161b', tightened: '#1b6b33', ground_changed: '#9a5b00',
    protected_object: '#0b57d0', keep_out: '#0b57d0', movement: '#1b7a3d', event: '#8d4a00',
    good: '#1b6b33', warn: '#9a5b00', bad: '#b3161b', calm: '#55606b', accent: '#0b4f8a', selection: '#d95f00', draft: '#6a1b9a', conflict: '#c2001d', track: '#0d3b66',
  },
  dark: {
    designated_area: '#ff8f80', concentrated: '#ff7d92', significant: '#ffa260', possible: '#e8cf5c', prohibited_area: '#d69cf0', restricted_operations_zone: '#b3a0f5',
    no_fire_area: '#5fd6c4', corridor: '#7db8ff', demilitarised_zone: '#a9bcc7', pause: '#62d3e0', loosened: '#ff8f8a', tightened: '#7ddc94', ground_changed: '#f5c969',
    protected_object: '#82b1ff', keep_out: '#82b1ff', movement: '#7ddc94', event: '#ffbe73',
    good: '#7ddc94', warn: '#f5c969', bad: '#ff8f8a', calm: '#b6c2cd', accent: '#7cc0f5', selection: '#ffb454', draft: '#d9a2ff', conflict: '#ff6b7d', track: '#9cd0ff',
  },
};

/** What the layers know of a feature. */
interface Drawn {
  key: string;
  subject: string;
  kind: string;
  tone: string;
  label: string;
  symbol: string;
  isNow: boolean;
}

/** Colour, pattern and line of a feature hang on this word. */
export function kindOf(feature: Feature): string {
  const { class: of, kind, more } = feature.properties;
  if (of === 'area') return kind === 'designated_area' ? (more.area_kind ?? 'designated_area') : kind;
  return of;
}

/** Names are made harmless only for the layers that write them: of fifty thousand that takes longer than drawing them. */
function source(features: readonly Feature[], at: number, { useAxis = false, isNamed = false } = {}): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: features.flatMap((feature) => {
      const geometry = useAxis ? (feature.properties.axis ?? null) : feature.geometry;
      if (!geometry) return [];
      const drawn: Drawn = {
        key: feature.id,
        subject: feature.properties.subject,
        kind: kindOf(feature),
        tone: toneOf(feature.properties.state ?? ''),
        label: isNamed ? mirrored(label(withoutRemarks(nameOf(feature)))) : '',
        symbol: symbolName(feature.properties.kind, Date.parse(feature.properties.start ?? '') > at),
        isNow: holdsAt(feature.properties, at),
      };
      return [{ type: 'Feature' as const, geometry, properties: drawn }];
    }),
  };
}

const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };

function colour(theme: Theme, key: 'kind' | 'tone'): ExpressionSpecification {
  const pairs = Object.entries(COLOURS[theme]).flat();
  return ['match', ['get', key], ...pairs, COLOURS[theme]['calm']] as unknown as ExpressionSpecification;
}

const faded = (now: number, then: number): ExpressionSpecification => ['case', ['get', 'isNow'], now, then];

/** The layers in the order they lie on each other, by the class that switches them. */
function layers(theme: Theme): (LayerSpecification & { class: Class | 'always' })[] {
  const own = COLOURS[theme];
  return [
    { class: 'area', id: 'area-fill', type: 'fill', source: 'area', paint: { 'fill-antialias': false, 'fill-color': colour(theme, 'kind'), 'fill-opacity': faded(0.13, 0.05) } },
    { class: 'area', id: 'area-hatch', type: 'fill', source: 'area', filter: ['get', 'isNow'], paint: { 'fill-antialias': false, 'fill-pattern': ['concat', `${theme}-`, ['get', 'kind']], 'fill-opacity': 0.55 } },
    { class: 'area', id: 'area-line', type: 'line', source: 'area', paint: { 'line-color': colour(theme, 'kind'), 'line-width': faded(1.8, 1), 'line-opacity': faded(1, 0.6) } },
    { class: 'keep_out', id: 'keep-out-fill', type: 'fill', source: 'keep_out', paint: { 'fill-color': own['keep_out'], 'fill-opacity': 0.1 } },
    { class: 'keep_out', id: 'keep-out-line', type: 'line', source: 'keep_out', paint: { 'line-color': own['keep_out'], 'line-width': 1.2, 'line-dasharray': [2, 2] } },
    { class: 'movement', id: 'movement-fill', type: 'fill', source: 'movement', paint: { 'fill-color': own['movement'], 'fill-opacity': faded(0.14, 0.05) } },
    { class: 'movement', id: 'movement-line', type: 'line', source: 'movement-axis', paint: { 'line-color': own['movement'], 'line-width': 2.4, 'line-opacity': faded(1, 0.6), 'line-dasharray': [1, 1] } },
    { class: 'operation', id: 'operation-fill', type: 'fill', source: 'operation', paint: { 'fill-antialias': false, 'fill-color': colour(theme, 'tone'), 'fill-opacity': faded(0.2, 0.08) } },
    { class: 'operation', id: 'operation-line', type: 'line', source: 'operation', paint: { 'line-color': colour(theme, 'tone'), 'line-width': faded(2.6, 1.4), 'line-dasharray': [5, 2] } },
    { class: 'always', id: 'track-way', type: 'line', source: 'track-ways', layout: { 'line-join': 'round' }, paint: { 'line-color': own['track'], 'line-width': 1.6, 'line-opacity': 0.85 } },
    { class: 'always', id: 'conflict-fill', type: 'fill', source: 'conflict', paint: { 'fill-color': own['conflict'], 'fill-opacity': 0.45 } },
    { class: 'always', id: 'conflict-line', type: 'line', source: 'conflict', paint: { 'line-color': own['conflict'], 'line-width': 3 } },
    { class: 'always', id: 'mark-point', type: 'circle', source: 'mark', paint: { 'circle-radius': 9, 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-color': own['selection'], 'circle-stroke-width': 3 } },
    { class: 'always', id: 'selection-line', type: 'line', source: 'selection', paint: { 'line-color': own['selection'], 'line-width': 4, 'line-opacity': 0.9 } },
    { class: 'always', id: 'selection-point', type: 'circle', source: 'selection', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 15, 'circle-color': own['selection'], 'circle-opacity': 0.35, 'circle-stroke-color': own['selection'], 'circle-stroke-width': 2 } },
    { class: 'operation', id: 'operation-point', type: 'circle', source: 'operation-middle', maxzoom: 8, paint: { 'circle-radius': 5, 'circle-color': colour(theme, 'tone'), 'circle-stroke-width': 1.5, 'circle-stroke-color': theme === 'dark' ? '#0c1218' : '#ffffff', 'circle-opacity': faded(1, 0.5) } },
    { class: 'always', id: 'operation-symbol', type: 'symbol', source: 'operation-middle', layout: { visibility: 'none', 'icon-image': ['get', 'symbol'], 'icon-allow-overlap': true } },
    { class: 'protected_object', id: 'protected-point', type: 'symbol', source: 'protected-axis', layout: { 'icon-image': `${theme}-protected`, 'icon-allow-overlap': true, 'icon-size': ['interpolate', ['linear'], ['zoom'], 5, 0.6, 9, 1] } },
    { class: 'event', id: 'event-point', type: 'symbol', source: 'event', layout: { 'icon-image': ['concat', `${theme}-`, ['get', 'kind']], 'icon-allow-overlap': true } },
    {
      class: 'always', id: 'feature-names', type: 'symbol', source: 'names-of', minzoom: 7.5,
      layout: { 'text-field': ['get', 'label'], 'text-font': ['Noto Sans'], 'text-size': 11.5, 'text-offset': [0, 1.3], 'text-anchor': 'top', 'text-optional': true, 'text-max-width': 11, 'text-padding': 4 },
      paint: { 'text-color': theme === 'dark' ? '#f2f6fa' : '#1b2732', 'text-halo-color': theme === 'dark' ? '#0c1218' : '#ffffff', 'text-halo-width': 1.5 },
    },
  ] as (LayerSpecification & { class: Class | 'always' })[];
}

/** More features than anybody tells apart at once. */
const CROWDED = 3_000;
/** From this zoom on the names, hatching and middles of a crowd can be told apart. */
const SINGLES_ZOOM = 10;
/** From this zoom on even many features are few enough in view to have outlines. */
const CROWDED_ZOOM = 9;
const OUTLINES = ['area-line', 'operation-line', 'keep-out-line'];
/** Layers of surfaces with their opacity far out, where they stand for their outlines too, and near. */
const SURFACES: [layer: string, far: number, near: ExpressionSpecification | number][] = [
  ['area-fill', 0.4, faded(0.13, 0.05)],
  ['operation-fill', 0.55, faded(0.2, 0.08)],
  ['keep-out-fill', 0.25, 0.1],
];

/**
 * What the first picture shows of a crowd: protected objects with what is kept clear of them, movements and events, and the
 * largest of the areas and operations; the rest is drawn right after it.
 */
function foremostOf(features: readonly Feature[]): Feature[] {
  const isMany = ({ properties }: Feature): boolean => properties.class === 'area' || properties.class === 'operation';
  const size = (feature: Feature): number => {
    const box = bounds([feature.geometry]);
    return box ? (box[2] - box[0]) * (box[3] - box[1]) : 0;
  };
  const bySize = features.filter(isMany).map((feature) => ({ feature, size: size(feature) })).sort((a, b) => b.size - a.size);
  return [...features.filter((feature) => !isMany(feature)).slice(0, CROWDED), ...bySize.slice(0, CROWDED).map(({ feature }) => feature)];
}

const SOURCES = ['area', 'keep_out', 'movement', 'movement-axis', 'operation', 'conflict', 'mark', 'selection', 'operation-middle', 'protected-axis', 'event', 'track-ways', 'names-of'];

/** Layers that answer to a click, the topmost first. */
export const CLICKABLE = ['event-point', 'protected-point', 'operation-point', 'movement-line', 'operation-line', 'operation-fill', 'movement-fill', 'area-line', 'area-fill', 'keep-out-fill'];

export class PictureLayers {
  #isCrowded = false;
  /** What is drawn whole once the first picture of it stands. */
  #later: readonly Feature[] | null = null;
  /** Puts the names and middles of a crowd on the map. */
  #whenClose: (() => void) | null = null;
  /** Whether operations are shown as symbols; null when the map is gone. */
  #wantsSymbols: boolean | null = false;
  #drawn: { features: readonly Feature[]; flags: Uint8Array; language: string } | null = null;

  /** Adds the layers with what is to be drawn first. */
  constructor(
    private readonly map: MapLibre,
    private theme: Theme,
    features: readonly Feature[] = [],
    at = 0,
  ) {
    map.once('remove', () => (this.#wantsSymbols = null));
    for (const name of ['light', 'dark'] as const) addPatterns(map, name, COLOURS[name]);
    const isCrowded = features.length > CROWDED;
    const foremost = isCrowded ? foremostOf(features) : features;
    const first = new Map(isCrowded ? this.#sources(foremost, at) : [...this.#sources(features, at), ...this.#singles(features, at)]);
    if (isCrowded) {
      // The rest follows when the first picture stands, unless something newer is drawn before.
      this.#later = features;
      map.once('idle', () => {
        const later = this.#later;
        this.#later = null;
        if (later) this.draw(later, at);
      });
    } else this.#differs(features, at);
    map.on('zoomend', () => {
      if (!this.#whenClose || map.getZoom() < SINGLES_ZOOM) return;
      this.#whenClose();
      this.#whenClose = null;
    });
    for (const name of SOURCES) map.addSource(name, { type: 'geojson', data: first.get(name) ?? EMPTY, tolerance: 0.5, buffer: 32 });
    for (const { class: _, ...layer } of layers(theme)) map.addLayer(layer as LayerSpecification, layer.id === 'feature-names' ? undefined : BELOW_NAMES);
    this.#thin(isCrowded);
  }

  /**
   * Draws these features as of an instant. Where there are very many, hatching and names would hide more than they show, and
   * outlines of a few pixels are drawn as surfaces alone: lines cost a software renderer several times as much.
   */
  draw(features: readonly Feature[], at: number): void {
    if (features === this.#later || !this.#differs(features, at)) return;
    this.#later = null;
    this.#thin(features.length > CROWDED);
    for (const [name, data] of this.#sources(features, at)) this.#put(name, data);
    this.#putSingles(features, at);
  }

  #putSingles(features: readonly Feature[], at: number): void {
    const put = (): void => {
      for (const [name, data] of this.#singles(features, at)) this.#put(name, data);
    };
    if (this.#isCrowded && this.map.getZoom() < SINGLES_ZOOM) this.#whenClose = put;
    else put();
  }

  #thin(isCrowded: boolean): void {
    if (isCrowded === this.#isCrowded) return;
    this.#isCrowded = isCrowded;
    for (const id of OUTLINES) this.map.setLayerZoomRange(id, isCrowded ? CROWDED_ZOOM : 0, 24);
    for (const [id, far, near] of SURFACES) this.map.setPaintProperty(id, 'fill-opacity', isCrowded ? ['step', ['zoom'], far, CROWDED_ZOOM, near] : near);
    for (const id of ['area-hatch', 'feature-names', 'operation-point']) this.map.setLayerZoomRange(id, isCrowded ? SINGLES_ZOOM : id === 'feature-names' ? 7.5 : 0, id === 'operation-point' ? (isCrowded ? SINGLES_ZOOM : 8) : 24);
  }

  #sources(features: readonly Feature[], at: number): [name: string, data: FeatureCollection][] {
    const of = (name: Class): Feature[] => features.filter((feature) => feature.properties.class === name);
    const [area, movement, operation, objects] = [of('area'), of('movement'), source(of('operation'), at), of('protected_object')];
    return [
      ['area', source(area, at)],
      ['keep_out', source(of('keep_out'), at)],
      ['movement', source(movement, at)],
      ['movement-axis', source(movement, at, { useAxis: true })],
      ['operation', operation],
      ['event', source(of('event'), at)],
      ['protected-axis', middles(source(objects, at, { useAxis: true }), source(objects.filter((object) => !object.properties.axis), at))],
    ];
  }

  /** What is drawn of single things, which in a crowd is seen from close by only, and then read only there. */
  #singles(features: readonly Feature[], at: number): [name: string, data: FeatureCollection][] {
    const operations = features.filter(({ properties }) => properties.class === 'operation');
    const named = features.filter(({ properties }) => properties.class !== 'keep_out' && properties.class !== 'event');
    return [
      ['operation-middle', middles(EMPTY, source(operations, at))],
      ['names-of', middles(EMPTY, source(named, at, { isNamed: true }))],
    ];
  }

  /** Whether anything is drawn otherwise than it was: most minutes bring nothing new. */
  #differs(features: readonly Feature[], at: number): boolean {
    const flags = Uint8Array.from(features, ({ properties }) => Number(holdsAt(properties, at)) | (Number(Date.parse(properties.start ?? '') > at) << 1));
    const before = this.#drawn;
    this.#drawn = { features, flags, language: language.locale };
    return before?.language !== language.locale || before.features.length !== features.length || features.some((feature, index) => feature !== before.features[index] || flags[index] !== before.flags[index]);
  }

  select(features: readonly Feature[]): void {
    this.#put('selection', source(features, 0));
  }

  /** Shows the ways that tracks took, from place to place as they were observed. */
  ways(ways: readonly Position[][]): void {
    this.#put('track-ways', { type: 'FeatureCollection', features: ways.filter((way) => way.length > 1).map((coordinates) => ({ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: {} })) });
  }

  /** Marks a place that was searched for. */
  mark(place: [number, number] | null): void {
    this.#put('mark', place ? { type: 'FeatureCollection', features: [{ type: 'Feature', geometry: { type: 'Point', coordinates: place }, properties: {} }] } : EMPTY);
  }

  /** Shows where a draft meets something. */
  conflicts(geometries: readonly GeoJSON.Geometry[]): void {
    this.#put('conflict', { type: 'FeatureCollection', features: geometries.map((geometry) => ({ type: 'Feature', geometry, properties: {} })) });
  }

  /** Shows symbols of APP-6 in the middle of operations, or plain points. */
  async symbols(areShown: boolean): Promise<void> {
    this.#wantsSymbols = areShown;
    const add = areShown ? await symbols() : null;
    // They take a while to come: the map may be gone by then, or somebody wants points again.
    if (this.#wantsSymbols !== areShown) return;
    add?.(this.map);
    this.map.setLayoutProperty('operation-symbol', 'visibility', areShown ? 'visible' : 'none');
  }

  switch(shown: ReadonlySet<string>): void {
    for (const layer of layers(this.theme)) {
      if (layer.class !== 'always') this.map.setLayoutProperty(layer.id, 'visibility', shown.has(layer.class) ? 'visible' : 'none');
    }
  }

  repaint(theme: Theme): void {
    if (theme === this.theme) return;
    this.theme = theme;
    for (const layer of layers(theme)) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) if (name !== 'fill-opacity') this.map.setPaintProperty(layer.id, name as never, value as never);
      for (const [name, value] of Object.entries(layer.layout ?? {})) if (name === 'icon-image' && layer.id !== 'operation-symbol') this.map.setLayoutProperty(layer.id, name, value as never);
    }
  }

  #put(name: string, data: FeatureCollection): void {
    this.map.getSource<GeoJSONSource>(name)?.setData(data);
  }
}

/** Points as they are, and a point in the middle of every polygon and line. */
function middles(points: FeatureCollection, shapes: FeatureCollection): FeatureCollection {
  const features = [...points.features.filter(({ geometry }) => geometry.type === 'Point')];
  for (const feature of shapes.features) {
    const at = middle(feature.geometry);
    if (at) features.push({ ...feature, geometry: { type: 'Point', coordinates: at } });
  }
  return { type: 'FeatureCollection', features };
}

function middle(geometry: GeoJSON.Geometry): GeoJSON.Position | null {
  if (geometry.type === 'Point') return geometry.coordinates;
  const ring = geometry.type === 'Polygon' ? geometry.coordinates[0] : geometry.type === 'MultiPolygon' ? geometry.coordinates[0]?.[0] : geometry.type === 'LineString' ? geometry.coordinates : undefined;
  if (!ring || ring.length === 0) return null;
  const sum = ring.reduce<[number, number]>(([x, y], at) => [x + at[0]!, y + at[1]!], [0, 0]);
  return [sum[0] / ring.length, sum[1] / ring.length];
}
