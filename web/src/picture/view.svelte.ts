/** Which layers and which things of the picture are shown; kept in the browser. */
import { CLASSES, type Class } from '../map/layers';
import { holdsAt, type Feature } from './features.svelte';

const KEY = 'detente.picture.layers';

class View {
  shown: Record<Class, boolean> = $state(stored());
  /** Symbols of APP-6 instead of plain points. */
  symbols: boolean = $state(false);
  onlyNow: boolean = $state(false);
  withOver: boolean = $state(false);
  /** What was observed, where it was seen last. */
  tracks: boolean = $state(true);
  holder: string = $state('');
  state: string = $state('');

  toggle(name: Class): void {
    this.shown[name] = !this.shown[name];
    localStorage.setItem(KEY, JSON.stringify(this.shown));
  }

  /** The features that the layers and filters let through. */
  filter(features: readonly Feature[], at: number): Feature[] {
    return features.filter(({ properties }) => {
      if (!this.shown[properties.class as Class]) return false;
      if (!this.withOver && properties.is_over) return false;
      if (this.onlyNow && !holdsAt(properties, at)) return false;
      if (this.holder && properties.holder !== this.holder) return false;
      return !this.state || properties.state === this.state;
    });
  }
}

function stored(): Record<Class, boolean> {
  const all = Object.fromEntries(CLASSES.map((name) => [name, true])) as Record<Class, boolean>;
  try {
    return { ...all, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Record<Class, boolean>>) };
  } catch {
    return all;
  }
}

export const view = new View();
