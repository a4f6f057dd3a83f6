/**
 * Checking a record in the browser by the page's own script, so that the node that shows it need not be believed.
 *
 * It is the second implementation: `verifier.ts` has the ledger crate's own, which the room prefers, and both are held
 * to the same golden files and must find the same (`evidence.test.ts`, `tests/e2e/proof.spec.ts`).
 *
 * Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof and tlog-tiles; hashes and proofs after RFC 6962.
 * Only the keys are taken on trust, and they are the reader's own.
 */
import { bytesOf, COSIGNED, fromBase64, hex, isName, readTrust, reachesQuorum, same, sha256, SIGNED, toBase64, type Trust, type Vkey } from './trust';

/** A checkpoint and who signed it; nothing in it may be believed before it was judged. */
export interface Head {
  /** The signed text. */
  text: string;
  origin: string;
  size: number;
  root: Uint8Array<ArrayBuffer>;
  signatures: { name: string; id: string; bytes: Uint8Array<ArrayBuffer> }[];
}

export interface Evidence extends Head {
  index: number;
  proof: Uint8Array<ArrayBuffer>[];
}

export type Cosigned = { name: string; at: number }[];

/** Why a checkpoint is not to be believed, whatever it is for. */
export type Doubt = { is: 'another' | 'no_key' | 'broke_off' } | { is: 'bad_signature' | 'quorum'; by: string };

/** What was found of a record; everything but `ok` is a reason not to believe it. */
export type Verdict = { is: 'ok'; size: number; cosigned: Cosigned; /** As it is in the ledger, in base64. */ entry: string } | { is: 'not_included' | 'not_evidence' } | Doubt;

/** What was found of a ledger's checkpoint. */
export type HeadVerdict = { is: 'signed'; size: number; root: string; cosigned: Cosigned } | { is: 'not_checkpoint' } | Doubt;

/** Most hashes of a proof: a tree of 2^63 entries. */
const PROOF_HASHES_MAX = 63;
const SIGNATURES_MAX = 100;
/** Bytes of a cosignature: its time and the signature. */
const COSIGNATURE_BYTES = 72;
/** Numbers up to 2^53, beyond which the script would round; the ledger reads up to 2^63. */
const decimal = (text: string | undefined): number | null => (/^(0|[1-9]\d{0,15})$/.test(text ?? '') && Number.isSafeInteger(Number(text)) ? Number(text) : null);

/** UTF-8, and nothing in place of what is none. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Reads a checkpoint with its signatures; null when it is none. */
function readHead(note: string): Head | null {
  const end = note.indexOf('\n\n');
  // eslint-disable-next-line no-control-regex
  if (end < 0 || !note.endsWith('\n') || /[\x00-\x09\x0b-\x1f]/.test(note)) return null;
  const text = note.slice(0, end + 1);
  const [origin, sizeText, rootText] = text.split('\n');
  const [size, root] = [decimal(sizeText), fromBase64(rootText ?? '')];
  if (!origin || bytesOf(origin).length > 255 || size === null || root?.length !== 32) return null;
  const signatures = [];
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const [, name, blob] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const signed = fromBase64(blob ?? '');
    if (!name || !isName(name) || !signed || signed.length < 5) return null;
    signatures.push({ name, id: hex(signed.slice(0, 4)), bytes: signed.slice(4) });
  }
  return signatures.length > SIGNATURES_MAX ? null : { text, origin, size, root, signatures };
}

/** Reads an evidence file; null when it is none. */
export function readEvidence(bytes: Uint8Array): Evidence | null {
  const file = textOf(bytes);
  const start = 'c2sp.org/tlog-proof@v1\n';
  const cut = file?.indexOf('\n\n') ?? -1;
  if (!file?.startsWith(start) || cut < 0) return null;
  const lines = file.slice(start.length, cut).split('\n');
  if (lines[0]?.startsWith('extra ') && fromBase64((lines.shift() ?? '').slice('extra '.length)) === null) return null;
  const index = decimal(/^index (.*)$/.exec(lines.shift() ?? '')?.[1]);
  const proof = lines.map(fromBase64);
  if (index === null || proof.length > PROOF_HASHES_MAX || proof.some((hash) => hash?.length !== 32)) return null;
  const head = readHead(file.slice(cut + 2));
  return head && { ...head, index, proof: proof as Uint8Array<ArrayBuffer>[] };
}

