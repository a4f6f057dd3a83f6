import { dictionary } from '../language/language.svelte';

export const proof = dictionary({
  en: { ledger: 'Ledger', entries: 'Entries', presence: 'Its owner', cosigned: 'Cosigned by', root: 'Root' },
  ru: { ledger: 'Журнал', entries: 'Записей', presence: 'Его владелец', cosigned: 'Заверили', root: 'Корень' },
  ar: { ledger: 'السجل', entries: 'القيود', presence: 'صاحبه', cosigned: 'صادق عليه', root: 'الجذر' },
});
