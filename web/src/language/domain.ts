/** Words of the domain: states, kinds, categories and activities. What is not listed is shown as the record has it. */
import { dictionary } from './language.svelte';

const domain = dictionary({
  en: {
    area: 'Area', protected_object: 'Protected object', keep_out: 'Kept out around it', movement: 'Humanitarian movement', operation: 'Operation', event: 'Event',
    designated_area: 'Designated area', concentrated: 'Designated: concentrated', significant: 'Designated: significant', possible: 'Designated: possible', prohibited_area: 'Prohibited area', restricted_operations_zone: 'Restricted operations zone', no_fire_area: 'No-fire area', corridor: 'Corridor', demilitarised_zone: 'Demilitarised zone', pause: 'Humanitarian pause',
    incident: 'Incident', violation: 'Alleged violation', call: 'Liaison call', excepted_flight: 'Excepted flight',
    strike: 'Strike', reconnaissance: 'Reconnaissance', transit: 'Transit', airlift: 'Airlift', airdrop: 'Airdrop', medevac: 'Medical evacuation', search_and_rescue: 'Search and rescue', humanitarian: 'Humanitarian flight',
    hospital: 'Hospital', clinic: 'Clinic', school: 'School', camp: 'Camp', warehouse: 'Warehouse', water: 'Water works', shelter: 'Shelter',
    draft: 'Draft', proposed: 'Proposed', conditions_open: 'Conditions open', objected: 'Objected', consented: 'Consented', recheck_required: 'Suspended: consent needed anew', active: 'Active', nonconforming: 'Not as declared', contingent: 'Being broken off', stopped: 'Stopped', ended: 'Ended', close_out_overdue: 'Account overdue', closed_out: 'Accounted for', settled: 'Settled', expired: 'Expired', cancelled: 'Cancelled', noticed: 'Announced',
    submitted: 'Notified', returned: 'Returned', validated: 'Validated', live: 'Live', review_overdue: 'Review overdue', revoked_with_grace: 'Being revoked', revoked: 'Revoked', lapsed: 'Lapsed', standing: 'Standing', loosening_proposed: 'Loosening proposed', end_proposed: 'End proposed', declared: 'Declared', over: 'Over',
    clear: 'Clear', consent_required: 'Consent required', prohibited: 'Prohibited',
    forbid: 'Forbids', consent: 'Needs consent', warn: 'Remark',
    planner: 'Planner', consenter: 'Consenter', watch_officer: 'Watch officer', release_officer: 'Release officer', inquiry: 'Inquiry', auditor: 'Auditor', administrator: 'Administrator', notifier: 'Notifier', monitor: 'Monitor',
    participant: 'Participant', bound_party: 'Bound party', observer: 'Observer', deliberate: 'Deliberate', dynamic: 'Dynamic',
    operation_proposed: 'Proposed', operation_revised: 'Revised', operation_consented: 'Consented', operation_consented_with_conditions: 'Consented on conditions', operation_conditions_accepted: 'Conditions accepted', operation_objected: 'Objected', operation_stopped: 'Stopped', operation_activated: 'Activated', operation_ended: 'Ended', operation_cancelled: 'Cancelled', operation_closed_out: 'Account given', closeout_answered: 'Account answered', dissent_noted: 'Dissent noted', dissent_seen: 'Dissent seen', nonconformance_observed: 'Seen not as declared', conformance_restored: 'As declared again', contingency_declared: 'Broken off', flight_noticed: 'Flight announced',
    object_submitted: 'Notified', object_validated: 'Validated', object_returned: 'Returned', object_released: 'Released', object_received: 'Received', object_loaded: 'Loaded', object_disseminated: 'Passed on', object_reviewed: 'Reviewed', object_amended: 'Amended', object_contested: 'Contested', contest_answered: 'Contest answered', object_revoked: 'Revoked',
    area_established: 'Established', area_changed: 'Changed', area_cancelled: 'End proposed', area_change_agreed: 'Change agreed', area_change_dropped: 'Change dropped', incident_reported: 'Reported', incident_source_added: 'Source added', agreement_tabled: 'Text tabled',
  } as Record<string, string>,
  ru: {
    area: 'Район', protected_object: 'Защищённый объект', keep_out: 'Запретное удаление', movement: 'Гуманитарная колонна', operation: 'Операция', event: 'Событие',
    designated_area: 'Обозначенный район', concentrated: 'Обозначенный: сосредоточение', significant: 'Обозначенный: значительное присутствие', possible: 'Обозначенный: возможное присутствие', prohibited_area: 'Запретный район', restricted_operations_zone: 'Зона ограниченных действий', no_fire_area: 'Район без огня', corridor: 'Коридор', demilitarised_zone: 'Демилитаризованная зона', pause: 'Гуманитарная пауза',
    incident: 'Происшествие', violation: 'Заявленное нарушение', call: 'Вызов по линии связи', excepted_flight: 'Исключённый полёт',
    strike: 'Удар', reconnaissance: 'Разведка', transit: 'Пролёт', airlift: 'Перевозка', airdrop: 'Сброс грузов', medevac: 'Медицинская эвакуация', search_and_rescue: 'Поиск и спасание', humanitarian: 'Гуманитарный рейс',
    hospital: 'Больница', clinic: 'Клиника', school: 'Школа', camp: 'Лагерь', warehouse: 'Склад', water: 'Водоснабжение', shelter: 'Убежище',
    draft: 'Черновик', proposed: 'Предложена', conditions_open: 'Условия открыты', objected: 'Отклонена', consented: 'Согласована', recheck_required: 'Приостановлена: нужно новое согласие', active: 'Выполняется', nonconforming: 'Отклоняется от заявленного', contingent: 'Прекращается', stopped: 'Остановлена', ended: 'Завершена', close_out_overdue: 'Отчёт просрочен', closed_out: 'Отчёт дан', settled: 'Закрыта', expired: 'Истекла', cancelled: 'Отменена', noticed: 'Объявлен',
    submitted: 'Уведомлён', returned: 'Возвращён', validated: 'Проверен', live: 'Действует', review_overdue: 'Проверка просрочена', revoked_with_grace: 'Отзывается', revoked: 'Отозван', lapsed: 'Истёк', standing: 'Действует', loosening_proposed: 'Предложено ослабление', end_proposed: 'Предложено прекращение', declared: 'Объявлена', over: 'Окончена',
    clear: 'Препятствий нет', consent_required: 'Нужно согласие', prohibited: 'Запрещено',
    forbid: 'Запрещает', consent: 'Требует согласия', warn: 'Замечание',
    planner: 'Планирующий', consenter: 'Дающий согласие', watch_officer: 'Дежурный', release_officer: 'Отвечающий за передачу', inquiry: 'Расследование', auditor: 'Аудитор', administrator: 'Администратор', notifier: 'Уведомляющий', monitor: 'Наблюдатель',
    participant: 'Участник', bound_party: 'Связанная сторона', observer: 'Наблюдатель', deliberate: 'Плановая', dynamic: 'Срочная',
    operation_proposed: 'Предложена', operation_revised: 'Изменена', operation_consented: 'Согласие дано', operation_consented_with_conditions: 'Согласие с условиями', operation_conditions_accepted: 'Условия приняты', operation_objected: 'Возражение', operation_stopped: 'Остановлена', operation_activated: 'Начата', operation_ended: 'Завершена', operation_cancelled: 'Отменена', operation_closed_out: 'Отчёт дан', closeout_answered: 'Ответ на отчёт', dissent_noted: 'Особое мнение', dissent_seen: 'Мнение учтено', nonconformance_observed: 'Замечено отклонение', conformance_restored: 'Снова как заявлено', contingency_declared: 'Прервана', flight_noticed: 'Полёт объявлен',
    object_submitted: 'Уведомлён', object_validated: 'Проверен', object_returned: 'Возвращён', object_released: 'Передан', object_received: 'Получен', object_loaded: 'Загружен', object_disseminated: 'Доведён', object_reviewed: 'Пересмотрен', object_amended: 'Изменён', object_contested: 'Оспорен', contest_answered: 'Ответ на оспаривание', object_revoked: 'Отозван',
    area_established: 'Установлен', area_changed: 'Изменён', area_cancelled: 'Предложено прекращение', area_change_agreed: 'Изменение согласовано', area_change_dropped: 'Изменение снято', incident_reported: 'Сообщено', incident_source_added: 'Добавлен источник', agreement_tabled: 'Текст внесён',
  },
  ar: {
    area: 'منطقة', protected_object: 'عين محمية', keep_out: 'مسافة الإبعاد حولها', movement: 'حركة إنسانية', operation: 'عملية', event: 'حدث',
    designated_area: 'منطقة محددة', concentrated: 'محددة: تركّز', significant: 'محددة: وجود كبير', possible: 'محددة: وجود محتمل', prohibited_area: 'منطقة محظورة', restricted_operations_zone: 'منطقة عمليات مقيّدة', no_fire_area: 'منطقة بلا نيران', corridor: 'ممر', demilitarised_zone: 'منطقة منزوعة السلاح', pause: 'هدنة إنسانية',
    incident: 'حادثة', violation: 'انتهاك مزعوم', call: 'مكالمة ارتباط', excepted_flight: 'رحلة مستثناة',
    strike: 'ضربة', reconnaissance: 'استطلاع', transit: 'عبور', airlift: 'نقل جوي', airdrop: 'إسقاط جوي', medevac: 'إخلاء طبي', search_and_rescue: 'بحث وإنقاذ', humanitarian: 'رحلة إنسانية',
    hospital: 'مستشفى', clinic: 'عيادة', school: 'مدرسة', camp: 'مخيم', warehouse: 'مستودع', water: 'محطة مياه', shelter: 'ملجأ',
    draft: 'مسودة', proposed: 'مقترحة', conditions_open: 'شروط مفتوحة', objected: 'معترَض عليها', consented: 'موافَق عليها', recheck_required: 'معلّقة: تلزم موافقة جديدة', active: 'جارية', nonconforming: 'على غير ما أُعلن', contingent: 'قيد الإنهاء', stopped: 'موقوفة', ended: 'انتهت', close_out_overdue: 'تأخر البيان', closed_out: 'قُدّم البيان', settled: 'مسوّاة', expired: 'انقضت', cancelled: 'ملغاة', noticed: 'معلَنة',
    submitted: 'أُخطر بها', returned: 'معادة', validated: 'متحقَّق منها', live: 'سارية', review_overdue: 'تأخرت المراجعة', revoked_with_grace: 'قيد السحب', revoked: 'مسحوبة', lapsed: 'انقضت', standing: 'قائمة', loosening_proposed: 'اقتُرح تخفيف', end_proposed: 'اقتُرح إنهاء', declared: 'معلنة', over: 'انتهت',
    clear: 'لا مانع', consent_required: 'تلزم موافقة', prohibited: 'محظورة',
    forbid: 'يحظر', consent: 'يتطلب موافقة', warn: 'ملاحظة',
    planner: 'مخطِّط', consenter: 'مانح الموافقة', watch_officer: 'ضابط مناوب', release_officer: 'مسؤول الإفراج', inquiry: 'تحقيق', auditor: 'مدقق', administrator: 'مدير النظام', notifier: 'مُخطِر', monitor: 'مراقب',
    participant: 'مشارك', bound_party: 'طرف ملزَم', observer: 'مراقب', deliberate: 'مخططة', dynamic: 'عاجلة',
    operation_proposed: 'اقتُرحت', operation_revised: 'عُدّلت', operation_consented: 'وافق', operation_consented_with_conditions: 'وافق بشروط', operation_conditions_accepted: 'قُبلت الشروط', operation_objected: 'اعترض', operation_stopped: 'أوقفت', operation_activated: 'بدأت', operation_ended: 'انتهت', operation_cancelled: 'ألغيت', operation_closed_out: 'قُدّم البيان', closeout_answered: 'رُدّ على البيان', dissent_noted: 'رأي مخالف', dissent_seen: 'اطُّلع على الرأي', nonconformance_observed: 'شوهدت على غير ما أُعلن', conformance_restored: 'عادت كما أُعلن', contingency_declared: 'قُطعت', flight_noticed: 'أُعلنت الرحلة',
    object_submitted: 'أُخطر بها', object_validated: 'تُحقق منها', object_returned: 'أعيدت', object_released: 'أُرسلت', object_received: 'استُلمت', object_loaded: 'حُمّلت', object_disseminated: 'عُمّمت', object_reviewed: 'روجعت', object_amended: 'عُدّلت', object_contested: 'طُعن فيها', contest_answered: 'رُدّ على الطعن', object_revoked: 'سُحبت',
    area_established: 'أنشئت', area_changed: 'تغيّرت', area_cancelled: 'اقتُرح إنهاؤها', area_change_agreed: 'وُوفق على التغيير', area_change_dropped: 'تُرك التغيير', incident_reported: 'أُبلغ عنها', incident_source_added: 'أضيف مصدر', agreement_tabled: 'طُرح النص',
  },
});

/** The word for a name of the record, such as a state; the name itself, readable, when there is none. */
export function word(name: string | null | undefined): string {
  if (!name) return '';
  return domain()[name] ?? name.replaceAll('_', ' ');
}
