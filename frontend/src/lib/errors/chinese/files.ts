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
  remote_file_changed: '文件在下载期间在服务器上发生了变化。请重试。',
  remote_trash_not_found: '回收站里已没有这一项。它可能已被恢复，或已超过 30 天。',
  remote_trash_other_disk: '这一项与回收站不在服务器的同一块磁盘上，只能永久删除。',
  local_name_taken: '这里已有同名的文件或文件夹。请换一个名称。',
  local_file_failing: '无法在这里写入文件。请检查文件夹是否存在且属于您，以及磁盘是否已满。',
  local_file_not_found: '该文件已不存在。请重新选择。',
  local_file_unreadable: '无法读取该文件。请检查它是否属于您。',
  local_file_special: '这既不是文件也不是文件夹。请选择文件本身。',
  local_file_changed: '文件在发送期间发生了变化。请重试。',
  transfer_too_many: '同时最多可以传输 1,000 个文件和文件夹。请改为选择整个文件夹，或稍候再试。',
  transfer_folder_too_large: '该文件夹里的文件和文件夹超过 20,000 个。请分别选择其中的文件夹。',
  transfer_folder_too_deep: '该文件夹里的层级太深。请分别选择其中的文件夹。',
};
