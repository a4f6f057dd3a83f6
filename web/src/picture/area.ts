/** What a consenter can do about an area: by its state and by who has agreed. The node decides; this only offers. */
import type { Schemas } from '../api/client';

export const AREA_ACTIONS = ['agree', 'drop', 'end'] as const;
export type AreaAction = (typeof AREA_ACTIONS)[number];

export const AREA_RULES: Record<AreaAction, { kind: string; states: readonly string[] }> = {
  agree: { kind: 'area_change_agreed', states: ['standing', 'loosening_proposed', 'end_proposed'] },
  drop: { kind: 'area_change_dropped', states: ['loosening_proposed', 'end_proposed'] },
  end: { kind: 'area_cancelled', states: ['standing'] },
};

/** The actions to offer; agreeing only where one's word is still missing. */
export function offeredFor(area: Pick<Schemas['AreaView'], 'matter' | 'agreed_by' | 'change_agreed_by'>, who: { participant: string; roles: readonly Schemas['Role'][] }): AreaAction[] {
  if (!who.roles.includes('consenter')) return [];
  // An area of the text itself asks for nobody's word any more.
  const agreed = area.change_agreed_by ?? area.agreed_by;
  const isMissing = Boolean(agreed) && !agreed?.includes(who.participant);
  return AREA_ACTIONS.filter((action) => AREA_RULES[action].states.includes(area.matter.state) && (action !== 'agree' || isMissing));
}

/** The version that agreeing is about: the one proposed, or the one that holds; none for the end of the area. */
export function versionAsked(area: Pick<Schemas['AreaView'], 'matter' | 'version'>): number | null {
  if (area.matter.state === 'end_proposed') return null;
  return area.matter.state === 'loosening_proposed' ? area.version + 1 : area.version;
}
