// Whether this system's keyring can keep a key. It outlives the screen: going
// back and on again does not ask, nor wait, anew.
import { api, asProblem, type Problem } from '$lib/backend';

const now = $state<{ asked: boolean; asking: boolean }>({ asked: false, asking: false });
let unavailable = $state.raw<Problem | null>(null);
let round = 0;

async function ask() {
  const mine = ++round;
  now.asked = now.asking = true;
  const answer = await api.vault.probe().catch(asProblem);
  if (mine !== round) return;
  unavailable = answer;
  now.asking = false;
}

export const keyring = {
  get asking() {
    return now.asking;
  },
  /** Why it cannot be used; null while that is not known. */
  get unavailable() {
    return unavailable;
  },
  ask,
  begin: () => void (now.asked || ask()),
  forget() {
    round++;
    now.asked = now.asking = false;
    unavailable = null;
  },
};
