/** Symbols of APP-6 for operations, loaded when somebody asks for them. Every frame is neutral: nothing here is anybody's enemy. */
import type { Map as MapLibre } from 'maplibre-gl';

/** Entities of fixed-wing aircraft (APP-6D, symbol set 01) by activity. */
const ENTITIES: Record<string, string> = {
  strike: '110102', reconnaissance: '110111', transit: '110100', airlift: '110107', airdrop: '110107', medevac: '110101', search_and_rescue: '110118', humanitarian: '110107',
};
const SIZE = 26;
const RATIO = 2;

/** The symbol's code, twenty digits: version, neutral identity, set, status, no headquarters, no echelon, entity, no modifiers. */
export function codeOf(activity: string, isPlanned: boolean): string {
  return ['10', '04', '01', isPlanned ? '1' : '0', '0', '00', ENTITIES[activity] ?? '110000', '0000'].join('');
}

/** The name of a symbol's picture on the map. */
export const symbolName = (activity: string, isPlanned: boolean): string => `app6-${activity in ENTITIES ? activity : 'transit'}-${isPlanned ? 'planned' : 'present'}`;

/** Loads what draws the symbols; the answer adds every one to a map. */
export async function symbols(): Promise<(map: MapLibre) => void> {
  const { default: ms } = await import('milsymbol');
  return (map) => add(ms, map);
}

function add(ms: typeof import('milsymbol').default, map: MapLibre): void {
  for (const activity of Object.keys(ENTITIES)) {
    for (const isPlanned of [false, true]) {
      const name = symbolName(activity, isPlanned);
      if (map.hasImage(name)) continue;
      const canvas = new ms.Symbol(codeOf(activity, isPlanned), { size: SIZE }).asCanvas(RATIO);
      const context = canvas.getContext('2d');
      if (context) map.addImage(name, context.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: RATIO });
    }
  }
}
