// The host key of a server: what it shows, and whether it is trusted.
import { api } from '$lib/backend';
import { action, load } from '$lib/state';

export type Hosting = ReturnType<typeof hosting>;

/** hosting keeps the host key of a server, '' for none. Call it while a component is made. */
export function hosting({ id, ontrusted }: { id: () => string; ontrusted: () => void }) {
  const host = load(id, (of) => api.keys.hostKey(of));
  const shown = () => host.data?.shown.fingerprint ?? '';
  const trust = action(async (replace: boolean) => {
    await api.keys.trustHost({ id: id(), fingerprint: shown(), replace });
    await host.refresh();
    ontrusted();
  });
  const distrust = action(async () => {
    await api.keys.distrustHost({ id: id(), fingerprint: shown(), replace: false });
    await host.refresh();
  });
  return {
    trust, distrust, refresh: host.refresh,
    get data() {
      return host.data;
    },
    get problem() {
      return host.problem;
    },
    get loading() {
      return host.loading;
    },
  };
}
