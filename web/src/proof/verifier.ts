/**
 * The ledger crate's own checks in the page: `crates/verifier`, compiled to WebAssembly.
 *
 * Every question has an instance of its own, so that nothing of one is there for the next, and a trap ends only that one.
 */

/** What the module exports (`crates/verifier/src/desk.rs`). */
interface Exports {
  memory: WebAssembly.Memory;
  /** Makes room for a question of so many bytes; 0 when that is too many. */
  detente_question(length: number): number;
  detente_answer(): number;
  detente_answer_length(): number;
}

/** What the module was asked is too long, or it broke off. */
export class BrokeOff extends Error {}

/** Asks the module; throws `BrokeOff` when there is no answer. */
export async function ask<Answer extends { is: string }>(module: WebAssembly.Module, question: object): Promise<Answer> {
  const bytes = new TextEncoder().encode(JSON.stringify(question));
  try {
    // It imports nothing: no clock, no chance, no network.
    const desk = (await WebAssembly.instantiate(module, {})).exports as unknown as Exports;
    const place = desk.detente_question(bytes.length);
    if (place === 0) throw new BrokeOff('the question is too long');
    new Uint8Array(desk.memory.buffer, place, bytes.length).set(bytes);
    const found = desk.detente_answer();
    const answer = new Uint8Array(desk.memory.buffer, found, desk.detente_answer_length());
    return JSON.parse(new TextDecoder().decode(answer)) as Answer;
  } catch (error) {
    throw error instanceof BrokeOff ? error : new BrokeOff(error instanceof Error ? error.message : String(error));
  }
}
