/** Who checks a record in the page: the ledger crate as WebAssembly, or the page's own script where the node was built without it. */
import { bundlePath, readEvidence, verify, type Verdict } from './evidence';
import { readTrust } from './trust';
import { ask, BrokeOff, toBase64 } from './verifier';

export interface Checker {
  /** Which of the two, for the reader to know. */
  by: 'ledger' | 'script';
  /** Whether a text is keys or a policy. */
  areKeys(keys: string): Promise<boolean>;
  /** Where the ledger publishes the bundle with the entry of an evidence file, or why nowhere. */
  bundle(evidence: Uint8Array): Promise<{ path: string } | Verdict>;
  verify(evidence: Uint8Array, bundle: Uint8Array<ArrayBuffer>, keys: string): Promise<Verdict>;
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
  verify: async (evidence, bundle, keys) => (await verify(evidence, bundle, keys)) ?? { is: 'no_key' },
};

/** What the module says beside what the script says too. */
type Answer = Verdict | { is: 'keys' } | { is: 'not_keys'; line: number } | { is: 'place'; bundle: string } | { is: 'not_a_question'; why: string };

export function ledger(module: WebAssembly.Module): Checker {
  const put = async (question: object): Promise<Answer> => {
    try {
      return await ask<Answer>(module, question);
    } catch (error) {
      if (error instanceof BrokeOff) return { is: 'broke_off' };
      throw error;
    }
  };
  const verdict = (answer: Answer): Verdict => {
    if (answer.is === 'not_keys') return { is: 'no_key' };
    return answer.is === 'keys' || answer.is === 'place' || answer.is === 'not_a_question' ? { is: 'broke_off' } : answer;
  };
  return {
    by: 'ledger',
    areKeys: async (keys) => (await put({ keys: { keys } })).is !== 'not_keys',
    bundle: async (evidence) => {
      const answer = await put({ place: { evidence: toBase64(evidence) } });
      return answer.is === 'place' ? { path: answer.bundle } : verdict(answer);
    },
    verify: async (evidence, bundle, keys) => verdict(await put({ evidence: { evidence: toBase64(evidence), bundle: toBase64(bundle), keys } })),
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
    // A browser that takes no WebAssembly, or a node that did not give it: the room says who checked. The next visit asks again.
    opened = null;
    return script;
  }
}
