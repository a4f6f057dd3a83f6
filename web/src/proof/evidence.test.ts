import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bundlePath, entryOf, readEvidence, readKeys, verify } from './evidence';

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

/** An evidence file for an entry of a ledger of some entries. */
function evidence(index: number, size: number): { file: string; entry: Uint8Array<ArrayBuffer> } {
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
  return { file: `c2sp.org/tlog-proof@v1\nindex ${index}\n${hashes.join('')}\n${note}`, entry: entries[index] as Uint8Array<ArrayBuffer> };
}

const keys = async () => (await readKeys(`# a policy\nlog ${log.vkey}\nwitness ru ${witness.vkey}\nquorum ru\n`)) ?? [];

describe('evidence', () => {
  it('holds for every entry of ledgers of every small size', async () => {
    for (let size = 1; size <= 20; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const { file, entry } = evidence(index, size);
        expect(await verify(file, entry, await keys())).toEqual({ is: 'ok', origin: ORIGIN, size, cosigned: [{ name: witness.name, at: TIME }] });
      }
    }
  });

  it('does not hold for another entry, another place or another tree', async () => {
    const { file } = evidence(5, 13);
    const other = evidence(6, 13);
    expect(await verify(file, other.entry, await keys())).toEqual({ is: 'not_included' });
    expect(await verify(file.replace('index 5', 'index 6'), evidence(5, 13).entry, await keys())).toEqual({ is: 'not_included' });
    // The proof fits a tree of one entry more as well; the signature does not.
    expect(await verify(file.replace(`${ORIGIN}\n13`, `${ORIGIN}\n14`), evidence(5, 13).entry, await keys())).toEqual({ is: 'bad_signature' });
  });

  it('does not hold without a key of the reader, or with a signature that was touched', async () => {
    const { file, entry } = evidence(5, 13);
    expect(await verify(file, entry, [])).toEqual({ is: 'no_key' });
    const onlyWitness = (await keys()).filter((key) => key.kind === 4);
    expect(await verify(file, entry, onlyWitness)).toEqual({ is: 'no_key' });
    const another = signer(ORIGIN, 1);
    expect(await verify(file, entry, (await readKeys(another.vkey)) ?? [])).toEqual({ is: 'no_key' });
    for (const name of [log.name, witness.name]) {
      const touched = file.replace(new RegExp(`(— ${name} \\S{20})(\\S)`), (_, head: string, one: string) => head + (one === 'A' ? 'B' : 'A'));
      expect(touched).not.toBe(file);
      expect(await verify(touched, entry, await keys())).toEqual({ is: 'bad_signature' });
    }
  });

  it('is refused when it is in any other form', () => {
    const { file } = evidence(5, 13);
    expect(readEvidence(file)).not.toBeNull();
    for (const bad of ['', 'index 5', file.replace('@v1', '@v2'), file.replace('index 5', 'index 05'), file.replace('index 5\n', 'index 5\nAAAA\n'), file.trimEnd(), file.replace('— ', '- ')]) {
      expect(readEvidence(bad)).toBeNull();
    }
  });

  it('takes no key that does not have the id it says', async () => {
    expect(await readKeys(log.vkey)).toHaveLength(1);
    expect(await readKeys(log.vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'))).toBeNull();
    expect(await readKeys('not a key')).toBeNull();
  });
});

describe('the golden evidence', () => {
  const file = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(`../../../crates/ledger/tests/golden/v1/${name}`, import.meta.url)));
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const touched = (bytes: Uint8Array<ArrayBuffer>, place: number): Uint8Array<ArrayBuffer> => bytes.map((byte, at) => (at === place ? byte ^ 1 : byte));

  // The same files and the same changes as the node's own reader is held to (`crates/ledger/tests/ledger/golden.rs`).
  it('holds, and no byte of it or of its entry can be another', async () => {
    const [proof, entry] = [file('entry-257.tlog-proof'), file('entry-257')];
    const known = (await readKeys(text(file('policy')))) ?? [];
    const cosigned = [{ name: 'bravo.example/witness', at: 1_473_696_000 }];
    expect(await verify(text(proof), entry, known)).toEqual({ is: 'ok', origin: 'alpha.example/agreement-7', size: 260, cosigned });
    // A policy asks for the witness: a record that it did not cosign does not hold there, and shows none here.
    const holds = async (proof: Uint8Array, entry: Uint8Array<ArrayBuffer>): Promise<boolean> => {
      const verdict = await verify(text(proof), entry, known);
      return verdict.is === 'ok' && verdict.cosigned.length === cosigned.length;
    };
    const wrong: string[] = [];
    for (let place = 0; place < proof.length; place += 1) if (await holds(touched(proof, place), entry)) wrong.push(`byte ${place} of the evidence`);
    for (let place = 0; place < entry.length; place += 1) if (await holds(proof, touched(entry, place))) wrong.push(`byte ${place} of the entry`);
    expect(wrong).toEqual([]);
  });
});

describe('bundles', () => {
  it('lie where C2SP says', () => {
    expect(bundlePath(0, 1)).toBe('entries/000.p/1');
    expect(bundlePath(255, 256)).toBe('entries/000');
    expect(bundlePath(256, 300)).toBe('entries/001.p/44');
    expect(bundlePath(1_234_067 * 256, 1_234_068 * 256)).toBe('entries/x001/x234/067');
  });

  it('give an entry by its place, and nothing beyond', () => {
    const bundle = Uint8Array.from([0, 2, 97, 98, 0, 0, 0, 1, 99]);
    expect(entryOf(bundle, 0)).toEqual(Uint8Array.of(97, 98));
    expect(entryOf(bundle, 257)).toEqual(new Uint8Array());
    expect(entryOf(bundle, 2)).toEqual(Uint8Array.of(99));
    expect(entryOf(bundle, 3)).toBeNull();
    expect(entryOf(bundle.slice(0, 3), 0)).toBeNull();
  });
});
