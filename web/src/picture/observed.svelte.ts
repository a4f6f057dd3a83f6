/** Where each thing that was observed was last, as the observations on record say it; kept fresh while the picture is open. */
import { all, type Schemas } from '../api/client';
import { follow } from '../api/follow';
import { live, type Change } from '../shell/live.svelte';

export type Observed = Schemas['TrackView'];

const isSighting = ({ name, data }: Change): boolean => name === 'reset' || (data as { kind?: string } | null)?.kind === 'observation_recorded';

class ObservedTracks {
  list: readonly Observed[] = $state.raw([]);
  problem: unknown = $state.raw(null);

  constructor() {
    live.atEnd(() => ([this.list, this.problem] = [[], null]));
  }

  /** Keeps it fresh until the returned function is called. */
  use(): () => void {
    return follow(
      (signal) => all('/api/v1/tracks', {}, signal) as Promise<readonly unknown[]> as Promise<readonly Observed[]>,
      (list) => ([this.list, this.problem] = [list, null]),
      (problem) => (this.problem = problem),
      (ask) => live.news((changes) => changes.some(isSighting) && ask()),
    ).stop;
  }
}

/** The way of a track until an instant, as a line that a map draws over the antimeridian and not around the world. */
export function wayOf(track: Observed, until: number): [longitude: number, latitude: number][] {
  const way: [number, number][] = [];
  for (const { at, longitude_deg, latitude_deg } of track.path) {
    if (Date.parse(at) > until) break;
    const before = way.at(-1)?.[0] ?? longitude_deg;
    way.push([longitude_deg + 360 * Math.round((before - longitude_deg) / 360), latitude_deg]);
  }
  return way;
}

export const observed = new ObservedTracks();
