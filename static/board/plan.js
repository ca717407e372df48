// A plan that is only looked at: where it would bring sessions, drawn behind the day, and which would leave.
import { setup } from "./setup.js";

const leaving = new Set(setup.plan?.leaves);

/** Returns what the plan brings to the day, for the calendar to draw behind its cards; `column` names a room's. */
export function ghosts(column) {
  return (setup.plan?.comes ?? []).map(({ title, room, starts, ends }) => ({
    display: "background",
    resourceId: column(room),
    start: starts,
    end: ends,
    title,
    classNames: ["planned"],
  }));
}

/** Whether the plan takes a session away from where it stands. */
export function leaves(code) {
  return leaving.has(code);
}
