import { catalogue, number, plural } from '$lib/i18n';

export const text = catalogue(
  {
    screen: 'Codes',
    lead: 'The digits that a website asks for after your password. They are made on this computer, and need no network.',
    add: 'Add codes',
    export: 'Export',
    emptyTitle: 'No codes yet',
    added: (n: number) => `${number(n)} ${plural(n, { one: 'code', other: 'codes' })} added`,
    takenBack: 'The codes that were added are gone again.',
  },
  {
    screen: '验证码',
    lead: '网站在输入密码之后要求的数字。验证码在本机生成，无需联网。',
    add: '添加验证码',
    export: '导出',
    emptyTitle: '还没有验证码',
    added: (n) => `已添加 ${number(n)} 个验证码`,
    takenBack: '刚添加的验证码已撤销。',
  },
);
