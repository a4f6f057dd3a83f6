import { describe, expect, it } from 'vitest';
import { folded, search, type NamedPlace } from './search';
import type { Feature } from './features.svelte';

const feature = (subject: string, name: Feature['properties']['name']): Feature => ({
  type: 'Feature', id: subject, geometry: null,
  properties: { class: 'area', kind: 'designated_area', subject, name, more: {} } as unknown as Feature['properties'],
});
const features = [feature('da-jisr', { en: 'Designated area 1, Jisr al-Shughur', ru: 'Обозначенный район 1, Джиср-эш-Шугур', ar: 'المنطقة المحددة ١، جسر الشغور' }), feature('clinic-c2', 'Clinic')];
const places: NamedPlace[] = [{ at: [37.161, 36.201], names: ['Aleppo', 'Алеппо', 'حلب'], population: 2_000_000 }];
const titles = (text: string): string[] => search(text, features, places, (one) => one.properties.subject).map(({ title, kind }) => `${kind}:${title}`);

describe('search', () => {
  it.each(['jisr', 'JISR AL', 'джиср', 'جسر', 'جِسر الشغور', 'da-jisr'])('finds an area by %s', (text) => expect(titles(text)).toContain('feature:da-jisr'));
  it.each(['aleppo', 'алеппо', 'حلب'])('finds a place by %s', (text) => expect(titles(text)[0]).toContain('place:Aleppo'));
  it('finds a coordinate', () => expect(titles('36.2, 37.16')[0]).toBe('coordinate:36.2, 37.16'));
  it('finds nothing for nothing', () => expect(titles(' ')).toEqual([]));
  it('folds letters that are written one way or another', () => expect(folded('إدلب')).toBe(folded('ادلب')));
});
