/** Short notices read out by screen readers and shown for a while; what needs an answer is an alert, not a notice. */
import type { Tone } from '../parts/tone';

const SHOWN_MS = 7_000;

class Notices {
  shown: { id: number; text: string; tone: Tone }[] = $state([]);
  #next = 1;

  tell(text: string, tone: Tone = 'calm'): void {
    const id = this.#next++;
    this.shown.push({ id, text, tone });
    setTimeout(() => this.dismiss(id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
