import { catalogue, number, plural } from '$lib/i18n';

export const text = catalogue(
  {
    screen: 'Devices',
    title: (n: number) => `${number(n)} ${plural(n, { one: 'device', other: 'devices' })} can use your account`,
    titleAll: (n: number, people: number) =>
      `${number(n)} ${plural(n, { one: 'device', other: 'devices' })} of ${number(people)} ${plural(people, { one: 'person', other: 'people' })} are signed in`,
    titleOne: 'Only this device can use your account',
    titleFound: (n: number, of: number) => `${number(n)} of ${number(of)} devices`,
    lead: 'End any that you do not know. It has to sign in again.',
    leadOne: 'Each place where you sign in is listed here, and can be signed out from here.',
    everyone: "Everyone's devices",
    filter: 'Filter',
    filterHint: 'Name, person or address',
    find: 'Filter devices',
    noneFound: 'No device fits',
    noneFoundText: 'Nothing has all of these words in its name, person or address.',
    clearFilter: 'Clear the filter',

    columns: { device: 'Device', person: 'Person', address: 'Address', active: 'Last active', end: 'End' },
    unknown: 'Unknown program',
    unnamed: (id: number) => `Person ${id}`,
    current: 'This device',
    never: 'Not told',
    end: 'End',
    endNamed: (device: string) => `End ${device}`,
    ending: 'Ending',
    ended: 'Signed out',
    endedSaid: (device: string) => `${device} was signed out.`,
    endFailed: (device: string) => `${device} was not signed out`,
    signOutHere: 'Sign out here',
    kinds: { computer: 'Computer', phone: 'Phone or tablet', program: 'Program', unknown: 'Unknown' },

    others: 'End all others',
    othersTitle: (n: number) => `End ${number(n)} other ${plural(n, { one: 'device', other: 'devices' })}?`,
    othersText: 'They are signed out at once, and need the password to come back. This device stays signed in.',
    othersDo: (n: number) => `End ${number(n)} ${plural(n, { one: 'device', other: 'devices' })}`,
    othersDone: (n: number) => `${number(n)} ${plural(n, { one: 'device was', other: 'devices were' })} signed out.`,

    hereTitle: 'Sign out on this computer?',
    hereText: (server: string) =>
      `This is the device that you are using. Latchkey forgets the sign-in to ${server}, and asks for the password when you want to come back. Other devices stay signed in.`,

    details: {
      open: (device: string) => `Details of ${device}`,
      kind: 'Kind',
      agent: 'Calls itself',
      address: 'Address',
      active: 'Last active',
      person: 'Person',
      nothing: 'nothing',
    },

    asOf: (time: string) => `As of ${time}.`,
    refresh: 'Refresh',
    hidden: 'The server hides a part of each address.',
    failed: 'The devices could not be loaded',
    old: (time: string) => `This is the list as of ${time}`,

    noServer: 'Here are the devices that are signed in on a server',
    noServerText: 'Add a server first: one on this computer, or one elsewhere.',
    toServers: 'Add a server',
    cannot: (server: string) => `${server} does not tell which devices are signed in`,
    cannotText: 'OpenList and older versions of AList keep no list of devices. Changing your password there signs all of them out.',
    toAccount: 'Change the password',
    signedOut: (server: string) => `Sign in to ${server} to see your devices`,
    signIn: 'Sign in',
  },
  {
    screen: '设备',
    title: (n) => `${number(n)} 台设备可以使用您的账号`,
    titleAll: (n, people) => `${number(people)} 人的 ${number(n)} 台设备已登录`,
    titleOne: '只有本设备可以使用您的账号',
    titleFound: (n, of) => `${number(of)} 台设备中的 ${number(n)} 台`,
    lead: '发现不认识的设备，请将其下线。之后它必须重新登录。',
    leadOne: '您登录过的每台设备都会列在这里，也可以从这里下线。',
    everyone: '所有人的设备',
    filter: '筛选',
    filterHint: '名称、用户或地址',
    find: '筛选设备',
    noneFound: '没有符合的设备',
    noneFoundText: '没有设备的名称、用户或地址同时包含这些词。',
    clearFilter: '清除筛选',

    columns: { device: '设备', person: '用户', address: '地址', active: '上次活动', end: '下线' },
    unknown: '未知程序',
    unnamed: (id) => `用户 ${id}`,
    current: '本设备',
    never: '未提供',
    end: '下线',
    endNamed: (device) => `将${spaced(device)}下线`,
    ending: '正在下线',
    ended: '已下线',
    endedSaid: (device) => `“${device}”已下线。`,
    endFailed: (device) => `“${device}”未能下线`,
    signOutHere: '在此退出登录',
    kinds: { computer: '电脑', phone: '手机或平板', program: '程序', unknown: '未知' },

    others: '下线其他所有设备',
    othersTitle: (n) => `要将其他 ${number(n)} 台设备下线吗？`,
    othersText: '它们会立即退出登录，再次使用需要输入密码。本设备保持登录。',
    othersDo: (n) => `下线 ${number(n)} 台设备`,
    othersDone: (n) => `已将 ${number(n)} 台设备下线。`,

    hereTitle: '要在本机退出登录吗？',
    hereText: (server) =>
      `这是您正在使用的设备。Latchkey 会忘记在“${server}”上的登录，再次使用时需要输入密码。其他设备保持登录。`,

    details: {
      open: (device) => `“${device}”的详情`,
      kind: '类别',
      agent: '自称',
      address: '地址',
      active: '上次活动',
      person: '用户',
      nothing: '无',
    },

    asOf: (time) => `截至 ${time}。`,
    refresh: '刷新',
    hidden: '服务器隐去了地址的一部分。',
    failed: '无法加载设备列表',
    old: (time) => `这是截至 ${time} 的列表`,

    noServer: '这里会列出在服务器上登录的设备',
    noServerText: '请先添加服务器：可以在本机运行，也可以连接别处的。',
    toServers: '添加服务器',
    cannot: (server) => `“${server}”不提供已登录设备的列表`,
    cannotText: 'OpenList 和旧版 AList 没有设备列表。修改密码会让所有设备退出登录。',
    toAccount: '修改密码',
    signedOut: (server) => `登录“${server}”后即可查看设备`,
    signIn: '登录',
  },
);

// A name that begins or ends in Latin or digits has a space beside Chinese.
function spaced(name: string): string {
  return `${/^[\x21-\x7e]/.test(name) ? ' ' : ''}${name}${/[\x21-\x7e]$/.test(name) ? ' ' : ''}`;
}
