import { catalogue } from '$lib/i18n';

export const text = catalogue(
  {
    quit: 'Quit Latchkey',
    title: 'Keep your server running?',
    lead: 'The server on this computer is running. Devices and programs that use it lose the connection when it stops.',
    titleStop: 'Stop your server and quit?',
    leadStop: 'The server on this computer runs in this window. Devices and programs that use it lose the connection.',
    keep: 'Keep it running',
    stop: 'Stop and quit',
    remember: 'Do this each time, without asking',
    back: 'Start Latchkey again to bring the window back.',
  },
  {
    quit: '退出 Latchkey',
    title: '让服务器继续运行吗？',
    lead: '本机的服务器正在运行。停止后，正在使用它的设备和程序会断开连接。',
    titleStop: '停止服务器并退出吗？',
    leadStop: '本机的服务器在此窗口中运行。正在使用它的设备和程序会断开连接。',
    keep: '继续运行',
    stop: '停止并退出',
    remember: '以后都这样做，不再询问',
    back: '再次启动 Latchkey 即可重新打开窗口。',
  },
);
