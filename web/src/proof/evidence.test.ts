import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bundlePath, entryOf, readEvidence, verify, verifyHead } from './evidence';
import { bytesOf, readTrust, toBase64 } from './trust';

const hash = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const leaf = (entry: Uint8Array): Buffer => hash(Uint8Array.of(0), entry);
const node = (left: Uint8Array, right: Uint8Array): Buffer => hash(Uint8Array.of(1), left, right);

/** The root and a proof as RFC 6962, section 2.1 defines them, by recursion. */
function tree(leaves: Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] as Buffer;
  let left = 1;
  while (left * 2 < leaves.length) left *= 2;
  return node(tree(leaves.slice(0, left)), tree(leaves.slice(left)));
}
function path(index: number, leaves: Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  let left = 1;
  while (left * 2 < leaves.length) left *= 2;
  return index < left ? [...path(index, leaves.slice(0, left)), tree(leaves.slice(left))] : [...path(index - left, leaves.slice(left)), tree(leaves.slice(0, left))];
}

interface Signer {
  name: string;
  kind: number;
  secret: KeyObject;
  id: Buffer;
  vkey: string;
}
function signer(name: string, kind: number): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const typed = Buffer.concat([Uint8Array.of(kind), raw]);
  const id = hash(Buffer.from(`${name}\n`), typed).subarray(0, 4);
  return { name, kind, secret: privateKey, id, vkey: `${name}+${id.toString('hex')}+${typed.toString('base64')}` };
}

const ORIGIN = 'us.example/ledger';
const log = signer(ORIGIN, 1);
const witness = signer('ru.example/witness', 4);
const TIME = 1_473_696_000;

/** Entries as a bundle. */
const bundleOf = (entries: Uint8Array[]): Uint8Array<ArrayBuffer> => Uint8Array.from(entries.flatMap((entry) => [entry.length >> 8, entry.length & 255, ...entry]));

/** An evidence file for an entry of a ledger of some entries, which fit one bundle. */
function evidence(index: number, size: number): { file: string; bundle: Uint8Array<ArrayBuffer> } {
  const entries = Array.from({ length: size }, (_, at) => new TextEncoder().encode(`{"entry":${at}}`));
  const leaves = entries.map(leaf);
  const text = `${ORIGIN}\n${size}\n${tree(leaves).toString('base64')}\n`;
  const own = Buffer.concat([log.id, sign(null, Buffer.from(text), log.secret)]);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(TIME));
  const stamped = Buffer.from(`cosignature/v1\ntime ${TIME}\n${text}`);
  const theirs = Buffer.concat([witness.id, time, sign(null, stamped, witness.secret)]);
  const hashes = path(index, leaves).map((one) => `${one.toString('base64')}\n`);
  const note = `${text}\n— ${log.name} ${own.toString('base64')}\n— ${witness.name} ${theirs.toString('base64')}\n`;
  return { file: `c2sp.org/tlog-proof@v1\nindex ${index}\n${hashes.join('')}\n${note}`, bundle: bundleOf(entries) };
}

const POLICY = `# a policy\nlog ${log.vkey}\nwitness ru ${witness.vkey}\nquorum ru\n`;
const found = async (file: string, bundle: Uint8Array<ArrayBuffer>, keys = POLICY, index = 5) => verify(bytesOf(file), bundle, keys, { origin: ORIGIN, index });

describe('evidence', () => {
  it('holds for every entry of ledgers of every small size', async () => {
    for (let size = 1; size <= 20; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const { file, bundle } = evidence(index, size);
        const entry = toBase64(bytesOf(`{"entry":${index}}`));
        expect(await found(file, bundle, POLICY, index)).toEqual({ is: 'ok', size, cosigned: [{ name: witness.name, at: TIME }], entry });
      }
    }
  });

  it('does not hold for another entry, another place or another tree', async () => {
    const { file, bundle } = evidence(5, 13);
    const [at] = [bundle.indexOf('5'.charCodeAt(0))];
    expect(await found(file, bundle.map((byte, place) => (place === at ? byte ^ 1 : byte)))).toEqual({ is: 'not_included' });
    expect(await found(file, evidence(5, 14).bundle)).toEqual({ is: 'not_included' });
    expect(await found(file.replace('index 5', 'index 6'), bundle, POLICY, 6)).toEqual({ is: 'not_included' });
    expect(await found(file, bundle, POLICY, 6)).toEqual({ is: 'another' });
    expect(await verify(bytesOf(file), bundle, POLICY, { origin: 'un.example', index: 5 })).toEqual({ is: 'another' });
    // The proof fits a tree of one entry more as well; the signature does not.
    expect(await found(file.replace(`${ORIGIN}\n13`, `${ORIGIN}\n14`), bundle)).toEqual({ is: 'bad_signature', by: ORIGIN });
  });

  it('does not hold without a key of the reader, or with a signature that was touched', async () => {
    const { file, bundle } = evidence(5, 13);
    expect(await found(file, bundle, '')).toEqual({ is: 'no_key' });
    expect(await found(file, bundle, witness.vkey)).toEqual({ is: 'no_key' });
    expect(await found(file, bundle, signer(ORIGIN, 1).vkey)).toEqual({ is: 'no_key' });
    expect(await found(file, bundle, 'not a key')).toBeNull();
    for (const name of [log.name, witness.name]) {
      const touched = file.replace(new RegExp(`(— ${name} \\S{20})(\\S)`), (_, head: string, one: string) => head + (one === 'A' ? 'B' : 'A'));
      expect(touched).not.toBe(file);
      expect(await found(touched, bundle)).toEqual({ is: 'bad_signature', by: name });
    }
  });

  it('does not hold without the cosignatures that a policy asks for, and does with keys alone', async () => {
    const { file, bundle } = evidence(5, 13);
    const alone = file.replace(new RegExp(`— ${witness.name} .*\n`), '');
    expect(await found(alone, bundle)).toEqual({ is: 'quorum', by: 'ru' });
    expect(await found(alone, bundle, `${log.vkey}\n${witness.vkey}`)).toMatchObject({ is: 'ok', size: 13, cosigned: [] });
    const other = signer('un.example/witness', 4);
    const groups = (threshold: string) => `log ${log.vkey}\nwitness ru ${witness.vkey}\nwitness un ${other.vkey}\ngroup some ${threshold} ru un\nquorum some`;
    expect(await found(file, bundle, groups('any'))).toMatchObject({ is: 'ok' });
    expect(await found(file, bundle, groups('2'))).toEqual({ is: 'quorum', by: 'some' });
  });

  it('is refused when it is in any other form', () => {
    const { file } = evidence(5, 13);
    expect(readEvidence(bytesOf(file))).not.toBeNull();
    for (const bad of ['', 'index 5', file.replace('@v1', '@v2'), file.replace('index 5', 'index 05'), file.replace('index 5\n', 'index 5\nAAAA\n'), file.trimEnd(), file.replace('— ', '- ')]) {
      expect(readEvidence(bytesOf(bad))).toBeNull();
    }
    expect(readEvidence(Uint8Array.of(0xff))).toBeNull();
  });

  it('takes no key that does not have the id it says, and no policy that says two things', async () => {
    expect((await readTrust(`${log.vkey}\r\n${log.vkey}\n`))?.logs).toHaveLength(1);
    const wrong = log.vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+');
    const twice = `witness a ${witness.vkey}\nwitness b ${witness.vkey}`;
    for (const text of [wrong, 'not a key', `log ${wrong}`, `witness a ${log.vkey}`, twice, 'quorum a', 'quorum none\nquorum none', 'group a any b', `witness a ${witness.vkey}\ngroup g 2 a`, `witness none ${witness.vkey}`]) {
      expect(await readTrust(text), text).toBeNull();
    }
  });
});

