// Whether EventIdx asked for a register write.
//
// The driver stores its value, then loads EventIdx, and writes the register when the store passed it. A trace shows
// neither the store nor the load. It shows when the device read the shadow word (so what was not stored yet) and when
// it published. So for a write of `v` after a read of `r`, the driver went from some index in [r, v) to v, and
// loaded a value that was in force at that read or published later.


import { ringNeeded, ringNeededInclusive } from '../../nvme/notify.js';
import type { ControllerView } from '../controller.js';
import { MAX_PLACES, type SideState, type WordEvent } from './side-state.js';
import { furthestOf } from './sides.js';

/** The values of EventIdx that a driver may have loaded, and the index that it came from at the earliest. */
interface Loadable {
  readonly from: number;
  readonly values: readonly number[];
}

/** What the driver of a register write at `position` may have seen; undefined when the log doesn't reach back. */
function loadable(log: readonly WordEvent[], position: number): Loadable | undefined {
  const values: number[] = [];
  let from = NaN;
  for (let i = log.length - 1; i >= 0; i--) {
    const event = log[i]!;
    if (event.published) {
      values.push(event.value);
      // This one was in force at the read.
      if (!Number.isNaN(from)) return { from, values };
    } else if (Number.isNaN(from) && event.position < position) {
      from = event.value;
    }
  }
  return undefined;
}

export interface AskedFor extends Loadable {
  readonly asked: boolean;
}

/** Whether EventIdx may have asked for a register write of `value`, before it happens; undefined when the trace doesn't tell. */
export function askedFor(view: ControllerView, state: SideState | undefined, value: number): AskedFor | undefined {
  if (state === undefined || Number.isNaN(state.depth) || Number.isNaN(value) || value >= state.depth) return undefined;
  const places = state.places(value, furthestOf(view, state.queue, state.side));
  const seen = places.flatMap((position) => loadable(state.log, position) ?? []);
  if (seen.length === 0 || seen.length < places.length || places.length === MAX_PLACES) return undefined;
  const asked = seen.some(({ from, values }) => values.some((e) => ringNeeded(e, value, from) || ringNeededInclusive(e, value, from)));
  return { ...seen[0]!, asked };
}
