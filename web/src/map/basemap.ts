/** The map under everything: land, coasts, borders and names, from files of this console. Nothing comes from elsewhere. */
import type { ExpressionSpecification, LayerSpecification, Map as MapLibre, StyleSpecification } from 'maplibre-gl';
import type { Language } from '../language/language.svelte';
import type { Theme } from '../shell/theme.svelte';

const BASE = new URL('basemap/', document.baseURI).href;
/** From this zoom on the finer shapes are fetched: 7 MB that a view of a continent does not need. */
const FINE_ZOOM = 7.5;
/** The finest tiles there are (`scripts/basemap.mjs`). */
const TILE_ZOOM = 5;
/** Data layers are put below this layer, so that names stay readable. */
export const BELOW_NAMES = 'names-place';

interface Ground {
  water: string;
  land: string;
  coast: string;
  border: string;
  name: string;
  country: string;
  halo: string;
}

const GROUNDS: Record<Theme, Ground> = {
  light: { water: '#cfdde8', land: '#f5f3ee', coast: '#8fa6b8', border: '#9a8f86', name: '#3d4852', country: '#5c5148', halo: '#ffffff' },
  dark: { water: '#0c151d', land: '#1c2732', coast: '#3d5568', border: '#6d6459', name: '#c9d4de', country: '#a39788', halo: '#0c1218' },
};

/** The font as CSS knows it: glyphs are drawn in the browser from the bundled fonts. */
const FONT = ['Noto Sans'];

const text = (language: Language): ExpressionSpecification => ['coalesce', ['get', language], ['get', 'en']];

/** Surfaces and lines of the ground, from tiles or from the finer shapes. */
function shapes(theme: Theme, isFine: boolean): LayerSpecification[] {
  const ground = GROUNDS[theme];
  const from = (name: 'land' | 'borders'): object => (isFine ? { source: `${name}-fine`, minzoom: FINE_ZOOM } : { source: 'ground', 'source-layer': name });
  const id = (name: string): string => (isFine ? `${name}-fine` : name);
  return [
    { id: id('land'), type: 'fill', ...from('land'), paint: { 'fill-color': ground.land, 'fill-antialias': false } },
    { id: id('coast'), type: 'line', ...from('land'), paint: { 'line-color': ground.coast, 'line-width': 0.8 } },
    { id: id('borders'), type: 'line', ...from('borders'), paint: { 'line-color': ground.border, 'line-width': ['interpolate', ['linear'], ['zoom'], 3, 0.6, 8, 1.6], 'line-dasharray': [4, 2] } },
  ] as LayerSpecification[];
}

function layers(theme: Theme, language: Language): LayerSpecification[] {
  const ground = GROUNDS[theme];
  return [
    { id: 'water', type: 'background', paint: { 'background-color': ground.water } },
    ...shapes(theme, false),
    {
      id: 'names-place',
      type: 'symbol',
      source: 'ground',
      'source-layer': 'names',
      minzoom: 4,
      filter: ['all', ['==', ['get', 'class'], 'place'], ['>=', ['get', 'population'], ['interpolate', ['linear'], ['zoom'], 4, 2_000_000, 5.5, 600_000, 7, 90_000, 8.5, 15_000, 10, 0]]],
      layout: {
        'text-field': text(language),
        'text-font': FONT,
        'text-size': ['interpolate', ['linear'], ['get', 'population'], 5_000, 10.5, 2_000_000, 14],
        'symbol-sort-key': ['-', 0, ['get', 'population']],
        'text-padding': 6,
      },
      paint: { 'text-color': ground.name, 'text-halo-color': ground.halo, 'text-halo-width': 1.2 },
    },
    {
      id: 'names-country',
      type: 'symbol',
      source: 'ground',
      'source-layer': 'names',
      maxzoom: 6.5,
      filter: ['all', ['==', ['get', 'class'], 'country'], ['<=', ['get', 'rank'], ['step', ['zoom'], 1, 2, 2, 3.2, 3, 4.2, 4]]],
      layout: { 'text-field': text(language), 'text-font': FONT, 'text-size': 13, 'text-letter-spacing': language === 'ar' ? 0 : 0.08, 'text-max-width': 8, 'symbol-sort-key': ['get', 'rank'] },
      paint: { 'text-color': ground.country, 'text-halo-color': ground.halo, 'text-halo-width': 1.4 },
    },
  ] as LayerSpecification[];
}

export function basemapStyle(theme: Theme, language: Language): StyleSpecification {
  return {
    version: 8,
    // Tiles, so that a view reads only what it shows: the ground is there long before the whole of it could be read.
    sources: { ground: { type: 'vector', tiles: [`${BASE}tiles/{z}/{x}/{y}.pbf`], maxzoom: TILE_ZOOM } },
    layers: layers(theme, language),
  };
}

/** Repaints the ground in another theme or language, without touching the layers of others. */
export function repaintBasemap(map: MapLibre, theme: Theme, language: Language): void {
  for (const layer of [...layers(theme, language), ...shapes(theme, true)]) {
    if (!map.getLayer(layer.id)) continue;
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name as never, value as never);
    if (layer.type === 'symbol') map.setLayoutProperty(layer.id, 'text-field', text(language));
  }
}

/** Fetches the finer coasts and borders once somebody looks closely. */
export function refineWhenClose(map: MapLibre, theme: () => Theme): void {
  const refine = (): void => {
    if (map.getZoom() < FINE_ZOOM || map.getSource('land-fine')) return;
    map.off('zoomend', refine);
    const order = map.getLayersOrder();
    const next = order[order.indexOf('borders') + 1];
    for (const name of ['land', 'borders']) map.addSource(`${name}-fine`, { type: 'geojson', data: `${BASE}${name}-10m.json`, tolerance: 0.4 });
    // They lie on the coarser ones, which show until they are there.
    for (const layer of shapes(theme(), true)) map.addLayer(layer, next);
    const replace = (): void => {
      if (!map.isSourceLoaded('land-fine') || !map.isSourceLoaded('borders-fine')) return;
      map.off('idle', replace);
      for (const { id } of shapes(theme(), false)) map.setLayerZoomRange(id, 0, FINE_ZOOM);
    };
    map.on('idle', replace);
  };
  map.on('zoomend', refine);
  // What is shown first is drawn before anything finer is asked for.
  map.once('idle', refine);
}
