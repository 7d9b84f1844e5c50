// Programs that the suite starts, and that end with it.
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** until waits for a condition, and fails with `what` when it takes longer than `limit` milliseconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limit = 30_000) {
  const end = Date.now() + limit;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Waited ${limit / 1000} s for: ${what}`);
    await sleep(25);
  }
}

const running = new Set<ChildProcess>();

// Nothing outlives the suite, also where that is cut short.
process.once('exit', () => {
  for (const { pid } of running) if (pid !== undefined) signalGroup(pid, 'SIGKILL');
});

/** start runs a program in a process group of its own, so that all of it can be ended. */
export function start(command: string, args: string[], options: SpawnOptions = {}): ChildProcess {
  const started = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, detached: true });
  running.add(started);
  started.once('exit', () => running.delete(started));
  return started;
}

/** end stops a process group: politely if told so, and for sure in any case. */
export async function end(process_: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL') {
  if (process_.pid === undefined || process_.exitCode !== null || process_.signalCode !== null) return;
  const gone = new Promise((resolve) => process_.once('exit', resolve));
  signalGroup(process_.pid, signal);
  await Promise.race([gone, sleep(5000)]);
  signalGroup(process_.pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

/**
 * sweep ends what left its process group, as the daemons of a desktop session
 * do: everything that was started with this folder in its environment.
 */
export function sweep(folder: string) {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
    }
  }
}
