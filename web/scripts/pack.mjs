// After the build: packs what shrinks, so that the node embeds it once and small, and gathers the licences of what is bundled.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = process.env.DETENTE_CONSOLE_OUT || join(web, 'dist');
/** Smaller files are not worth a header. */
const PACKED_FROM = 2048;
const PACKED = /\.(js|mjs|css|json|svg|txt|pbf|wasm)$/;

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

/** Packages whose code or data ends in the bundle: the dependencies, theirs, and the sources of the map and the fonts. */
function bundled() {
  const lock = JSON.parse(readFileSync(join(web, 'package-lock.json'), 'utf8')).packages;
  const found = new Set();
  const visit = (name) => {
    const path = `node_modules/${name}`;
    if (found.has(path) || !lock[path]) return;
    found.add(path);
    for (const next of Object.keys(lock[path].dependencies ?? {})) visit(next);
  };
  for (const name of Object.keys(lock[''].dependencies)) visit(name);
  for (const name of ['svelte', 'world-atlas', 'i18n-iso-countries', '@fontsource/noto-sans', '@fontsource/noto-sans-arabic']) visit(name);
  return [...found].filter((path) => !path.includes('@types/')).sort().map((path) => [path, lock[path]]);
}

let licences = 'The console contains these packages, under their licences, and place names by GeoNames (https://www.geonames.org, CC BY 4.0).\n';
for (const [path, { version, license }] of bundled()) {
  licences += `\n==== ${path.replace('node_modules/', '')} ${version} (${license})\n`;
  const folder = join(web, path);
  const name = existsSync(folder) && readdirSync(folder).find((file) => /^licen[sc]e/i.test(file));
  if (name) licences += readFileSync(join(folder, name), 'utf8').trim() + '\n';
}
writeFileSync(join(out, 'licences.txt'), licences);

let [plain, packed] = [0, 0];
for (const path of files(out)) {
  if (path.endsWith('.gz')) continue;
  const size = statSync(path).size;
  plain += size;
  if (!PACKED.test(path) || size < PACKED_FROM) {
    packed += size;
    continue;
  }
  const bytes = gzipSync(readFileSync(path), { level: 9 });
  packed += bytes.length;
  writeFileSync(`${path}.gz`, bytes);
}
console.log(`the console: ${(plain / 1e6).toFixed(2)} MB, ${(packed / 1e6).toFixed(2)} MB packed`);