describe('the golden evidence', () => {
  const file = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(`../../../crates/ledger/tests/golden/v1/${name}`, import.meta.url)));
  const touched = (bytes: Uint8Array<ArrayBuffer>, place: number): Uint8Array<ArrayBuffer> => bytes.map((byte, at) => (at === place ? byte ^ 1 : byte));

  // The same files and the same changes as the node's own reader is held to (`crates/ledger/tests/ledger/golden.rs`).
  it('holds, and no byte of it or of its entry can be another', async () => {
    const [proof, bundle] = [file('entry-257.tlog-proof'), file('tile/entries/001.p/4')];
    const policy = new TextDecoder().decode(file('policy'));
    const cosigned = [{ name: 'bravo.example/witness', at: 1_473_696_000 }];
    const of = { origin: 'alpha.example/agreement-7', index: 257 };
    expect(await verify(proof, bundle, policy, of)).toEqual({ is: 'ok', size: 260, cosigned, entry: toBase64(file('entry-257')) });
    const wrong: string[] = [];
    for (let place = 0; place < proof.length; place += 1) if ((await verify(touched(proof, place), bundle, policy, of))?.is === 'ok') wrong.push(`byte ${place} of the evidence`);
    const entry = Buffer.from(bundle).indexOf(file('entry-257'));
    for (let place = entry; place < entry + file('entry-257').length; place += 1) if ((await verify(proof, touched(bundle, place), policy, of))?.is === 'ok') wrong.push(`byte ${place} of the entry`);
    expect(wrong).toEqual([]);
  });

  it('lies under a checkpoint that holds, and no byte of that can be another', async () => {
    const checkpoint = file('checkpoint');
    const policy = new TextDecoder().decode(file('policy'));
    const origin = 'alpha.example/agreement-7';
    expect(await verifyHead(checkpoint, policy, origin)).toMatchObject({ is: 'signed', size: 260, cosigned: [{ name: 'bravo.example/witness' }] });
    expect(await verifyHead(checkpoint, policy, 'bravo.example')).toEqual({ is: 'another' });
    expect(await verifyHead(new Uint8Array(), policy, origin)).toEqual({ is: 'not_checkpoint' });
    for (let place = 0; place < checkpoint.length; place += 1) expect((await verifyHead(touched(checkpoint, place), policy, origin))?.is, `byte ${place}`).not.toBe('signed');
  });
});

describe('bundles', () => {
  it('lie where C2SP says', () => {
    expect(bundlePath(0, 1)).toBe('tile/entries/000.p/1');
    expect(bundlePath(255, 256)).toBe('tile/entries/000');
    expect(bundlePath(256, 300)).toBe('tile/entries/001.p/44');
    expect(bundlePath(1_234_067 * 256, 1_234_068 * 256)).toBe('tile/entries/x001/x234/067');
  });

  it('give an entry by its place, and nothing beyond', () => {
    const bundle = Uint8Array.from([0, 2, 97, 98, 0, 0, 0, 1, 99]);
    expect(entryOf(bundle, { index: 0, size: 3 })).toEqual(Uint8Array.of(97, 98));
    expect(entryOf(bundle, { index: 257, size: 259 })).toEqual(new Uint8Array());
    expect(entryOf(bundle, { index: 2, size: 3 })).toEqual(Uint8Array.of(99));
    expect(entryOf(bundle, { index: 3, size: 3 })).toBeNull();
    expect(entryOf(bundle, { index: 2, size: 4 })).toBeNull();
    expect(entryOf(bundle.slice(0, 3), { index: 0, size: 1 })).toBeNull();
    expect(bundlePath(3, 3)).toBeNull();
  });
});