/** The root that a proof leads to (RFC 9162, section 2.1.3.2); null when the proof does not fit the tree. */
async function rootOf(entry: Uint8Array<ArrayBuffer>, { index, size, proof }: Evidence): Promise<Uint8Array | null> {
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

/** Who cosigned a checkpoint that the ledger itself and those whom the reader asks for have signed; or why it is not to be believed. */
async function judge({ origin, text, signatures }: Head, trust: Trust): Promise<Cosigned | Doubt> {
  const known = [...trust.logs, ...trust.witnesses.map(({ vkey }) => vkey)];
  const message = bytesOf(text);
  let signed = false;
  const cosigned: { vkey: Vkey; at: number }[] = [];
  for (const { name, id, bytes } of signatures) {
    for (const vkey of known.filter((key) => key.name === name && key.id === id)) {
      if (vkey.kind === SIGNED) {
        if (!(await signedBy(vkey, bytes, message))) return { is: 'bad_signature', by: name };
      } else if (vkey.kind === COSIGNED) {
        const at = bytes.length === COSIGNATURE_BYTES ? Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)) : NaN;
        const stamped = bytesOf(`cosignature/v1\ntime ${at}\n${text}`);
        if (!Number.isSafeInteger(at) || !(await signedBy(vkey, bytes.slice(8), stamped))) return { is: 'bad_signature', by: name };
        cosigned.push({ vkey, at });
      } else {
        continue;
      }
      signed ||= trust.logs.includes(vkey) && name === origin;
    }
  }
  if (!signed && (trust.logs.length > 0 || trust.quorum === null)) return { is: 'no_key' };
  if (!reachesQuorum(trust, cosigned.map(({ vkey }) => vkey))) return { is: 'quorum', by: trust.quorum ?? '' };
  return signed ? cosigned.map(({ vkey, at }) => ({ name: vkey.name, at })) : { is: 'no_key' };
}

/** Whether the owner of a ledger signed a checkpoint, and who cosigned it; null when the keys cannot be read. */
export async function verifyHead(file: Uint8Array, keys: string, origin: string): Promise<HeadVerdict | null> {
  const trust = await readTrust(keys);
  if (!trust) return null;
  const head = readHead(textOf(file) ?? '');
  if (!head) return { is: 'not_checkpoint' };
  if (head.origin !== origin) return { is: 'another' };
  const cosigned = await judge(head, trust);
  return 'is' in cosigned ? cosigned : { is: 'signed', size: head.size, root: toBase64(head.root), cosigned };
}

/** Whether the entry that the reader looks at is in the ledger that its key has signed, and who cosigned that; null when the keys cannot be read. */
export async function verify(file: Uint8Array, bundle: Uint8Array<ArrayBuffer>, keys: string, of: { origin: string; index: number }): Promise<Verdict | null> {
  const trust = await readTrust(keys);
  if (!trust) return null;
  const evidence = readEvidence(file);
  if (!evidence) return { is: 'not_evidence' };
  if (evidence.origin !== of.origin || evidence.index !== of.index) return { is: 'another' };
  const cosigned = await judge(evidence, trust);
  if ('is' in cosigned) return cosigned;
  const entry = entryOf(bundle, evidence);
  const root = entry && (await rootOf(entry, evidence));
  if (!entry || !root || !same(root, evidence.root)) return { is: 'not_included' };
  return { is: 'ok', size: evidence.size, cosigned, entry: toBase64(entry) };
}

/** Entries of a bundle (C2SP tlog-tiles). */
const BUNDLE_ENTRIES = 256;

/** How many entries the bundle with an entry has in a tree of a size. */
const widthOf = (index: number, size: number): number => Math.min(BUNDLE_ENTRIES, size - Math.floor(index / BUNDLE_ENTRIES) * BUNDLE_ENTRIES);

/** The path of the bundle that holds an entry of a ledger of a size, below the ledger's own; null when it has no such entry. */
export function bundlePath(index: number, size: number): string | null {
  if (index >= size) return null;
  let tile = Math.floor(index / BUNDLE_ENTRIES);
  const width = widthOf(index, size);
  let path = String(tile % 1000).padStart(3, '0');
  while ((tile = Math.floor(tile / 1000)) > 0) path = `x${String(tile % 1000).padStart(3, '0')}/${path}`;
  return `tile/entries/${path}${width < BUNDLE_ENTRIES ? `.p/${width}` : ''}`;
}

/** An entry's bytes from its bundle, which must hold as many entries as the tree has there; null otherwise. */
export function entryOf(bundle: Uint8Array<ArrayBuffer>, { index, size }: { index: number; size: number }): Uint8Array<ArrayBuffer> | null {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 <= bundle.length ? at + 2 + view.getUint16(at) : Infinity;
    if (end > bundle.length) return null;
    entries.push(bundle.slice(at + 2, end));
    at = end;
  }
  return index < size && entries.length === widthOf(index, size) ? (entries[index % BUNDLE_ENTRIES] ?? null) : null;
}
