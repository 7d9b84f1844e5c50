import { catalogue, number, plural } from '$lib/i18n';

export const text = catalogue(
  {
    palette: 'Commands',
    open: 'Show all commands',
    placeholder: 'What would you like to do?',
    found: (n: number) => `${number(n)} ${plural(n, { one: 'command', other: 'commands' })}`,
    none: 'There is no such command. Try another word.',
    shortcuts: 'Keyboard shortcuts',
    shortcutsLead: 'They work everywhere but in dialogs.',
    lists: 'In lists',
    move: 'Move',
    act: 'Open',
    remove: 'Delete or end',
    close: 'Close a dialog',
  },
  {
    palette: '命令',
    open: '显示全部命令',
    placeholder: '您想做什么？',
    found: (n) => `${number(n)} 条命令`,
    none: '没有这样的命令，请换个词试试。',
    shortcuts: '键盘快捷键',
    shortcutsLead: '除对话框外处处可用。',
    lists: '在列表中',
    move: '移动',
    act: '打开',
    remove: '删除或下线',
    close: '关闭对话框',
  },
);
