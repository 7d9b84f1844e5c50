import { catalogue } from '$lib/i18n';

/** What formats of key files are called, in any language. */
export const formatNames = { openssh: 'OpenSSH', ppk: 'PPK', pkcs8: 'PKCS#8', rfc4716: 'RFC 4716', pem: 'PEM' };

/** The words of formats: bringing a key in from another program, and saving a copy for one. */
export const copyText = catalogue(
  {
    formats: {
      openssh: 'For ssh, sftp, rclone and most other programs.',
      ppk: 'For PuTTY, WinSCP and FileZilla on Windows. Version 3.',
      pkcs8: 'A PEM file, for programs built on OpenSSL or Java. It has no place for the comment.',
      rfc4716: 'The public half alone, for devices and servers that ask for this form.',
    },
    bring: {
      title: (file: string) => `Bring in “${file}”`,
      lead: 'A copy in OpenSSH’s format goes into your folder of keys, for you alone to read. The file itself stays as it is.',
      file: 'The file',
      format: (format: string, kind: string) => (kind ? `${kind}, in the format ${format}` : `In the format ${format}. Its passphrase tells which key it is.`),
      passphrase: 'Passphrase of the file',
      same: 'The copy gets the same passphrase',
      do: 'Bring it in',
      ready: 'Your key is in your folder of keys',
      done: (name: string) => `“${name}” is in your folder of keys.`,
    },
    copy: {
      title: (name: string) => `Save a copy of “${name}”`,
      lead: 'For a program that wants another format. The key itself stays as it is, and nothing is overwritten.',
      format: 'Format',
      passphrase: 'Passphrase of the key',
      same: 'The copy gets the same passphrase',
      new: 'Passphrase of the copy',
      do: 'Save the copy',
      done: 'The copy is saved',
      doneText: 'It has been read back from the disk, and is the same key.',
      path: 'Copy the path',
    },
  },
  {
    formats: {
      openssh: '用于 ssh、sftp、rclone 等大多数程序。',
      ppk: '用于 Windows 上的 PuTTY、WinSCP、FileZilla，第 3 版。',
      pkcs8: 'PEM 文件，用于基于 OpenSSL 或 Java 的程序，不含注释。',
      rfc4716: '只含公钥，用于需要这种格式的设备和服务器。',
    },
    bring: {
      title: (file) => `导入“${file}”`,
      lead: '以 OpenSSH 格式在密钥文件夹中保存一份，只有您能读取。原文件保持不变。',
      file: '文件',
      format: (format, kind) => (kind ? `${kind}，格式为 ${format}` : `格式为 ${format}。输入密码短语后才能知道是哪个密钥。`),
      passphrase: '原文件的密码短语',
      same: '新文件沿用此密码短语',
      do: '导入',
      ready: '密钥已导入',
      done: (name) => `“${name}”已放入密钥文件夹。`,
    },
    copy: {
      title: (name) => `另存“${name}”的副本`,
      lead: '用于需要其他格式的程序。原密钥不变，也不会覆盖任何文件。',
      format: '格式',
      passphrase: '密钥的密码短语',
      same: '副本沿用此密码短语',
      new: '副本的密码短语',
      do: '保存副本',
      done: '副本已保存',
      doneText: '已从磁盘读回核对，是同一个密钥。',
      path: '复制路径',
    },
  },
);
