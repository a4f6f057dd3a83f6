// Writes public/basemap: land, borders and names, from Natural Earth (world-atlas), i18n-iso-countries and
// data/places.json. Run before every build; it skips what is there already and newer than its sources.
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { feature, mesh } from 'topojson-client';

const require = createRequire(import.meta.url);
const countryNames = require('i18n-iso-countries');
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..', 'public', 'basemap');
const LANGUAGES = ['en', 'ru', 'ar'];
/** Decimals of degrees kept: 0.001° is a hundred metres, finer than either scale is drawn. */
const DECIMALS = 3;

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
  'land-50m.json': [[source('land-50m')], () => land('50m')],
  'land-10m.json': [[source('land-10m')], () => land('10m')],
  'borders-50m.json': [[source('countries-50m')], () => borders('50m')],
  'borders-10m.json': [[source('countries-10m')], () => borders('10m')],
  'names.json': [[source('countries-50m'), join(here, '..', 'data', 'places.json')], names],
};

mkdirSync(out, { recursive: true });
for (const [name, [sources, make]] of Object.entries(files)) {
  const target = join(out, name);
  if (!isFresh(target, sources)) writeFileSync(target, JSON.stringify(make()));
}
