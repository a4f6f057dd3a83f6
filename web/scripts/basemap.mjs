// Writes public/basemap: land, borders and names, from Natural Earth (world-atlas), i18n-iso-countries and
// data/places.json: as tiles, of which a view takes the few it needs, the finer shapes whole, and the names to search in.
// Run before every build; it skips what is there already and newer than its sources.
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GeoJSONVT } from '@maplibre/geojson-vt';
import { fromGeojsonVt } from '@maplibre/vt-pbf';
import { feature, mesh } from 'topojson-client';

const require = createRequire(import.meta.url);
const countryNames = require('i18n-iso-countries');
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..', 'public', 'basemap');
const LANGUAGES = ['en', 'ru', 'ar'];
/** Decimals of degrees kept: 0.001° is a hundred metres, finer than either scale is drawn. */
const DECIMALS = 3;
/** The finest tiles: 1,365 files in all. Closer views stretch them until the finer shapes are there. */
const TILE_ZOOM = 5;
/** Units of a tile's side: 150 m at the finest, which is what the shapes are good for, and no finer than a map keeps them. */
const TILE_EXTENT = 8192;
/** The least population of the places in tiles of zoom 0, 1 and so on, as `src/map/basemap.ts` shows them; below, every place. */
const LEAST_POPULATION = [Infinity, Infinity, Infinity, Infinity, 600_000];
/** How far shapes go beyond their tile, so that its edge is drawn as no coast. */
const TILE_BUFFER = 128;

const source = (name) => require.resolve(`world-atlas/${name}.json`);
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

function isFresh(target, sources) {
  try {
    const made = statSync(target).mtimeMs;
    return [...sources, fileURLToPath(import.meta.url)].every((path) => statSync(path).mtimeMs <= made);
  } catch {
    return false;
  }
}

const round = (number) => Number(number.toFixed(DECIMALS));

/** Rounds a line and drops the points that fall together. */
function line(points, least) {
  const kept = [];
  for (const [x, y] of points) {
    const [lon, lat] = [round(x), round(y)];
    const last = kept[kept.length - 1];
    if (!last || last[0] !== lon || last[1] !== lat) kept.push([lon, lat]);
  }
  return kept.length >= least ? kept : null;
}

const polygon = (rings) => {
  const kept = rings.map((ring) => line(ring, 4)).filter(Boolean);
  return kept.length ? kept : null;
};

function land(scale) {
  const atlas = read(source(`land-${scale}`));
  const parts = feature(atlas, atlas.objects.land).features.flatMap(({ geometry }) =>
    geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates,
  );
  const polygons = parts.map(polygon).filter(Boolean);
  return collection(polygons.map((coordinates) => shape('Polygon', coordinates)));
}

function borders(scale) {
  const atlas = read(source(`countries-${scale}`));
  const inner = mesh(atlas, atlas.objects.countries, (a, b) => a !== b);
  const lines = inner.coordinates.map((points) => line(points, 2)).filter(Boolean);
  return collection([shape('MultiLineString', lines)]);
}

/** The middle of a ring by its area, and that area, in square degrees. */
function middle(ring) {
  let [area, x, y] = [0, 0, 0];
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
    area += cross / 2;
    x += (ring[i][0] + ring[i + 1][0]) * cross;
    y += (ring[i][1] + ring[i + 1][1]) * cross;
  }
  return { area: Math.abs(area), at: area === 0 ? ring[0] : [x / (6 * area), y / (6 * area)] };
}

function names() {
  for (const language of LANGUAGES) {
    countryNames.registerLocale(require(`i18n-iso-countries/langs/${language}.json`));
  }
  const atlas = read(source('countries-50m'));
  const countries = feature(atlas, atlas.objects.countries).features.map(({ id, properties, geometry }) => {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    const largest = polygons.map((rings) => middle(rings[0])).reduce((a, b) => (b.area > a.area ? b : a));
    const name = (language) => (id && countryNames.getName(id, language)) || properties.name;
    return shape('Point', largest.at.map(round), {
      class: 'country',
      rank: largest.area > 100 ? 1 : largest.area > 10 ? 2 : largest.area > 1 ? 3 : 4,
      en: name('en'),
      ru: name('ru'),
      ar: name('ar'),
    });
  });
  const places = read(join(here, '..', 'data', 'places.json')).map(([lon, lat, population, en, ru, ar]) =>
    shape('Point', [lon, lat], { class: 'place', population, en, ru: ru || en, ar: ar || en }),
  );
  return collection([...countries, ...places]);
}

const shape = (type, coordinates, properties = {}) => ({ type: 'Feature', geometry: { type, coordinates }, properties });
const collection = (features) => ({ type: 'FeatureCollection', features });

const files = {
  'land-10m.json': [[source('land-10m')], () => land('10m')],
  'borders-10m.json': [[source('countries-10m')], () => borders('10m')],
  'names.json': [[source('countries-50m'), join(here, '..', 'data', 'places.json')], names],
};

/** Every tile down to the finest, empty ones too, so that none is asked for in vain. */
function tiles() {
  const options = { maxZoom: TILE_ZOOM, indexMaxZoom: TILE_ZOOM, indexMaxPoints: 0, extent: TILE_EXTENT, buffer: TILE_BUFFER, tolerance: 3 };
  const every = names();
  const cut = Object.entries({ land: land('50m'), borders: borders('50m'), names: every }).map(([name, data]) => [name, new GeoJSONVT(data, options)]);
  // Far out no place is named, and then only the largest.
  const named = LEAST_POPULATION.map((least) => new GeoJSONVT(collection(every.features.filter(({ properties }) => properties.class === 'country' || properties.population >= least)), options));
  for (let z = 0; z <= TILE_ZOOM; z += 1) {
    for (let x = 0; x < 2 ** z; x += 1) {
      mkdirSync(join(out, 'tiles', String(z), String(x)), { recursive: true });
      for (let y = 0; y < 2 ** z; y += 1) {
        const layers = cut.map(([name, index]) => [name, ((name === 'names' && named[z]) || index).getTile(z, x, y)]).filter(([, tile]) => tile);
        writeFileSync(tilePath(z, x, y), fromGeojsonVt(Object.fromEntries(layers), { version: 2, extent: TILE_EXTENT }));
      }
    }
  }
}

const tilePath = (z, x, y) => join(out, 'tiles', String(z), String(x), `${y}.pbf`);
const last = 2 ** TILE_ZOOM - 1;

mkdirSync(out, { recursive: true });
for (const [name, [sources, make]] of Object.entries(files)) {
  const target = join(out, name);
  if (!isFresh(target, sources)) writeFileSync(target, JSON.stringify(make()));
}
if (!isFresh(tilePath(TILE_ZOOM, last, last), [source('land-50m'), source('countries-50m'), join(here, '..', 'data', 'places.json')])) tiles();
// What an earlier build left and nothing asks for any more.
for (const name of ['land-50m.json', 'borders-50m.json']) rmSync(join(out, name), { force: true });
