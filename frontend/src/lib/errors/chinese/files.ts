import type { Sentences } from '../sentences';

// Files on a server.
export const files: Sentences = {
  remote_file_not_found: '服务器上没有这个文件或文件夹。',
  remote_file_exists: '服务器上已有同名的文件或文件夹。请换一个名称，或选择替换它。',
  remote_file_is_folder: '服务器上的这一项是文件夹，不是文件。',
  remote_file_not_folder: '路径中有一段在服务器上是文件，不是文件夹。',
  remote_file_denied: '您的账户无权对这里的文件执行该操作。服务器的管理员可以授予权限。',
  remote_file_path_invalid: '服务器不接受这个路径。请使用在所有系统上都可用的名称，不含“..”、反斜杠和控制字符。',
  remote_file_storage_full: '您在服务器上的存储空间已用完。请删除一些文件，或请管理员增加空间。',
  remote_file_disk_full: '服务器的磁盘已满。请在那里腾出空间后重试。',
  remote_file_damaged: '文件在传输中损坏，服务器没有保留。请重新发送。',
  remote_file_cut_off: '文件还没传完，连接就中断了。请重试，下载会从中断处继续。',
};
