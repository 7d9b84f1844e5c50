import { catalogue, date } from '$lib/i18n';

export const text = catalogue(
  {
    limit: 'Limits…',
    title: (title: string) => `What may “${title}” do?`,
    lead: 'New limits hold at once. A connection that the key would not open any more is closed.',
    all: 'Limit what the key may do',
    do: 'Set the limits',
    saved: (title: string) => `The limits of “${title}” are set.`,

    expires: 'The key works',
    lives: { never: 'Always', '30': 'For 30 days', '90': 'For 90 days', '365': 'For a year', day: 'Until a day…' },
    until: (last: number) => `Its last day is ${date(last)}.`,
    day: 'Its last day',
    dayHint: 'Year, month and day, such as 2030-12-31.',
    dayWrong: 'Write a day that is still to come, such as 2030-12-31.',
    from: 'From these addresses only',
    fromHint: 'Addresses or networks with commas between, such as 192.168.1.0/24, fd00::/8. Empty: from anywhere.',
    readOnly: 'It only reads',
    readOnlyHint: 'It can download, and change nothing.',
    folder: 'This folder only',
    folderHint: 'A path such as /photos, which is then the top. Empty: all your files.',

    expired: 'Expired',
    words: {
      readOnly: 'read only',
      until: (last: number) => `until ${date(last)}`,
      folder: (folder: string) => `only ${folder}`,
      from: (from: string) => `only from ${from}`,
    },
    line: (words: string[]) => words.join(', '),
  },
  {
    limit: '限制…',
    title: (title) => `“${title}”可以做什么？`,
    lead: '新的限制立即生效，不再允许的连接会被断开。',
    all: '限制这个密钥的用途',
    do: '保存限制',
    saved: (title) => `已设置“${title}”的限制。`,

    expires: '有效期',
    lives: { never: '始终有效', '30': '30 天', '90': '90 天', '365': '一年', day: '到指定日期…' },
    until: (last) => `最后一天是${date(last)}。`,
    day: '最后一天',
    dayHint: '年、月、日，例如 2030-12-31。',
    dayWrong: '请填写今天或以后的日期，例如 2030-12-31。',
    from: '只允许这些地址',
    fromHint: '地址或网段，以逗号分隔，例如 192.168.1.0/24, fd00::/8。留空则不限。',
    readOnly: '只读',
    readOnlyHint: '只能下载，不能更改任何内容。',
    folder: '只限这个文件夹',
    folderHint: '路径，例如 /photos；用这个密钥登录时它就是最上层。留空则为您的全部文件。',

    expired: '已过期',
    words: {
      readOnly: '只读',
      until: (last) => `有效期至${date(last)}`,
      folder: (folder) => `只限 ${folder}`,
      from: (from) => `只允许 ${from}`,
    },
    line: (words) => words.join('，'),
  },
);
