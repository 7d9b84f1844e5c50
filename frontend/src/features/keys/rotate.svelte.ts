// A new key takes the place of an old one on a server: each step with its
// state, and what does it. Go knows how far it is; here is what was typed, and
// what has signed in since the page was opened.
import { api, type KeyRotation, type RotationStep, type RotationStepName } from '$lib/backend';
import { action, load, type Loaded } from '$lib/state';
import { hosting } from './host.svelte';
import { shutOut } from './passphrases.svelte';

/** The steps in their order; host stands before the first connection. */
export const order = ['make', 'upload', 'host', 'test', 'entry', 'agent', 'remove', 'aside'] as const;
export type RotatingStep = (typeof order)[number];

export type Rotating = ReturnType<typeof rotating>;

/** rotating keeps a rotation of the key in a file on a server. Call it while a component is made. */
export function rotating({ id, path }: { id: () => string; path: () => string }) {
  const typed = $state({ kind: '', passphrase: '', again: '', old: '', keep: false });
  const state = $state<{ at: RotatingStep | ''; tested: boolean; known: boolean; asked: boolean; differs: boolean; seen: string }>({
    at: '', tested: false, known: false, asked: false, differs: false, seen: '',
  });
  // The old file has its name no more then, and nothing is left to ask about.
  let ended = $state.raw<KeyRotation>();
  const opening: RotatingStep[] = ['test', 'agent', 'remove'];
  const turnTo = (step: RotationStepName | '', anyway = false) => ({
    id: id(), key: path(), step, kind: typed.kind, old: typed.old, new: typed.passphrase, diff: ended?.diff ?? now.data?.diff ?? '', anyway,
    keep: typed.keep && typed.passphrase !== '' && !state.known && (step === 'make' || opening.some((s) => s === step)),
  });
  const now: Loaded<KeyRotation> = load(
    () => (id() && path() && !ended ? `${id()} ${path()}` : ''),
    () => api.keys.rotate(turnTo('')),
  );
  const view = $derived(ended ?? now.data);
  const host = hosting({ id: () => (path() ? id() : ''), ontrusted: () => resume && void all.run() });

  const stateOf = (step: RotatingStep): RotationStep['state'] => {
    if (step === 'host') return host.data?.state === 'trusted' || stateOf('remove') === 'done' ? 'done' : 'todo';
    if (step === 'test' && state.tested) return 'done';
    return view?.steps.find((s) => s.step === step)?.state ?? 'todo';
  };
  const left = $derived(order.filter((step) => stateOf(step) === 'todo').length);
  /** The new key has a passphrase that nobody has typed, and the agent does not have the key. */
  const sealed = $derived(Boolean(view?.new?.encrypted) && (!view?.new?.kept || Boolean(refused())) && stateOf('agent') !== 'done');
  const wants = (step: RotatingStep) => sealed && opening.includes(step) && !typed.passphrase;

  async function take(step: RotationStepName, anyway = false) {
    const got = await api.keys.rotate(turnTo(step, anyway));
    if (got.aside) ended = got;
    else now.change(() => got);
    if (step === 'test' || step === 'remove') state.tested = true;
    if (step === 'make' || opening.includes(step)) state.known = true;
  }
  const turn = action(async (step: RotatingStep, anyway?: boolean) => {
    state.at = step;
    state.asked = wants(step);
    state.differs = step === 'make' && typed.passphrase !== typed.again;
    if (state.asked || state.differs) return;
    if (step !== 'host') await take(step, anyway);
  });

  function refused() {
    return shutOut(turn.problem);
  }
  let resume = false; // once somebody has compared the host key
  // It stops where somebody has to do something: at a passphrase, at a host key
  // that nobody can vouch for, and at a change of the ssh config.
  const all = action(async () => {
    resume = false;
    if (!view) return;
    for (const step of order) {
      if (stateOf(step) !== 'todo') continue;
      if (step === 'host') {
        if (!host.data) await host.refresh();
        if (host.data?.state === 'unseen' && host.data.compared && (await host.trust.run(false))) continue;
        state.at = 'host';
        resume = true;
        return;
      }
      const { diff } = view;
      if (step === 'entry' && diff && state.seen !== diff) {
        state.seen = diff;
        return;
      }
      if (!(await turn.run(step)) || state.asked || state.differs) return;
    }
  });

  return {
    typed, host, all: all.run, turn: turn.run, stateOf, stop: () => api.keys.stopMaking(),
    refresh: now.refresh,
    get view() {
      return view;
    },
    /** Why nothing can be told. */
    get problem() {
      return view ? null : now.problem;
    },
    get loading() {
      return now.loading;
    },
    get left() {
      return left;
    },
    get busy() {
      return all.busy;
    },
    /** busyAt tells whether a step is being taken. */
    busyAt: (step: RotatingStep) => turn.busy && state.at === step,
    problemAt: (step: RotatingStep) => (state.at === step && !refused() ? turn.problem : null),
    /** Why what was typed, or kept, does not open the new key. */
    get shutOut() {
      return refused();
    },
    fieldAt: (field: string) => turn.at(field),
    /** The passphrase is missing at a step that was tried. */
    askedAt: (step: RotatingStep) => state.at === step && state.asked && !typed.passphrase,
    get sealed() {
      return sealed;
    },
    /** What was typed is the passphrase of the new key. */
    get known() {
      return state.known;
    },
    /** The first step that is left and needs the passphrase. */
    get firstSealed() {
      return opening.find((step) => stateOf(step) === 'todo');
    },
    /** Both passphrases of the new key are not the same. */
    get differs() {
      return state.differs && typed.passphrase !== typed.again;
    },
  };
}

