/**
 * Checking a record in the browser, so that the node that shows it need not be believed.
 *
 * Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof; hashes and proofs after RFC 6962.
 * Only the keys are taken on trust, and they are the reader's own.
 */

/** A public key as C2SP writes it: `name+id+base64`. */
export interface Vkey {
  name: string;
  id: string;
  /** 1 signs the note, 4 cosigns it with a time. */
  kind: number;
  key: Uint8Array<ArrayBuffer>;
}

export interface Evidence {
  index: number;
  proof: Uint8Array<ArrayBuffer>[];
  /** The signed text of the checkpoint. */
  text: string;
  origin: string;
  size: number;
  root: Uint8Array<ArrayBuffer>;
  signatures: { name: string; id: string; bytes: Uint8Array<ArrayBuffer> }[];
}

/** What was found; everything but `ok` is a reason not to believe the record. */
export type Verdict =
  | { is: 'ok'; origin: string; size: number; cosigned: { name: string; at: number }[] }
  | { is: 'not_included' | 'no_key' | 'bad_signature' | 'not_evidence' };

/** Most hashes of a proof: a tree of 2^63 entries. */
const PROOF_HASHES_MAX = 63;
const SIGNED = 1;
const COSIGNED = 4;

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  const binary = atob(text);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const same = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && one.every((byte, at) => byte === other[at]);

async function sha256(...parts: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Reads keys, one a line; lines that begin with # and empty ones are passed over. Null when a line is no key. */
export async function readKeys(text: string): Promise<Vkey[] | null> {
  const lines = text.split('\n').map((line) => line.trim());
  const keys: Vkey[] = [];
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    // A policy names keys as `log KEY`, `witness NAME KEY`; the key is what looks like one.
    const parts = line.split(/\s+/).map((word) => /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(word));
    const found = parts.find((part) => part !== null);
    if (!found) {
      if (/^(log|witness|group|quorum)\s/.test(line)) continue;
      return null;
    }
    const [, name, id, encoded] = found as unknown as [string, string, string, string];
    const typed = fromBase64(encoded);
    if (!typed || typed.length !== 33) return null;
    const kind = typed[0] ?? 0;
    const computed = (await sha256(bytesOf(`${name}\n`), typed)).slice(0, 4);
    if (hex(computed) !== id) return null;
    keys.push({ name, id, kind, key: typed.slice(1) });
  }
  return keys;
}

/** Reads an evidence file; null when it is none. */
export function readEvidence(file: string): Evidence | null {
  const head = 'c2sp.org/tlog-proof@v1\n';
  if (!file.startsWith(head)) return null;
  const cut = file.indexOf('\n\n');
  if (cut < 0) return null;
  const lines = file.slice(head.length, cut).split('\n');
  if (lines[0]?.startsWith('extra ')) lines.shift();
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '');
  const proof = lines.map(fromBase64);
  if (!index || proof.length > PROOF_HASHES_MAX || proof.some((hash) => hash?.length !== 32)) return null;
  const note = file.slice(cut + 2);
  const end = note.indexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return null;
  const text = note.slice(0, end + 1);
  const [origin, size, root] = text.split('\n');
  const rootBytes = fromBase64(root ?? '');
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size ?? '') || rootBytes?.length !== 32) return null;
  const signatures = [];
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const parts = /^— (\S+) (\S+)$/.exec(line);
    const bytes = fromBase64(parts?.[2] ?? '');
    if (!parts || !bytes || bytes.length < 5) return null;
    signatures.push({ name: parts[1] as string, id: hex(bytes.slice(0, 4)), bytes: bytes.slice(4) });
  }
  return { index: Number(index[1]), proof: proof as Uint8Array<ArrayBuffer>[], text, origin, size: Number(size), root: rootBytes, signatures };
}

/** The root that a proof leads to (RFC 9162, section 2.1.3.2); null when the proof does not fit the tree. */
export async function rootOf(entry: Uint8Array<ArrayBuffer>, index: number, size: number, proof: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array | null> {
  if (index >= size) return null;
  let [at, last] = [BigInt(index), BigInt(size) - 1n];
  let root = await sha256(Uint8Array.of(0), entry);
  for (const hash of proof) {
    if (last === 0n) return null;
    if (at % 2n === 1n || at === last) {
      root = await sha256(Uint8Array.of(1), hash, root);
      while (at % 2n === 0n && at !== 0n) [at, last] = [at / 2n, last / 2n];
    } else {
      root = await sha256(Uint8Array.of(1), root, hash);
    }
    [at, last] = [at / 2n, last / 2n];
  }
  return last === 0n ? root : null;
}

async function signedBy(vkey: Vkey, signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', vkey.key, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', key, signature, message);
}

/** Whether the entry is in the ledger that the reader's key for it has signed, and who cosigned that. */
export async function verify(file: string, entry: Uint8Array<ArrayBuffer>, keys: readonly Vkey[]): Promise<Verdict> {
  const evidence = readEvidence(file);
  if (!evidence) return { is: 'not_evidence' };
  const root = await rootOf(entry, evidence.index, evidence.size, evidence.proof);
  if (!root || !same(root, evidence.root)) return { is: 'not_included' };
  const message = bytesOf(evidence.text);
  let signed = false;
  let known = false;
  const cosigned: { name: string; at: number }[] = [];
  for (const { name, id, bytes } of evidence.signatures) {
    const vkey = keys.find((key) => key.name === name && key.id === id);
    if (!vkey) continue;
    if (vkey.kind === SIGNED && name === evidence.origin) {
      known = true;
      if (!(await signedBy(vkey, bytes, message))) return { is: 'bad_signature' };
      signed = true;
    } else if (vkey.kind === COSIGNED && bytes.length === 72) {
      const at = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
      const stamped = bytesOf(`cosignature/v1\ntime ${at}\n${evidence.text}`);
      if (!(await signedBy(vkey, bytes.slice(8), stamped))) return { is: 'bad_signature' };
      cosigned.push({ name, at });
    }
  }
  if (!known || !signed) return { is: 'no_key' };
  return { is: 'ok', origin: evidence.origin, size: evidence.size, cosigned };
}

/** Entries of a bundle (C2SP tlog-tiles). */
const BUNDLE_ENTRIES = 256;

/** The path of the bundle that holds an entry of a ledger of a size. */
export function bundlePath(index: number, size: number): string {
  let tile = Math.floor(index / BUNDLE_ENTRIES);
  const width = Math.min(BUNDLE_ENTRIES, size - tile * BUNDLE_ENTRIES);
  let path = String(tile % 1000).padStart(3, '0');
  while ((tile = Math.floor(tile / 1000)) > 0) path = `x${String(tile % 1000).padStart(3, '0')}/${path}`;
  return `entries/${path}${width < BUNDLE_ENTRIES ? `.p/${width}` : ''}`;
}

/** An entry's bytes from its bundle; null when they are not there. */
export function entryOf(bundle: Uint8Array<ArrayBuffer>, index: number): Uint8Array<ArrayBuffer> | null {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  let at = 0;
  for (let skip = index % BUNDLE_ENTRIES; at + 2 <= bundle.length; skip -= 1) {
    const end = at + 2 + view.getUint16(at);
    if (end > bundle.length) return null;
    if (skip === 0) return bundle.slice(at + 2, end);
    at = end;
  }
  return null;
}
