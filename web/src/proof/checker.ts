/** Who checks records and checkpoints in the page: the ledger crate as WebAssembly, or the page's own script where the node was built without it. */
import { bundlePath, readEvidence, verify, verifyHead, type Doubt, type HeadVerdict, type Verdict } from './evidence';
import { fromBase64, readTrust, toBase64 } from './trust';
import { ask, BrokeOff } from './verifier';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Whether two checkpoints are one history; `fork` has the proof that they are not, as a file for everybody. */
export type Comparison = { is: 'continues' | 'not_its_tiles' | 'not_checkpoint' } | { is: 'fork'; proof: Bytes } | Doubt;

export interface Checker {
  /** Which of the two, for the reader to know. */
  by: 'ledger' | 'script';
  /** Whether a text is keys or a policy. */
  areKeys(keys: string): Promise<boolean>;
  /** Where the ledger publishes the bundle with the entry of an evidence file, or why nowhere. */
  bundle(evidence: Bytes): Promise<{ path: string } | Verdict>;
  verify(evidence: Bytes, bundle: Bytes, keys: string, of: { origin: string; index: number }): Promise<Verdict>;
  head(checkpoint: Bytes, keys: string, origin: string): Promise<HeadVerdict>;
  /** Compares over tiles of the larger, which are fetched as they are needed; the script does not. */
  compare?: (first: Bytes, second: Bytes, keys: string, fetchTile: (path: string) => Promise<Bytes>) => Promise<Comparison>;
}

export const script: Checker = {
  by: 'script',
  areKeys: async (keys) => (await readTrust(keys)) !== null,
  bundle: async (bytes) => {
    const evidence = readEvidence(bytes);
    const path = evidence && bundlePath(evidence.index, evidence.size);
    return path ? { path } : { is: evidence ? 'not_included' : 'not_evidence' };
  },
  // Keys that can no longer be read are those of nobody.
  verify: async (evidence, bundle, keys, of) => (await verify(evidence, bundle, keys, of)) ?? { is: 'no_key' },
  head: async (checkpoint, keys, origin) => (await verifyHead(checkpoint, keys, origin)) ?? { is: 'no_key' },
};

/** What the module answers (`crates/verifier/src/wire.rs`). */
type Answer =
  | Verdict
  | HeadVerdict
  | { is: 'keys' | 'continues' | 'not_its_tiles' }
  | { is: 'not_keys'; line: number }
  | { is: 'place'; bundle: string }
  | { is: 'needs'; path: string }
  | { is: 'fork'; proof: string }
  | { is: 'not_a_question'; why: string };

/** More tiles than any comparison needs: two ways down a tree of 2^63 entries. */
const TILES_MAX = 32;

export function ledger(module: WebAssembly.Module): Checker {
  const put = async (question: object): Promise<Answer> => {
    try {
      return await ask<Answer>(module, question);
    } catch (error) {
      if (error instanceof BrokeOff) return { is: 'broke_off' };
      throw error;
    }
  };
  /** An answer to what was asked, or that there was none. */
  const among = <Kind extends Answer['is']>(answer: Answer, kinds: readonly Kind[]): Extract<Answer, { is: Kind }> | Doubt => {
    if (answer.is === 'not_keys') return { is: 'no_key' };
    const doubts = ['another', 'no_key', 'broke_off', 'bad_signature', 'quorum'];
    return [...doubts, ...kinds].includes(answer.is) ? (answer as Extract<Answer, { is: Kind }> | Doubt) : { is: 'broke_off' };
  };
  return {
    by: 'ledger',
    areKeys: async (keys) => (await put({ keys: { keys } })).is !== 'not_keys',
    bundle: async (evidence) => {
      const answer = among(await put({ place: { evidence: toBase64(evidence) } }), ['place', 'not_evidence', 'not_included']);
      return answer.is === 'place' ? { path: answer.bundle } : (answer as Verdict);
    },
    verify: async (evidence, bundle, keys, of) => among(await put({ evidence: { evidence: toBase64(evidence), bundle: toBase64(bundle), keys, ...of } }), ['ok', 'not_included', 'not_evidence']) as Verdict,
    head: async (checkpoint, keys, origin) => among(await put({ checkpoint: { checkpoint: toBase64(checkpoint), keys, origin } }), ['signed', 'not_checkpoint']) as HeadVerdict,
    compare: async (first, second, keys, fetchTile) => {
      const tiles: Record<string, string> = {};
      const pair = { first: toBase64(first), second: toBase64(second), keys };
      for (let round = 0; round < TILES_MAX; round += 1) {
        const answer = among(await put({ compare: { ...pair, tiles } }), ['continues', 'needs', 'fork', 'not_its_tiles', 'not_checkpoint']);
        if (answer.is === 'fork') return { is: 'fork', proof: fromBase64(answer.proof) ?? new Uint8Array() };
        if (answer.is !== 'needs') return answer as Comparison;
        tiles[answer.path] = toBase64(await fetchTile(answer.path));
      }
      return { is: 'broke_off' };
    },
  };
}

let opened: Promise<Checker> | null = null;

/** The checker of this page: the module when the node has one and this browser takes it. */
export function checker(): Promise<Checker> {
  opened ??= open();
  return opened;
}

async function open(): Promise<Checker> {
  if (VERIFIER === null) return script;
  try {
    return ledger(await WebAssembly.compileStreaming(fetch(new URL(VERIFIER, document.baseURI))));
  } catch {
    // A browser that takes no WebAssembly, or a node that did not give it: the room says who checked. The next check asks again.
    opened = null;
    return script;
  }
}
