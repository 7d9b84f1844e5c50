// What was handed in and is not added yet. Go keeps it; here is what it has said
// of that, and what the person has decided. It outlives the surface.
import { api, asProblem, type IntakeChoice, type IntakeFound, type IntakeNews, type IntakeState, type Problem } from '$lib/backend';

/** What a person wants of one thing that was found. */
export interface Wish {
  ticked: boolean;
  issuer: string;
  account: string;
  /** The old one of that name goes to the trash. */
  replaces: boolean;
  links: boolean;
}

interface Now {
  state: IntakeState;
  /** How many things are being read. */
  reading: number;
  problem: Problem | null;
  wishes: Record<string, Wish>;
}

const nothing: IntakeState = { found: [], missed: [], batches: [], waiting: [], plain: [] };
const now = $state<Now>({ state: nothing, reading: 0, problem: null, wishes: {} });

// What is new is ticked; what is there, or only has the name of something, is not.
const first = (f: IntakeFound): Wish => ({
  ticked: f.state === 'new',
  issuer: f.issuer,
  account: f.account,
  replaces: false,
  links: f.link?.exact ?? false,
});

function receive(state: IntakeState) {
  now.wishes = Object.fromEntries(state.found.map((f) => [f.id, now.wishes[f.id] ?? first(f)]));
  now.state = state;
}

const isNamed = (w: Wish) => w.issuer.trim() !== '' || w.account.trim() !== '';

function choice(f: IntakeFound, w: Wish): IntakeChoice {
  const link = w.links ? f.link : null;
  return {
    id: f.id,
    issuer: w.issuer,
    account: w.account,
    replaces: w.replaces && f.state === 'namesake' ? f.existing : '',
    server: link?.server ?? '',
    username: link?.username ?? '',
  };
}

export const intake = {
  get state() {
    return now.state;
  },
  get reading() {
    return now.reading > 0;
  },
  get problem() {
    return now.problem;
  },
  wish: (f: IntakeFound): Wish => now.wishes[f.id] ?? first(f),
  get chosen(): IntakeFound[] {
    return now.state.found.filter((f) => now.wishes[f.id]?.ticked);
  },
  /** unnamed is the first chosen one that nobody could find again. */
  get unnamed(): IntakeFound | undefined {
    return intake.chosen.find((f) => !isNamed(intake.wish(f)));
  },
  receive,
  /** take waits for what a call hands in. What is refused as a whole is the problem. */
  async take(call: () => Promise<IntakeState>): Promise<void> {
    now.reading += 1;
    now.problem = null;
    try {
      receive(await call());
    } catch (reason) {
      now.problem = asProblem(reason);
    } finally {
      now.reading -= 1;
    }
  },
  /** tick chooses all, or none, of what is not there already. */
  tick(all: boolean) {
    for (const f of now.state.found) {
      const wish = now.wishes[f.id];
      if (wish) wish.ticked = all && (f.state === 'new' || f.state === 'namesake');
    }
  },
  /** begin and news are for what is dropped on the window, which Go reads by itself. */
  begin: () => (now.reading += 1),
  news({ state, problem }: IntakeNews) {
    now.reading = Math.max(0, now.reading - 1);
    receive(state);
    now.problem = problem;
  },
  async keep(): Promise<string[]> {
    const ids = await api.intake.keep(intake.chosen.map((f) => choice(f, intake.wish(f))));
    receive(await api.intake.state());
    return ids;
  },
  async clear() {
    await api.intake.clear();
    now.problem = null;
    receive(nothing);
  },
};
