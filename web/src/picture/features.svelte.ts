/** Everything that stands at the instant shown, as the node draws it. Rooms with a map share it. */
import type { Geometry, Position } from 'geojson';
import { untrack } from 'svelte';
import { get, type Schemas } from '../api/client';
import { follow, type Following } from '../api/follow';
import { inLanguage, type LocalText } from '../language/language.svelte';
import { live, type Change } from '../shell/live.svelte';
import { nodeClock } from '../shell/clock.svelte';

/** What a feature is, with the members that its class has. */
export type Properties = Omit<Schemas['PropertiesView'], 'name' | 'more' | 'axis'> & {
  name?: LocalText;
  axis?: Geometry;
  more: {
    area_kind?: string;
    groups?: string[];
    applies_to?: string[];
    activities?: string[];
    consent_of?: string[];
    accuracy_m?: number;
    accuracy_assumed?: boolean;
    standoff_m?: number;
    keep_out_m?: number;
    submitted_by?: string;
    is_validated?: boolean;
    contested_by?: string[];
    part?: number;
    party?: string;
    force?: string;
    version?: number;
    verdict?: string;
    consents?: string[];
    leg?: number;
    departed?: string;
    legs?: { name: LocalText | null; start: string; end: string }[];
    source?: string;
    at?: string;
    recorded_at?: string;
    said_by?: string;
    precision?: string;
  };
};

export interface Feature {
  type: 'Feature';
  id: string;
  geometry: Geometry | null;
  properties: Properties;
}

type Picture = Awaited<ReturnType<typeof get<'/api/v1/picture/features'>>>;

/** Whether an entry moved some matter: signs of life and mere statements do not, and nothing is drawn of them. */
function movesSomething({ name, data }: Change): boolean {
  const said = data as { is_revised?: boolean; outcome?: { changes?: unknown[] } } | null;
  return name !== 'applied' || said?.is_revised === true || !Array.isArray(said?.outcome?.changes) || said.outcome.changes.length > 0;
}

class Features {
  all: readonly Feature[] = $state.raw([]);
  /** The instant shown; `null` follows the node's clock. */
  at: string | null = $state(null);
  /** Whether what stands at the instant shown is still on its way. */
  isBehind: boolean = $state(false);
  problem: unknown = $state.raw(null);
  isLoaded: boolean = $state(false);
  #content: string | null = null;
  #users = 0;
  #following: Following | null = null;

  constructor() {
    live.atEnd(() => ([this.all, this.at, this.problem, this.isLoaded, this.#content] = [[], null, null, false, null]));
  }

  /** Keeps the features fresh until the returned function is called. */
  use(): () => void {
    this.#users += 1;
    if (this.#users === 1) untrack(() => this.#follow());
    return () => {
      this.#users -= 1;
      if (this.#users === 0) this.#following?.stop();
    };
  }

  /** Shows another instant; `null` for now. */
  show(at: string | null): void {
    untrack(() => {
      if (at === this.at) return;
      this.at = at;
      if (this.#users > 0) this.#follow();
    });
  }

  #follow(): void {
    this.#following?.stop();
    const at = this.at ?? undefined;
    this.isBehind = true;
    this.#following = follow(
      (signal) => get('/api/v1/picture/features', { query: { at }, signal }),
      (picture) => this.#draw(picture),
      (problem) => ([this.problem, this.isBehind] = [problem, false]),
      (ask) => live.news((changes) => changes.some(movesSomething) && ask()),
    );
  }

  #draw(picture: Picture): void {
    // Signs of life come every few seconds and change nothing: what is drawn already is not drawn again.
    // The first is drawn whatever it is, and is put into words only when there is a second to compare it with.
    const content = this.isLoaded ? JSON.stringify(picture.features) : null;
    if (content === null || content !== (this.#content ?? JSON.stringify(this.all))) this.all = picture.features as unknown as Feature[];
    this.#content = content;
    nodeClock.set(picture.now);
    this.problem = null;
    [this.isLoaded, this.isBehind] = [true, false];
  }

  /** The features of a matter or thing. */
  of(subject: string): Feature[] {
    return this.all.filter((feature) => feature.properties.subject === subject);
  }
}

export const features = new Features();

/** The name of a feature for people: its own, or its id. */
export function nameOf(feature: Feature): string {
  return inLanguage(feature.properties.name) || feature.properties.subject;
}

/** Whether it holds at an instant; what has no times always does. */
export function holdsAt(properties: Properties, at: number): boolean {
  const { start, end } = properties;
  if (start && Date.parse(start) > at) return false;
  return !end || end === 'UFN' || Date.parse(end) > at;
}

/** West, south, east and north of geometries; `null` when there is nothing. */
export function bounds(geometries: readonly (Geometry | null)[]): [number, number, number, number] | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (coordinates: Position | Position[] | Position[][] | Position[][][]): void => {
    if (typeof coordinates[0] === 'number') {
      const [x, y] = coordinates as [number, number];
      west = Math.min(west, x);
      east = Math.max(east, x);
      south = Math.min(south, y);
      north = Math.max(north, y);
    } else for (const inner of coordinates as Position[]) visit(inner);
  };
  for (const geometry of geometries) if (geometry && 'coordinates' in geometry) visit(geometry.coordinates);
  return west <= east ? [west, south, east, north] : null;
}
