// What is left to do until a key opens a server's files: each step with its
// state, what does it and what takes it back.
import { api, type LocalKey, type Tested } from '$lib/backend';
import { action, load } from '$lib/state';
import { flow } from './flow.svelte';
import { hosting } from './host.svelte';
import { shutOut } from './passphrases.svelte';
import { free } from './rules/rules';
import { inToken } from './token.svelte';

interface Asked {
  id: () => string;
  /** The key on this computer; none while it is not known. */
  key: () => LocalKey | undefined;
  /** The server has its public half. */
  there: () => boolean;
  onuploaded: () => void;
}

export type Readying = ReturnType<typeof readying>;

/** readying keeps the steps of a key with a server. Call it while a component is made. */
export function readying({ id, key, there, onuploaded }: Asked) {
  const path = () => key()?.path ?? '';
  const both = () => (path() && id() ? `${id()} ${path()}` : '');
  const opening = () => ({ id: id(), key: path(), passphrase: typed.passphrase, keep: typed.keep && typed.passphrase !== '' });

  const typed = $state({ passphrase: '', keep: false });
  const state = $state<{ asked: boolean; kept: boolean; tested: Tested | null }>({ asked: false, kept: false, tested: null });
  /** The key stays in a security token, which OpenSSH alone speaks to: it is neither put into the agent nor tried here. */
  const token = $derived(inToken(key()?.algorithm ?? ''));
  const agent = load(() => (token ? '' : path()), (of) => api.keys.agentState(of));
  const entry = load(both, () => api.keys.planEntry({ id: id(), key: path() }));
  const host = hosting({ id: () => (path() ? id() : ''), ontrusted: () => resume && void doing.run() });

  const loaded = $derived(agent.data?.state === 'loaded');
  // What is kept may not fit any more, because another program has changed it.
  const kept = $derived((key()?.kept || state.kept) && !refused());
  const sealed = $derived(Boolean(key()?.encrypted) && !kept && !loaded);
  /** Whether the passphrase is needed and not there; the step that wants it says so then. */
  const lacking = () => (state.asked = sealed && !typed.passphrase);
  function refused() {
    return shutOut(addToAgent.problem) ?? shutOut(test.problem);
  }
  function opened() {
    if (typed.passphrase) state.kept = typed.keep;
    typed.passphrase = '';
  }
  let resume = false; // once somebody has compared the host key

  const upload = action(async () => {
    await api.keys.upload({ id: id(), title: flow.title.trim(), line: key()?.line ?? '', rules: free });
    flow.uploaded = true;
    onuploaded();
  });
  const addToAgent = action(async () => {
    if (lacking()) return;
    await api.keys.addToAgent(opening());
    opened();
    await agent.refresh();
  });
  const removeFromAgent = action(async () => {
    await api.keys.removeFromAgent(key()?.fingerprint ?? '');
    await agent.refresh();
  });
  const writeEntry = action(async () => {
    try {
      await api.keys.writeEntry({ id: id(), key: path(), diff: entry.data?.diff ?? '' });
    } finally {
      await entry.refresh();
    }
  });
  const removeEntry = action(async () => {
    await api.keys.removeEntry(entry.data?.alias ?? '');
    await entry.refresh();
  });
  const test = action(async () => {
    state.tested = null;
    if (lacking()) return;
    state.tested = await api.keys.test(opening());
    opened();
  });

  const tested = $derived(host.data?.state === 'trusted' ? state.tested : null);
  const steps = [
    { done: there, run: () => upload.run() },
    { done: () => token || loaded || agent.data?.state === 'none', run: () => addToAgent.run() },
    { done: () => entry.data?.written === true, run: () => writeEntry.run() },
    {
      done: () => host.data?.state === 'trusted',
      run: async () => {
        if (!host.data) await host.refresh();
        if (host.data?.state === 'unseen' && host.data.compared) return host.trust.run(false);
        resume = host.data?.state === 'unseen';
        return false;
      },
    },
    { done: () => token || tested !== null, run: () => test.run() },
  ];
  const left = $derived(steps.filter((s) => !s.done()).length);

  // It stops where somebody has to do something.
  const doing = action(async () => {
    resume = false;
    for (const step of steps) {
      if (!step.done() && !((await step.run()) && step.done())) return;
    }
  });

  return {
    typed, agent, entry, host, upload, addToAgent, removeFromAgent, writeEntry, removeEntry, test, all: doing.run,
    get token() {
      return token;
    },
    get busy() {
      return doing.busy;
    },
    get left() {
      return left;
    },
    get there() {
      return there();
    },
    /** What came of the test; none any more once the host is not trusted. */
    get tested() {
      return tested;
    },
    get sealed() {
      return sealed;
    },
    /** The passphrase is missing at the step that was tried. */
    get asked() {
      return state.asked && sealed && !typed.passphrase;
    },
    /** Why what was typed, or kept, does not open the key. */
    get shutOut() {
      return refused();
    },
  };
}
