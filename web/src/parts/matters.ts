import { dictionary } from '../language/language.svelte';

export const matters = dictionary({
  en: { what: 'What', state: 'State', by: 'Brought up by', since: 'Since', details: 'Details' },
  ru: { what: 'Что', state: 'Состояние', by: 'Кем заявлено', since: 'С', details: 'Подробности' },
  ar: { what: 'ماذا', state: 'الحالة', by: 'مقدَّم من', since: 'منذ', details: 'التفاصيل' },
});
