// Which part of the screen of servers is shown. The switcher leads there too.
import { view } from '$lib/state';

type Place = { name: 'list' } | { name: 'add' } | { name: 'server'; id: string };

let now = $state.raw<Place>({ name: 'list' });

export const place = {
  get now(): Place {
    return now;
  },
  go(to: Place) {
    now = to;
    view.go('servers');
  },
};
