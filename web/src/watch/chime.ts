/** Two short tones, made here: no file is loaded. */

/** Frequencies in hertz and when each begins, seconds. */
const TONES = [
  [880, 0],
  [660, 0.22],
] as const;

export function chime(): void {
  const context = new AudioContext();
  for (const [frequency, at] of TONES) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.2, context.currentTime + at);
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + at + 0.2);
    tone.connect(volume).connect(context.destination);
    tone.start(context.currentTime + at);
    tone.stop(context.currentTime + at + 0.2);
    if (at > 0) tone.onended = () => void context.close();
  }
}
