import { catalogue } from '$lib/i18n';

export const text = catalogue({ title: 'Add codes', cancel: 'Cancel', done: 'Done' }, { title: '添加验证码', cancel: '取消', done: '完成' });
