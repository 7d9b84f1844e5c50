import { catalogue } from '$lib/i18n';

export const text = catalogue({ title: 'Export codes', cancel: 'Cancel' }, { title: '导出验证码', cancel: '取消' });
